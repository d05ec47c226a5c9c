"""Writes a run's results down as Markdown. Pure: results in, text out."""

from harness.markdown import number, table
from peers.results import Metric, Results
from peers.spread import Spread, paired_ratios, spread
from peers.targets import SUBJECT, Verdict, judge


def with_range(values: Spread) -> str:
    """`median (lowest..highest)`."""
    return f"{number(values.median)} ({number(values.lowest)}..{number(values.highest)})"


def markdown(results: Results) -> str:
    """The whole report."""
    sections = [
        "# Sluice beside HAProxy, nginx and Envoy",
        _preface(results),
        _machine(results),
        "## Targets",
        _targets(judge(results)),
    ]
    for name, record in results.scenarios.items():
        sections += [f"## {name}: {record.title}", f"`{record.load}`", _scenario(results, name)]
    return "\n\n".join(sections) + "\n"


def _preface(results: Results) -> str:
    quick = " **A quick run: it shows that everything works, its numbers mean nothing.**" if results.quick else ""
    return (
        f"Generated from `peers.json`, measured on {results.date}, {results.rounds} "
        f"round{'s' if results.rounds > 1 else ''}, one worker each, alternating, everything on one host over "
        f"loopback: `{' '.join(results.command)}`.{quick} A cell is the median of the rounds (lowest..highest). A "
        "ratio is taken within each round, and then its median and range over the rounds. What each scenario measures, "
        "and its caveats, stand in `Bench/README.md`."
    )


def _machine(results: Results) -> str:
    facts = [[name.replace("_", " "), str(value)] for name, value in {**results.machine, **results.versions}.items()]
    return table(["measured on", ""], facts, alignment="---")


def _targets(verdicts: list[Verdict]) -> str:
    if not verdicts:
        return f"The run had no {SUBJECT}."
    rows = []
    for verdict in verdicts:
        target = verdict.target
        rows.append(
            [
                f"{target.scenario} {target.metric.replace('_', ' ')}",
                f"{target.comparison} {target.bound:g} x {verdict.reference}",
                with_range(verdict.ratio),
                f"{verdict.rounds_met} of {verdict.rounds}",
                ("met" if verdict.met else "missed") + (" (an aim)" if target.is_aim else ""),
            ]
        )
    return table(["metric", "target", "ratio", "rounds", "verdict"], rows)


def _scenario(results: Results, scenario: str) -> str:
    metrics = results.scenarios[scenario].metrics
    names = dict.fromkeys(name for metric in metrics for name in results.candidates(scenario, metric.name))
    header = ["", *(metric.unit for metric in metrics), f"{SUBJECT} / it, {metrics[0].unit}"]
    rows = []
    for name in names:
        cells = [_cell(results, scenario, metric, name) for metric in metrics]
        rows.append([name, *cells, _ratio(results, scenario, metrics[0], name)])
    return table(header, rows)


def _cell(results: Results, scenario: str, metric: Metric, candidate: str) -> str:
    values = results.by_round(scenario, metric.name, candidate)
    return with_range(spread(list(values.values()))) if values else ""


def _ratio(results: Results, scenario: str, metric: Metric, candidate: str) -> str:
    if candidate == SUBJECT:
        return ""
    ratios = paired_ratios(
        results.by_round(scenario, metric.name, SUBJECT), results.by_round(scenario, metric.name, candidate)
    )
    return with_range(spread(ratios)) if ratios else ""
