"""8 again: a recorded mobile link, where there is a recording."""

from pathlib import Path

from policy.cell import HOSTS, Cell, Options, Part
from policy.parts.random_cells import GOODPUT_FLOOR, LATENCY_CEILING, goodput_ratio, latency_ratio
from policy.row import Row, at_least, at_most, milliseconds, missing, percent, rate, span
from policy.trials import Comparison, middle, ratios

_ROUNDS = 2
_SECONDS = 45
_REQUIREMENT = "8 never worse, mobile"
_ASKED = f"goodput at least {GOODPUT_FLOOR} x, p99 at most {LATENCY_CEILING} x the kernel's"
_LOADS = {"down": "requests-download", "up": "requests-upload"}


def names(directory: str) -> list[str]:
    """Recordings that have both directions."""
    files = {path.name for path in Path(directory).iterdir()}
    return sorted(name[:-5] for name in files if name.endswith(".down") and f"{name[:-5]}.up" in files)


def cells(options: Options) -> list[Cell]:
    return [
        Comparison(
            key=f"{name}, {way}, {hosts}",
            scenario=("--link", _link(Path(options.traces) / name), "--load", load),
            candidates=("kernel", "adaptive"),
            rounds=options.rounds_of(_ROUNDS),
            duration=options.pick(_SECONDS, 3),
            host_cc=hosts,
        )
        for name in names(options.traces)[: 1 if options.quick else None]
        for way, load in _LOADS.items()
        for hosts in HOSTS
    ]


def _link(base: Path) -> str:
    """As far from the next base station as people are, with the queue that operators have."""
    path = base.resolve()
    return f"delay=20ms,queue=512KB,down.trace={path}.down,up.trace={path}.up"


def _refusal(options: Options) -> str | None:
    if not options.traces:
        return "no recordings: name a directory with NAME.down and NAME.up by TRACES or --traces"
    if not Path(options.traces).is_dir():
        return f"{options.traces} is no directory"
    return None if names(options.traces) else f"no NAME.down with its NAME.up in {options.traces}"


def rows(results: dict[str, dict]) -> list[Row]:
    found = [row for key, result in results.items() if (row := _row(key, result))]
    return found or [missing(_REQUIREMENT, _ASKED)]


def _row(key: str, result: dict) -> Row | None:
    goodput, latency = goodput_ratio(result), latency_ratio(result)
    if goodput is None or latency is None:
        return None
    p99 = [middle(result, name, "response_p99") for name in ("adaptive", "kernel")]
    rates = [middle(result, name, "goodput") for name in ("adaptive", "kernel")]
    found = ratios(result, "adaptive", "kernel", "goodput")
    return Row(
        _REQUIREMENT,
        key,
        _ASKED,
        f"{goodput:.2f} x ({rate(rates[0])}), p99 {latency:.2f} x ({milliseconds(p99[0])})",
        f"the kernel alone: {rate(rates[1])}, p99 {milliseconds(p99[1])}",
        min(at_least(goodput, GOODPUT_FLOOR), at_most(latency, LATENCY_CEILING)),
        len(found),
        span(found, percent),
    )


PART = Part("lte", "A recorded mobile link", cells, rows, jobs=2, refusal=_refusal)
