"""10: what adapting costs, and what it allocates."""

import json
import shlex
import tempfile
from dataclasses import dataclass
from pathlib import Path

from harness import lab
from harness.programs import UnexpectedOutput
from policy import stand
from policy.cell import Cell, Options, Part
from policy.row import Row, at_most, median, missing, percent, span

_CONNECTIONS = 4000
_QUICK_CONNECTIONS = 200
# A client of the bench has at most 1,024 connections, and a server one client.
_CLIENTS = 4
_SECONDS = 20
_ROUNDS = 4
_SHARE = 0.02
# Rounds in which one side got less traffic through than this share of the other's are no comparison.
_SAME_TRAFFIC = 0.97
_REQUIREMENT = "10 cost"
_ASKED_CPU = f"at most {percent(_SHARE)} of one core at {_CONNECTIONS:,} active connections"
_ASKED_ALLOCATIONS = "no allocation per sample"
_ALLOCATIONS = "allocations"
_PER_MEBIBYTE = ("allocations_per_mebibyte_downstream", "allocations_per_mebibyte_upstream")

# Fast enough that it is never the bottleneck, and far enough that there is a path to adapt to.
_LINK = "rate=1gbit,delay=5ms,queue=1bdp"
# Fewer than the client and the machine can do: both policies shall carry the same.
_LOADS = {
    "requests, one a second each": ("--mode", "rr", "--rate", "{requests}"),
    "downloads of 16 kbit/s each": ("--mode", "stream", "--reverse", "--length", "1K", "--bitrate", "{bits}"),
}


@dataclass(frozen=True)
class Load:
    """Many connections through one policy; the proxy's CPU time while they run."""

    key: str
    policy: str
    arguments: tuple[str, ...]
    length: float

    @property
    def seconds(self) -> float:
        return self.length + 6

    def measure(self, options: Options) -> dict:
        connections = _QUICK_CONNECTIONS if options.quick else _CONNECTIONS
        with tempfile.TemporaryDirectory(prefix="sluice-policy-") as name:
            directory = Path(name)
            pid = directory / "pid"
            outputs = [directory / f"client-{number}.json" for number in range(_CLIENTS)]
            servers = [
                shlex.join([options.sluice, "bench", "server", "--listen", f"0.0.0.0:{stand.ORIGIN_PORT + number}"])
                for number in range(_CLIENTS)
            ]
            proxy = stand.proxy(options.sluice, directory, self.policy, routes=_CLIENTS)
            clients = [
                f'{self.client(options.sluice, number, connections // _CLIENTS)} --observe-pid "$(cat {pid})" > {output}'
                for number, output in enumerate(outputs)
            ]
            lab.run(
                options.sluice,
                _LINK,
                stand.both(*servers, f"{proxy} & echo $! > {pid}"),
                stand.READY + stand.both(*clients),
                "cubic",
                limit_seconds=round(self.length) + 60,
            )
            results = [json.loads(output.read_text()) for output in outputs]
        return {"policy": self.policy, "connections": connections, **told(results)}

    def client(self, sluice: str, number: int, connections: int) -> str:
        words = [word.format(requests=connections, bits=16_000 * connections) for word in self.arguments]
        command = [sluice, "bench", "client", f"{lab.SERVER}:{stand.PROXY_PORT + number}", "--json", "--connect-timeout", "20"]
        command += ["--time", f"{self.length:g}", "--parallel", str(connections), "--drain", "1", *words]
        return shlex.join(command)


def told(results: list[dict]) -> dict:
    """Of what the clients wrote: the proxy's share of one core, which each saw for itself, and what it was for."""
    for result in results:
        if problem := result.get("problem"):
            raise UnexpectedOutput(f"sluice bench: {problem}")
    shares = [result["observed"]["cpuSeconds"] / result["seconds"] for result in results]
    return {
        "share_of_one_core": round(median(shares), 5),
        "requests": sum(result["client"].get("tallies", {}).get("requests", 0) for result in results),
        "bytes": sum(lane["bytes"] for result in results for lane in result["client"]["lanes"]),
    }


@dataclass(frozen=True)
class Allocations:
    """The allocation gate: bulk under the default policy, which is sampled all the time, in the middle of a transfer."""

    key: str = _ALLOCATIONS
    seconds: float = 8

    def measure(self, options: Options) -> dict:
        from alloc.alloc_gate import measure

        return measure(options.sluice)


def cells(options: Options) -> list[Cell]:
    """A B, A B: what changes with the time of day changes for both."""
    loads = [
        Load(
            key=f"{title}, round {number}, {policy}",
            policy=policy,
            arguments=arguments,
            length=options.pick(_SECONDS, 4),
        )
        for title, arguments in _LOADS.items()
        for number in range(1, options.rounds_of(_ROUNDS) + 1)
        for policy in ("kernel", "adaptive")
    ]
    return [*loads, Allocations()]


def rows(results: dict[str, dict]) -> list[Row]:
    found = [row for title in _LOADS if (row := _cpu_row(results, title))]
    if _ALLOCATIONS in results:
        found.append(_allocation_row(results[_ALLOCATIONS]))
    return found or [missing(_REQUIREMENT, _ASKED_CPU), missing(_REQUIREMENT, _ASKED_ALLOCATIONS)]


def differences(results: dict[str, dict], title: str) -> list[float]:
    """Of each round: the share of one core that adapting adds."""
    found = []
    for key, adaptive in results.items():
        if key.startswith(f"{title}, ") and key.endswith(", adaptive"):
            kernel = results.get(key.removesuffix("adaptive") + "kernel")
            if kernel and _is_same_traffic(kernel, adaptive):
                found.append(adaptive["share_of_one_core"] - kernel["share_of_one_core"])
    return found


def _is_same_traffic(one: dict, other: dict) -> bool:
    """Requests where there are any: what the open loop asks for, the machine may not manage."""
    counts = [result["requests"] or result["bytes"] for result in (one, other)]
    return min(counts) >= _SAME_TRAFFIC * max(counts)


def _cpu_row(results: dict[str, dict], title: str) -> Row | None:
    found = differences(results, title)
    kernel = [
        result["share_of_one_core"]
        for key, result in results.items()
        if key.startswith(f"{title}, ") and result["policy"] == "kernel"
    ]
    if not found:
        return None
    connections = {result["connections"] for key, result in results.items() if key.startswith(f"{title}, ")}
    return Row(
        _REQUIREMENT,
        f"{max(connections):,} connections: {title}",
        _ASKED_CPU,
        f"{percent(median(found))} more",
        f"the kernel alone: {percent(median(kernel))} of one core",
        at_most(median(found), _SHARE) if connections == {_CONNECTIONS} else None,
        len(found),
        span(found, percent),
    )


def _allocation_row(result: dict) -> Row:
    most = max(result[name] for name in _PER_MEBIBYTE)
    return Row(
        _REQUIREMENT,
        "bulk over loopback, in the middle of the transfer",
        _ASKED_ALLOCATIONS,
        f"{most:g} allocations per MiB, both ways",
        "",
        1.0 if most == 0 else 0.0,
        1,
    )


PART = Part("cost", "What adapting costs", cells, rows)
