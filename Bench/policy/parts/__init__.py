"""One module for each part, in the order in which they run."""

from policy.cell import Part
from policy.parts import changes, competition, cost, lfn, loss, lte, queue, random_cells, readers, sweep, variance

ALL: list[Part] = [
    module.PART
    for module in (queue, lfn, loss, readers, variance, changes, random_cells, lte, sweep, competition, cost)
]
