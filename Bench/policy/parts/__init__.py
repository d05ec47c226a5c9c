"""One module for each part, in the order of the report."""

from policy.cell import Part
from policy.parts import random_cells, sweep

ALL: list[Part] = [random_cells.PART, sweep.PART]


def named(name: str) -> Part:
    return next(part for part in ALL if part.name == name)
