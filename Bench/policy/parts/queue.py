"""1: bulk beside a small request/response flow, in either direction."""

from policy.cell import HOSTS, Cell, Options, Part
from policy.row import Row, at_least, at_most, median, milliseconds, missing, percent, span
from policy.trials import Comparison, middle, ratios, values

# The small flow's p95 at most so many of the idle round trips, and so much more.
_RTTS = 1.3
_MORE_NANOSECONDS = 5e6
_GOODPUT_FLOOR = 0.96
_ROUNDS = 3
_SECONDS = 12
_REQUIREMENT = "1 bloated queue"
_ASKED_P95 = "p95 of the small flow at most 1.3 x the unloaded RTT + 5 ms"
_ASKED_GOODPUT = "goodput at least 96 % of the kernel's"

# A home line, both ways, and the two paths of the prototype.
_PLACES = {
    "home line, down": ("--scenario", "rr-dsl"),
    "home line, up": ("--scenario", "rr-dsl-up"),
    "50 Mbit/s, 20 ms, down": ("--link", "rate=50mbit,delay=10ms,queue=200ms", "--load", "requests-download"),
    "10 Mbit/s, 40 ms, up": ("--link", "rate=10mbit,delay=20ms,queue=250ms", "--load", "requests-upload"),
}


def cells(options: Options) -> list[Cell]:
    return [
        Comparison(
            key=f"{place}, {hosts}",
            scenario=scenario,
            candidates=("kernel", "adaptive"),
            rounds=options.rounds_of(_ROUNDS),
            duration=options.pick(_SECONDS, 2),
            host_cc=hosts,
        )
        for place, scenario in _PLACES.items()
        for hosts in HOSTS
    ]


def bound(result: dict) -> float | None:
    """Of the idle RTT that Sluice's own trials saw."""
    idle = middle(result, "adaptive", "idle_response_p50")
    return None if idle is None else _RTTS * idle + _MORE_NANOSECONDS


def rows(results: dict[str, dict]) -> list[Row]:
    found = [row for key, result in results.items() for row in _rows_of(key, result)]
    return found or [missing(_REQUIREMENT, _ASKED_P95), missing(_REQUIREMENT, _ASKED_GOODPUT)]


def _rows_of(key: str, result: dict) -> list[Row]:
    p95 = list(values(result, "adaptive", "response_p95").values())
    kernel = middle(result, "kernel", "response_p95")
    most = bound(result)
    goodput = ratios(result, "adaptive", "kernel", "goodput")
    if not p95 or kernel is None or most is None or not goodput:
        return []
    return [
        Row(
            _REQUIREMENT,
            key,
            _ASKED_P95,
            f"{milliseconds(median(p95))} (at most {milliseconds(most)})",
            f"the kernel alone: {milliseconds(kernel)}",
            at_most(median(p95), most),
            len(p95),
            span(p95, milliseconds),
        ),
        Row(
            _REQUIREMENT,
            key,
            _ASKED_GOODPUT,
            percent(median(goodput)),
            "",
            at_least(median(goodput), _GOODPUT_FLOOR),
            len(goodput),
            span(goodput, percent),
        ),
    ]


PART = Part("queue", "A small flow beside bulk in a bloated queue", cells, rows)
