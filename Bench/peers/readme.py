"""The short table in the project's README, made from a run's results: one row a scenario, one column a candidate."""

from harness.markdown import number, table
from peers.candidates import DIRECT, PEERS
from peers.results import Metric, Results
from peers.spread import spread
from peers.targets import SUBJECT


def summary(results: Results) -> str:
    """Medians of each scenario's first metric, Sluice first. The best of the proxies is bold."""
    columns = [SUBJECT, *PEERS, DIRECT]
    header = [f"median of {results.rounds} rounds, one worker each", *("no proxy" if c == DIRECT else c for c in columns)]
    rows = [
        _row(results, scenario, metric, columns)
        for scenario, record in results.scenarios.items()
        for metric in record.metrics[:1]
    ]
    return table(header, rows)


def _row(results: Results, scenario: str, metric: Metric, columns: list[str]) -> list[str]:
    medians = {
        candidate: spread(list(values.values())).median
        for candidate in columns
        if (values := results.by_round(scenario, metric.name, candidate))
    }
    proxies = {name: median for name, median in medians.items() if name != DIRECT}
    pick = max if metric.better == "higher" else min
    best = pick(proxies.values())
    cells = [_cell(medians.get(name), is_best=name in proxies and medians[name] == best) for name in columns]
    return [f"{results.scenarios[scenario].title}: {metric.unit}", *cells]


def _cell(median: float | None, is_best: bool) -> str:
    if median is None:
        return ""
    return f"**{number(median)}**" if is_best else number(median)
