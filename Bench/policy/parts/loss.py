"""3: random loss on CUBIC hosts, where the kernel offers BBR."""

from pathlib import Path

from policy.cell import Cell, Options, Part
from policy.row import Row, at_least, median, missing, percent, rate
from policy.trials import Comparison, middle, warm_goodputs

_MEGABITS = 100
_LOSSES = (0.1, 0.5, 1, 2)
_ROUND_TRIPS = (40, 100, 150)
_SECONDS = 10
# The first sight of losses, and of a path: a share of the line has another meaning after it.
_WARM_SECONDS = 4
_SHARE = 0.8
_REQUIREMENT = "3 loss"
_ASKED = f"at least {percent(_SHARE)} of the line in every cell"
_WHERE = "0.1 to 2 %, 40 to 150 ms, cubic"
_AVAILABLE = Path("/proc/sys/net/ipv4/tcp_available_congestion_control")


def cells(options: Options) -> list[Cell]:
    losses, round_trips = (_LOSSES[2:3], _ROUND_TRIPS[:1]) if options.quick else (_LOSSES, _ROUND_TRIPS)
    link = "rate={rate}mbit,delay={delay:g}ms,queue=1bdp,loss={loss}%"
    return [
        Comparison(
            key=f"{loss} %, {round_trip} ms",
            scenario=("--link", link.format(rate=_MEGABITS, delay=round_trip / 2, loss=loss), "--load", "download"),
            candidates=("kernel", "adaptive"),
            rounds=options.rounds_of(1),
            duration=options.pick(_SECONDS, 5),
            keeps_series=True,
        )
        for round_trip in round_trips
        for loss in losses
    ]


def _refusal(options: Options) -> str | None:
    return None if "bbr" in _AVAILABLE.read_text().split() else "this kernel has no BBR: modprobe tcp_bbr"


def shares(results: dict[str, dict], candidate: str) -> dict[str, float]:
    """Of the line, from the first byte on."""
    found = {key: middle(result, candidate, "goodput") for key, result in results.items()}
    return {key: value / (_MEGABITS * 1e6) for key, value in found.items() if value is not None}


def rows(results: dict[str, dict]) -> list[Row]:
    adaptive, kernel = shares(results, "adaptive"), shares(results, "kernel")
    if not adaptive:
        return [missing(_REQUIREMENT, _ASKED)]
    warm = {
        key: median(found) / (_MEGABITS * 1e6)
        for key, result in results.items()
        if (found := warm_goodputs(result, "adaptive", _WARM_SECONDS))
    }
    kernel_text = f"the kernel alone: median {rate(median(list(kernel.values())) * _MEGABITS * 1e6)}" if kernel else ""
    trials = sum(trial["candidate"] == "adaptive" for result in results.values() for trial in result["trials"])
    return [
        _row(f"{_WHERE}, {_SECONDS} s from the first byte on", adaptive, kernel_text, trials),
        _row(f"{_WHERE}, after the first {_WARM_SECONDS} s", warm, kernel_text, trials),
    ]


def _row(where: str, found: dict[str, float], baseline: str, trials: int) -> Row:
    if not found:
        return missing(_REQUIREMENT, _ASKED, where)
    worst = min(found, key=found.get)
    enough = sum(value >= _SHARE for value in found.values())
    return Row(
        _REQUIREMENT,
        where,
        _ASKED,
        f"{enough} of {len(found)} cells, median {percent(median(list(found.values())))}",
        baseline,
        at_least(found[worst], _SHARE),
        trials,
        f"worst {percent(found[worst])} at {worst}",
    )


PART = Part("loss", "Bulk on paths with random loss", cells, rows, refusal=_refusal)
