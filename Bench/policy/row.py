"""A row of the report: what is asked, what was measured, and whether that is enough. Pure."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    # "1 queue": the requirement's number, and what it is about.
    requirement: str
    # The situation: path, load, hosts.
    where: str
    asked: str
    measured: str
    baseline: str
    # How far it is from what is asked: 1 is just met, 0.5 half as good, 2 twice as good. Nothing where it was not measured, or
    # not as it is asked.
    margin: float | None
    # How many trials stand behind it, and what they spread over.
    trials: int
    spread: str = ""

    @property
    def met(self) -> bool | None:
        return None if self.margin is None else self.margin >= 1

    @property
    def verdict(self) -> str:
        return "not measured" if self.met is None else "yes" if self.met else "no"


def missing(requirement: str, asked: str, reason: str = "") -> Row:
    """For a requirement without a result."""
    return Row(requirement, reason, asked, "", "", None, 0)


def at_least(value: float, limit: float) -> float:
    """A margin."""
    return value / limit


def at_most(value: float, limit: float) -> float:
    """A margin."""
    return limit / value if value > 0 else math.inf


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def quantile(values: Sequence[float], fraction: float) -> float:
    """Linear between the two nearest."""
    ordered = sorted(values)
    place = fraction * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def share(values: Sequence[bool]) -> float:
    return sum(values) / len(values)


def jain(rates: Sequence[float]) -> float:
    """Jain's index: 1 where all get the same, 1/n where one gets everything (Jain, Chiu, Hawe, 1984)."""
    squares = sum(rate * rate for rate in rates)
    return sum(rates) ** 2 / (len(rates) * squares) if squares else 0.0


# What figures look like.


def milliseconds(nanoseconds: float) -> str:
    return f"{nanoseconds / 1e9:.2f} s" if nanoseconds >= 1e9 else f"{nanoseconds / 1e6:.3g} ms"


def rate(bits_per_second: float) -> str:
    return f"{bits_per_second / 1e6:.3g} Mbit/s"


def percent(value: float) -> str:
    return f"{value:.1%}".replace(".0%", "%").replace("%", " %")


def span(values: Sequence[float], text=lambda value: f"{value:.3g}") -> str:
    """The range of some values."""
    return f"{text(min(values))} .. {text(max(values))}" if values else ""
