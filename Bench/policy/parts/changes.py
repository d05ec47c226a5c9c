"""6: the path changes in mid-flow."""

import re

from policy.cell import HOSTS, Cell, Options, Part
from policy.row import Row, at_least, median, missing, percent
from policy.trials import Comparison

_CHANGE_SECONDS = 8
# From the change to the trial's end.
_AFTER_SECONDS = 10
# So long after the change the new optimum has to be reached, and from then on it is looked at.
_LIMIT_SECONDS = 5
# The link's clock begins when the client is started, the client's own when it has met the server.
_LATE_SECONDS = 0.5
_SHARE = 0.9
# Payload in a full packet with timestamps.
_PAYLOAD = 1448 / 1500
_REQUIREMENT = "6 changes"
_ASKED = f"{percent(_SHARE)} of the new optimum {_LIMIT_SECONDS} s after the change"

# Title: the link, the rate afterwards in Mbit/s, the round-trip time afterwards in ms.
_CHANGES = {
    "the rate doubles": ("rate=20mbit,delay=20ms,queue=200ms,at={at}:rate=40mbit", 40, 40),
    "the rate halves": ("rate=40mbit,delay=20ms,queue=200ms,at={at}:rate=20mbit", 20, 40),
    "50 ms longer": ("rate=40mbit,delay=10ms,queue=200ms,at={at}:delay=35ms", 40, 70),
    "50 ms shorter": ("rate=40mbit,delay=35ms,queue=200ms,at={at}:delay=10ms", 40, 20),
}
_LOADS = {"down": "download", "up": "upload"}


def cells(options: Options) -> list[Cell]:
    at = options.pick(_CHANGE_SECONDS, 1)
    return [
        Comparison(
            key=f"{title}, {way}, {hosts}",
            scenario=("--link", link.format(at=f"{at:g}s"), "--load", load),
            candidates=("kernel", "adaptive"),
            rounds=options.rounds_of(1),
            duration=at + options.pick(_AFTER_SECONDS, _LIMIT_SECONDS + 2),
            host_cc=hosts,
            keeps_series=True,
        )
        for title, (link, _, _) in list(_CHANGES.items())[: 1 if options.quick else None]
        for way, load in _LOADS.items()
        for hosts in HOSTS
    ]


def change_seconds(link: str) -> float:
    """When it came, by the link's own description."""
    return float(re.search(r"\bat=([0-9.]+)s:", link)[1])


def share_after(trial: dict, changed: float, megabits: float) -> float | None:
    """Of what the new path can carry, from the limit after the change to the end of the trial."""
    series = trial.get("goodput_series") or []
    rest = series[round((changed - _LATE_SECONDS + _LIMIT_SECONDS) / trial.get("interval", 1)) :]
    return sum(rest) / len(rest) / (megabits * 1e6 * _PAYLOAD) if rest else None


def seconds_to_share(trial: dict, changed: float, megabits: float) -> float | None:
    """From the change until a second of goodput came to the share that is asked for. Nothing where it never did."""
    length = trial.get("interval", 1)
    first = round((changed - _LATE_SECONDS) / length)
    width = round(1 / length)
    series = trial.get("goodput_series") or []
    for begin in range(first, len(series) - width + 1):
        if sum(series[begin : begin + width]) / width >= _SHARE * megabits * 1e6 * _PAYLOAD:
            return (begin + width - first) * length
    return None


def queue_after(trial: dict, changed: float, way: str) -> float | None:
    """The median wait in the queue of the seconds after the limit, milliseconds."""
    seconds = (trial.get("queue_ms_series") or {}).get(way, [])
    rest = seconds[round(changed) + _LIMIT_SECONDS :]
    return median(rest) if rest else None


def rows(results: dict[str, dict]) -> list[Row]:
    found = [row for key, result in results.items() if (row := _row(key, result))]
    return found or [missing(_REQUIREMENT, _ASKED)]


def _row(key: str, result: dict) -> Row | None:
    title, way, _ = key.split(", ")
    _, megabits, round_trip = _CHANGES[title]
    changed = change_seconds(result["link"])
    trials = {name: [t for t in result["trials"] if t["candidate"] == name] for name in ("kernel", "adaptive")}
    shares = {
        name: [share for trial in of if (share := share_after(trial, changed, megabits)) is not None]
        for name, of in trials.items()
    }
    if not shares["adaptive"]:
        return None
    reached = [seconds_to_share(trial, changed, megabits) for trial in trials["adaptive"]]
    times = [time for time in reached if time is not None]
    queues = {name: [q for trial in of if (q := queue_after(trial, changed, way)) is not None] for name, of in trials.items()}
    first = f"reached after {max(times):g} s" if len(times) == len(reached) else "not reached"
    return Row(
        _REQUIREMENT,
        key,
        _ASKED,
        f"{percent(median(shares['adaptive']))}, {first}{_queue(queues['adaptive'])}",
        f"the kernel alone: {percent(median(shares['kernel']))}{_queue(queues['kernel'])}" if shares["kernel"] else "",
        at_least(median(shares["adaptive"]), _SHARE),
        len(shares["adaptive"]),
        f"RTT then {round_trip} ms",
    )


def _queue(found: list[float]) -> str:
    return f", queue {median(found):.3g} ms" if found else ""


PART = Part("changes", "Rate and round-trip time change in mid-flow", cells, rows, jobs=2)
