"""7: beside a plain CUBIC flow in one drop-tail bottleneck, and Sluice's flows among themselves."""

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

from harness import lab
from policy import stand
from policy.cell import HOSTS, Cell, Options, Part
from policy.flows import INTERVAL_SECONDS
from policy.row import Row, at_least, jain, median, missing, span

_RUNS = 6
_SECONDS = 60
_FAIR_RUNS = 2
# What the later one of two flows needs to find its share does not count.
_SETTLE_SECONDS = 10
_SHARE = 0.85
_JAIN = 0.95
_REQUIREMENT = "7 competition"
_ASKED_SHARE = f"at least {_SHARE} x the share that a kernel-only flow gets"
_ASKED_JAIN = f"Jain's index at least {_JAIN}"

# Each run has the next one: the queue decides what a flow can get beside CUBIC.
_PLACES = (
    "rate=20mbit,delay=15ms,queue=1bdp",
    "rate=20mbit,delay=15ms,queue=3bdp",
    "rate=60mbit,delay=15ms,queue=120ms",
)
_CASES = (("down", "cubic"), ("up", "cubic"), ("down", "bbr"))
# When each flow begins, seconds; the last ones are latecomers.
_GROUPS = {"two": (0, 15), "eight": (0, 0, 0, 0, 5, 10, 15, 20)}
_GROUP_LINK = "rate=40mbit,delay=15ms,queue=200ms"
_DIRECT = f"{lab.SERVER}:{stand.ORIGIN_PORT}"
_PROXIED = f"{lab.SERVER}:{stand.PROXY_PORT}"


@dataclass(frozen=True)
class Flows:
    """Some flows over one link, through a proxy or past it."""

    key: str
    policy: str
    link: str
    hosts: str
    flows: tuple[str, ...]
    length: float

    @property
    def seconds(self) -> float:
        return self.length + 3

    def measure(self, options: Options) -> dict:
        with tempfile.TemporaryDirectory(prefix="sluice-policy-") as name:
            directory = Path(name)
            output = directory / "flows.json"
            lab.run(
                options.sluice,
                self.link,
                stand.both(stand.origin(), stand.proxy(options.sluice, directory, self.policy)),
                stand.READY + stand.flows(list(self.flows), self.length, output),
                self.hosts,
                limit_seconds=round(self.length) + 60,
            )
            flows = json.loads(output.read_text())
        return {"link": self.link, "hosts": self.hosts, "policy": self.policy, "interval": INTERVAL_SECONDS, "flows": flows}


def cells(options: Options) -> list[Cell]:
    return [*_beside(options), *_among(options)]


def _beside(options: Options) -> list[Cell]:
    """Pairs: the same place, the same turn, once with the kernel alone and once with Sluice."""
    length = options.pick(_SECONDS, 14)
    return [
        Flows(
            key=f"beside cubic, {way}, {hosts}, run {number}, {policy}",
            policy=policy,
            link=f"{_PLACES[number % len(_PLACES)]},seed={options.seed + number}",
            hosts=hosts,
            # The flow in question first, the competitor second; who begins takes turns.
            flows=(
                f"{way}:{_PROXIED}:{0 if number % 2 else 3}:",
                f"{way}:{_DIRECT}:{3 if number % 2 else 0}:cubic",
            ),
            length=length,
        )
        for way, hosts in _CASES[: 2 if options.quick else None]
        for number in range(options.rounds_of(_RUNS))
        for policy in ("kernel", "adaptive")
    ]


def _among(options: Options) -> list[Cell]:
    length = options.pick(_SECONDS, 16)
    pace = 0.2 if options.quick else 1
    return [
        Flows(
            key=f"{name} flows, {hosts}, run {number}, {policy}",
            policy=policy,
            link=f"{_GROUP_LINK},seed={options.seed + number}",
            hosts=hosts,
            flows=tuple(f"down:{_PROXIED}:{start * pace:g}:" for start in starts),
            length=length,
        )
        for name, starts in _GROUPS.items()
        for hosts in HOSTS[: 1 if options.quick else None]
        for number in range(options.rounds_of(_FAIR_RUNS))
        # One run of the kernel alone shows what there is to compare with.
        for policy in (("kernel", "adaptive") if number == 0 else ("adaptive",))
    ]


def rates(result: dict, settle: float = _SETTLE_SECONDS) -> list[float]:
    """Of each flow, bits per second, from when the last one has settled to the end of all."""
    begin = max(flow["start"] for flow in result["flows"]) + settle
    found = []
    for flow in result["flows"]:
        counted = flow["bytes"][round((begin - flow["start"]) / result["interval"]) :]
        found.append(sum(counted) * 8 / (len(counted) * result["interval"]) if counted else 0.0)
    return found


def share_of_first(result: dict) -> float:
    first, *others = rates(result)
    total = first + sum(others)
    return first / total if total else 0.0


def rows(results: dict[str, dict]) -> list[Row]:
    found = [row for way, hosts in _CASES if (row := _beside_row(results, way, hosts))]
    found += [row for name in _GROUPS for hosts in HOSTS if (row := _among_row(results, name, hosts))]
    return found or [missing(_REQUIREMENT, _ASKED_SHARE), missing(_REQUIREMENT, _ASKED_JAIN)]


def _of(results: dict[str, dict], prefix: str, policy: str) -> dict[str, dict]:
    """By the number of the run."""
    return {
        key.split(", ")[-2]: result
        for key, result in results.items()
        if key.startswith(prefix) and key.endswith(f", {policy}")
    }


def _beside_row(results: dict[str, dict], way: str, hosts: str) -> Row | None:
    prefix = f"beside cubic, {way}, {hosts}, "
    kernel, adaptive = (_of(results, prefix, policy) for policy in ("kernel", "adaptive"))
    shares = [share_of_first(result) for result in adaptive.values()]
    plain = [share_of_first(result) for result in kernel.values()]
    if not shares or not plain or not median(plain):
        return None
    times = median(shares) / median(plain)
    return Row(
        _REQUIREMENT,
        f"medians of {len(shares)} runs beside a plain CUBIC flow, {way}, {hosts}",
        _ASKED_SHARE,
        f"{times:.2f} x: a share of {median(shares):.2f}",
        f"the kernel alone: {median(plain):.2f} ({span(plain, lambda share: f'{share:.2f}')})",
        at_least(times, _SHARE),
        len(shares),
        span(shares, lambda share: f"{share:.2f}"),
    )


def _among_row(results: dict[str, dict], name: str, hosts: str) -> Row | None:
    prefix = f"{name} flows, {hosts}, "
    kernel, adaptive = (list(_of(results, prefix, policy).values()) for policy in ("kernel", "adaptive"))
    indices = [jain(rates(result)) for result in adaptive]
    plain = [jain(rates(result)) for result in kernel]
    if not indices:
        return None
    line = [sum(rates(result)) for result in adaptive]
    return Row(
        _REQUIREMENT,
        f"{name} flows, latecomers included, {hosts}",
        _ASKED_JAIN,
        f"{min(indices):.3f} in the worst run, {median(line) / 1e6:.3g} Mbit/s together",
        f"the kernel alone: {min(plain):.3f}" if plain else "",
        at_least(min(indices), _JAIN),
        len(indices),
        span(indices, lambda index: f"{index:.3f}"),
    )


PART = Part("competition", "Beside a plain CUBIC flow, and among themselves", cells, rows, jobs=2)
