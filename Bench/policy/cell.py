"""A part of the measurement, and the cells that it consists of."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from policy.row import Row

# The hosts' congestion controls that every requirement is looked at under.
HOSTS = ("cubic", "bbr")


@dataclass(frozen=True)
class Options:
    """What a run was asked for."""

    # Path of the Sluice under measurement, and of the one that drives the lab.
    sluice: str
    # As short as it may be and still go through all of the code.
    quick: bool = False
    # In place of a part's own number of rounds, or of runs.
    rounds: int | None = None
    # In place of a part's own number of random cells.
    count: int | None = None
    seed: int = 1
    # A directory with recorded links in mahimahi's format: NAME.down and NAME.up.
    traces: str | None = None

    def pick(self, full: float, quick: float) -> float:
        """Durations: the real one, or that of a functional check."""
        return quick if self.quick else full

    def rounds_of(self, full: int) -> int:
        return self.rounds or (1 if self.quick else full)


class Cell(Protocol):
    """The smallest thing that a run can resume after."""

    # Unique in its part; what a result is found by again.
    key: str
    # What it is expected to take.
    seconds: float

    def measure(self, options: Options) -> dict: ...


@dataclass(frozen=True)
class Part:
    """One requirement, or some that the same runs answer."""

    name: str
    title: str
    cells: Callable[[Options], list[Cell]]
    # From the results of the cells by their keys, as far as there are any.
    rows: Callable[[dict[str, dict]], list[Row]]
    # How many cells may run at the same time: more than one only on links that are slow beside the machine.
    jobs: int = 1
    # Why it cannot run with these options; nothing where it can.
    refusal: Callable[[Options], str | None] = field(default=lambda options: None)
    # Cells that follow from what the others came to.
    follow_up: Callable[[Options, dict[str, dict]], list[Cell]] = field(default=lambda options, results: [])
