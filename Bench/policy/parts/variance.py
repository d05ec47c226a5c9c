"""5: how much latencies beside bulk vary."""

from policy.cell import HOSTS, Cell, Options, Part
from policy.row import Row, at_most, median, missing, span
from policy.trials import Comparison, ratios, values

_ROUNDS = 3
_SECONDS = 9
_CEILING = 2
_REQUIREMENT = "5 latency variance"
_ASKED = "p99/p50 beside bulk under 2"

# Scenario: what is looked at, and its metric.
_PLACES = {
    "tokens-dsl": ("gaps between tokens", "tokenGap"),
    "postgres-office": ("PostgreSQL SELECTs", "pgbench_select-only"),
    "redis-office": ("Redis GETs", "cacheHit"),
}


def cells(options: Options) -> list[Cell]:
    return [
        Comparison(
            key=f"{scenario}, {hosts}",
            scenario=("--scenario", scenario),
            candidates=("kernel", "adaptive"),
            rounds=options.rounds_of(_ROUNDS),
            duration=options.pick(_SECONDS, 3),
            host_cc=hosts,
            expected=10,
        )
        for scenario in _PLACES
        for hosts in HOSTS
    ]


def spreads(result: dict, candidate: str, metric: str) -> list[float]:
    """p99/p50 of each trial."""
    p99, p50 = (values(result, candidate, f"{metric}_p{percentile}") for percentile in (99, 50))
    return [p99[number] / p50[number] for number in sorted(p99.keys() & p50.keys()) if p50[number]]


def rows(results: dict[str, dict]) -> list[Row]:
    found = [row for key, result in results.items() if (row := _row(key, result))]
    return found or [missing(_REQUIREMENT, _ASKED)]


def _row(key: str, result: dict) -> Row | None:
    scenario, hosts = key.split(", ")
    title, metric = _PLACES[scenario]
    adaptive, kernel = (spreads(result, name, metric) for name in ("adaptive", "kernel"))
    if not adaptive or not kernel:
        return None
    tails = ratios(result, "adaptive", "kernel", f"{metric}_p99")
    p99 = f"p99 {median(tails):.2f} x the kernel's" if tails else ""
    return Row(
        _REQUIREMENT,
        f"{title} ({scenario}), {hosts}",
        _ASKED,
        f"{median(adaptive):.2f}, {p99}",
        f"the kernel alone: {median(kernel):.2f}",
        at_most(median(adaptive), _CEILING),
        len(adaptive),
        span(adaptive),
    )


PART = Part("variance", "Latency variance of tokens and queries beside bulk", cells, rows)
