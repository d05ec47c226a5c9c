"""4: slow readers: how old their data is, what is held for them, and how soon they are served when they become faster."""

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

from harness import lab
from policy import stand
from policy.cell import HOSTS, Cell, Options, Part
from policy.row import Row, at_most, median, milliseconds, missing, percent, span
from policy.trials import Comparison, middle, ratios, values

_ROUNDS = 3
_AGE_SECONDS = 12
_MEMORY_SECONDS = 6
_PEERS = ("haproxy", "nginx", "envoy")
_AGE_SHARE = 0.1
_MEMORY_SHARE = 0.2
_SPEEDUP_RTTS = 10
_REQUIREMENT = "4 slow readers"
_ASKED_AGE = "age of data, p95, at most a tenth of HAProxy's"
_ASKED_MEMORY = "memory for 200 of them at most a fifth of each peer's"
_ASKED_SPEEDUP = f"full speed within {_SPEEDUP_RTTS} RTTs when the reader speeds up"

_SPEEDUP_RATE = 50e6
_SPEEDUP_RTT = 0.04
_SPEEDUP_LINK = "rate=50mbit,delay=20ms,queue=100ms"
_ORIGIN_LINK = "rate=1gbit,delay=1ms,queue=512KB"
_SLOW_BITS = 1_000_000
# Of the line, over two round trips.
_FULL = 0.9
_SPEEDUP_RUNS = 4


@dataclass(frozen=True)
class SpeedUp:
    """One reader of a source on another host, that reads little and then everything."""

    key: str
    policy: str
    hosts: str
    slow: float
    fast: float = 3

    @property
    def seconds(self) -> float:
        return self.slow + self.fast + 2.5

    def measure(self, options: Options) -> dict:
        with tempfile.TemporaryDirectory(prefix="sluice-policy-") as name:
            directory = Path(name)
            output = directory / "speedup.json"
            reader = ["--connect", f"{lab.SERVER}:{stand.PROXY_PORT}", "--rate", str(_SLOW_BITS), "--write", str(output)]
            reader += ["--slow", f"{self.slow:g}", "--fast", f"{self.fast:g}"]
            lab.run(
                options.sluice,
                _SPEEDUP_LINK,
                stand.origin(),
                stand.program("speedup", *reader),
                self.hosts,
                second_link=_ORIGIN_LINK,
                proxy=stand.proxy(options.sluice, directory, self.policy, lab.BEHIND),
                limit_seconds=round(self.slow + self.fast) + 60,
            )
            samples = json.loads(output.read_text())
        return {
            "link": _SPEEDUP_LINK,
            "hosts": self.hosts,
            "policy": self.policy,
            "round_trips": round_trips_to_full(samples, _SPEEDUP_RATE, _SPEEDUP_RTT),
            "megabits_by_round_trip": by_round_trip(samples, _SPEEDUP_RTT, 25),
        }


def received_at(samples: list, when: float) -> float:
    """Linear between the samples, which are (seconds, bytes)."""
    before = samples[0]
    for sample in samples:
        if sample[0] >= when:
            length = sample[0] - before[0]
            return before[1] + (sample[1] - before[1]) * ((when - before[0]) / length if length else 1)
        before = sample
    return before[1]


def by_round_trip(samples: list, round_trip: float, count: int) -> list[float]:
    """What arrived in each round trip since the reader became faster, Mbit/s."""
    marks = [received_at(samples, number * round_trip) for number in range(count + 1)]
    return [round((after - before) * 8 / round_trip / 1e6, 2) for before, after in zip(marks, marks[1:])]


def round_trips_to_full(samples: list, line: float, round_trip: float) -> float | None:
    """Until the end of the first two round trips in which the line was nearly full. Nothing where there were none."""
    width = 2 * round_trip
    step = round_trip / 8
    when = 0.0
    while when + width <= samples[-1][0]:
        got = (received_at(samples, when + width) - received_at(samples, when)) * 8 / width
        if got >= _FULL * line:
            return round((when + width) / round_trip, 2)
        when += step
    return None


