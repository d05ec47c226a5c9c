"""Made-up runs for the tests of targets, reports and results."""

import support  # noqa: F401
from peers.results import Metric, Results, Sample, ScenarioRecord

THROUGHPUT = Metric("gigabits_per_second", "Gbit/s", "higher")
P50 = Metric("p50_milliseconds", "p50, ms", "lower")


def run(scenario: str, metric: Metric, values: dict[str, list[float]]) -> Results:
    """A run of one scenario with one metric; the values are listed by round."""
    rounds = max(len(column) for column in values.values())
    outcome = Results(
        command=["python3", "-m", "peers", "run"],
        date="2026-01-02 03:04 UTC",
        rounds=rounds,
        quick=False,
        machine={"kernel": "6.18", "cores": 2},
        versions={"sluice": "sluice 1"},
        scenarios={scenario: ScenarioRecord("a title", "a load", [metric])},
    )
    for candidate, column in values.items():
        for number, value in enumerate(column, start=1):
            outcome.samples.append(Sample(number, scenario, candidate, {metric.name: value}))
    return outcome
