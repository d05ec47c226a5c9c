"""What is measured: one scenario each, as a load on a fresh origin behind a fresh proxy."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from harness import origins
from harness.programs import UnexpectedOutput
from harness.server import Server
from peers import loads
from peers.results import Metric, ScenarioRecord

GIGABYTE = 1e9
REQUEST_BLOCK = 100_000

CONNRATE_CLIENTS = 20


@dataclass(frozen=True)
class Sizes:
    """How much load a run applies: counts, so that every candidate does the same work."""

    bulk_seconds: int
    redis50_requests: int
    redis1_requests: int
    # Below the 28,232 ephemeral ports of a default Linux: no run needs a port twice, whatever tcp_tw_reuse says.
    connections: int
    idle_connections: int


FULL = Sizes(5, redis50_requests=300_000, redis1_requests=40_000, connections=25_000, idle_connections=3_500)
QUICK = Sizes(1, redis50_requests=10_000, redis1_requests=2_000, connections=2_000, idle_connections=300)


@dataclass(frozen=True)
class Bed:
    """One run's servers. Without a proxy the load goes to the origin itself."""

    origin: Server
    proxy: Server | None

    @property
    def port(self) -> int:
        return self.proxy.port if self.proxy else self.origin.port


@dataclass(frozen=True)
class Scenario:
    """A load, the origin that it needs, and what it yields."""

    name: str
    record: ScenarioRecord
    # Of one measurement, servers included; for the estimate that is printed before a run.
    estimated_seconds: float
    has_direct: bool
    origin: Callable[[], Server]
    measure: Callable[[Bed], dict[str, float]]


_CPU_PER_GIGABYTE = Metric("cpu_seconds_per_gigabyte", "CPU s per GB", "lower")
_CPU_PER_REQUESTS = Metric("cpu_seconds_per_100k", "CPU s per 100,000", "lower")
_REQUEST_METRICS = [
    Metric("per_second", "requests/s", "higher"),
    Metric("p50_milliseconds", "p50, ms", "lower"),
    Metric("mean_milliseconds", "mean, ms", "lower"),
    _CPU_PER_REQUESTS,
]


Result = TypeVar("Result")


def _with_cpu(bed: Bed, load: Callable[[], Result]) -> tuple[Result, float | None]:
    """Applies a load. Also returns the CPU seconds that the proxy used meanwhile; None without a proxy."""
    if bed.proxy is None:
        return load(), None
    before = bed.proxy.cpu_seconds()
    result = load()
    return result, bed.proxy.cpu_seconds() - before


def _cpu_per(metric: Metric, used: float | None, amount: float) -> dict[str, float]:
    """The proxy's CPU time per amount of work; nothing without a proxy."""
    return {} if used is None else {metric.name: used / amount}


def _bulk(streams: int, sizes: Sizes) -> Scenario:
    def measure(bed: Bed) -> dict[str, float]:
        bulk, used = _with_cpu(bed, lambda: loads.iperf3(bed.port, streams, sizes.bulk_seconds))
        values = {"gigabits_per_second": bulk.bits_per_second / 1e9}
        return values | _cpu_per(_CPU_PER_GIGABYTE, used, bulk.bytes / GIGABYTE)

    record = ScenarioRecord(
        title=f"bulk, {streams} stream{'s' if streams > 1 else ''}",
        load=f"iperf3 --parallel {streams} --time {sizes.bulk_seconds}",
        metrics=[Metric("gigabits_per_second", "Gbit/s", "higher"), _CPU_PER_GIGABYTE],
    )
    return Scenario(f"bulk{streams}", record, sizes.bulk_seconds + 1.0, True, origins.iperf3, measure)


def _redis(clients: int, requests: int) -> Scenario:
    def measure(bed: Bed) -> dict[str, float]:
        result, used = _with_cpu(bed, lambda: loads.redis_get(bed.port, clients, requests))
        values = {
            "per_second": result.per_second,
            "p50_milliseconds": result.p50_milliseconds,
            "mean_milliseconds": result.mean_milliseconds,
        }
        return values | _cpu_per(_CPU_PER_REQUESTS, used, requests / REQUEST_BLOCK)

    record = ScenarioRecord(
        title=f"Redis GET, {clients} client{'s' if clients > 1 else ''}",
        load=f"redis-benchmark -t get -c {clients} -n {requests}",
        metrics=_REQUEST_METRICS,
    )
    expected_rate = 60_000 if clients > 1 else 9_000
    return Scenario(f"redis{clients}", record, requests / expected_rate + 1.0, True, origins.redis, measure)


def _connrate(sizes: Sizes) -> Scenario:
    def measure(bed: Bed) -> dict[str, float]:
        received = loads.redis_connections_received(bed.origin.port)
        result, used = _with_cpu(
            bed, lambda: loads.redis_get(bed.port, CONNRATE_CLIENTS, sizes.connections, keep_alive=False)
        )
        received = loads.redis_connections_received(bed.origin.port) - received
        if received < sizes.connections:
            raise UnexpectedOutput(f"connrate: the origin saw {received} connections instead of {sizes.connections}")
        values = {"per_second": result.per_second}
        return values | _cpu_per(_CPU_PER_REQUESTS, used, sizes.connections / REQUEST_BLOCK)

    record = ScenarioRecord(
        title="connect, one request, close",
        load=f"redis-benchmark -t get -k 0 -c {CONNRATE_CLIENTS} -n {sizes.connections}",
        metrics=[Metric("per_second", "connections/s", "higher"), _CPU_PER_REQUESTS],
    )
    return Scenario("connrate", record, sizes.connections / 12_000 + 1.0, True, origins.redis, measure)


def _idle(sizes: Sizes) -> Scenario:
    def measure(bed: Bed) -> dict[str, float]:
        if bed.proxy is None:
            raise ValueError("idle measures a proxy's memory")
        grown = loads.idle_growth(bed.port, sizes.idle_connections, bed.proxy.rss_bytes)
        return {"bytes_per_connection": grown}

    record = ScenarioRecord(
        title="idle connections",
        load=f"{sizes.idle_connections} connections, one PING and its reply each, then silence",
        metrics=[Metric("bytes_per_connection", "resident bytes per connection", "lower")],
    )
    return Scenario("idle", record, sizes.idle_connections / 2_000 + 7.0, False, origins.redis, measure)


def all_scenarios(sizes: Sizes) -> list[Scenario]:
    """Every scenario, in the order in which a round runs them."""
    return [
        _bulk(1, sizes),
        _bulk(8, sizes),
        _redis(50, sizes.redis50_requests),
        _redis(1, sizes.redis1_requests),
        _connrate(sizes),
        _idle(sizes),
    ]
