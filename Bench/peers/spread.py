"""Medians, spreads and ratios of repeated measurements. Pure."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """The median of some values and the range that they cover."""

    median: float
    lowest: float
    highest: float


def spread(values: Sequence[float]) -> Spread:
    """With a handful of rounds the whole range says more than a deviation would."""
    return Spread(statistics.median(values), min(values), max(values))


def paired_ratios(numerators: dict[int, float], denominators: dict[int, float]) -> list[float]:
    """The ratio of each round that both sides have, in the order of the rounds.

    Both values of a pair were measured within a minute of each other: what disturbs a whole round cancels out.
    """
    return [numerators[number] / denominators[number] for number in sorted(numerators.keys() & denominators.keys())]