def cells(options: Options) -> list[Cell]:
    ages = [
        Comparison(
            key=f"age, {hosts}",
            scenario=("--scenario", "freshness-narrow"),
            candidates=("kernel", "adaptive", "haproxy"),
            rounds=options.rounds_of(_ROUNDS),
            duration=options.pick(_AGE_SECONDS, 3),
            host_cc=hosts,
        )
        for hosts in HOSTS
    ]
    memory = Comparison(
        key="memory",
        scenario=("--scenario", "slow-readers"),
        candidates=("kernel", "adaptive", *_PEERS),
        rounds=options.rounds_of(_ROUNDS),
        duration=options.pick(_MEMORY_SECONDS, 2),
    )
    speedups = [
        SpeedUp(f"speed-up, {hosts}, run {number}, {policy}", policy, hosts, options.pick(6, 2))
        for hosts in HOSTS
        for number in range(options.rounds_of(_SPEEDUP_RUNS))
        for policy in ("kernel", "adaptive")
    ]
    return [*ages, memory, *speedups]


def rows(results: dict[str, dict]) -> list[Row]:
    found = [row for hosts in HOSTS if (row := _age_row(results.get(f"age, {hosts}"), hosts))]
    found += _memory_rows(results.get("memory"))
    found += [row for hosts in HOSTS if (row := _speedup_row(results, hosts))]
    return found or [missing(_REQUIREMENT, asked) for asked in (_ASKED_AGE, _ASKED_MEMORY, _ASKED_SPEEDUP)]


def _age_row(result: dict | None, hosts: str) -> Row | None:
    if not result:
        return None
    to_peer = ratios(result, "adaptive", "haproxy", "age_p95")
    goodput = ratios(result, "adaptive", "haproxy", "goodput")
    ages = {name: middle(result, name, "age_p95") for name in ("adaptive", "haproxy", "kernel")}
    if not to_peer or not goodput or None in ages.values():
        return None
    return Row(
        _REQUIREMENT,
        f"8 Mbit/s, 60 ms, the origin on another host, {hosts}",
        _ASKED_AGE,
        f"{milliseconds(ages['adaptive'])}: {median(to_peer):.3f} x, at {percent(median(goodput))} of its goodput",
        f"HAProxy: {milliseconds(ages['haproxy'])}, the kernel alone: {milliseconds(ages['kernel'])}",
        at_most(median(to_peer), _AGE_SHARE),
        len(to_peer),
        span(to_peer),
    )


def _memory_rows(result: dict | None) -> list[Row]:
    if not result:
        return []
    found = []
    held = list(values(result, "adaptive", "memory_held").values())
    for peer in _PEERS:
        theirs = middle(result, peer, "memory_held")
        shares = ratios(result, "adaptive", peer, "memory_held")
        if not shares or theirs is None:
            continue
        found.append(
            Row(
                _REQUIREMENT,
                "200 downloads over 50 Mbit/s, user and kernel",
                _ASKED_MEMORY,
                f"{_memory(median(held))}: {median(shares):.2f} x {peer}'s",
                f"{peer}: {_memory(theirs)}",
                at_most(median(shares), _MEMORY_SHARE),
                len(shares),
                span(shares),
            )
        )
    return found


def _memory(count: float) -> str:
    return f"{count / 2**30:.3g} GiB" if count >= 2**30 else f"{count / 2**20:.3g} MiB"


def _speedup_row(results: dict[str, dict], hosts: str) -> Row | None:
    runs = {
        policy: [
            result["round_trips"]
            for key, result in results.items()
            if key.startswith(f"speed-up, {hosts}, ") and result["policy"] == policy
        ]
        for policy in ("kernel", "adaptive")
    }
    if not runs["adaptive"]:
        return None
    adaptive = [float("inf") if number is None else number for number in runs["adaptive"]]
    kernel = [float("inf") if number is None else number for number in runs["kernel"]]
    return Row(
        _REQUIREMENT,
        f"50 Mbit/s, 40 ms, from 1 Mbit/s to all that comes, {hosts}",
        _ASKED_SPEEDUP,
        _round_trips(median(adaptive)),
        f"the kernel alone: {_round_trips(median(kernel))}" if kernel else "",
        at_most(median(adaptive), _SPEEDUP_RTTS),
        len(adaptive),
        span(adaptive, _round_trips),
    )


def _round_trips(number: float) -> str:
    return f"{number:.1f} RTTs" if number != float("inf") else "never"


PART = Part("readers", "Slow readers: age of data, memory, and speeding up", cells, rows)
