"""Writes the tables of what adapting gains, in short for the README and whole for docs/comparison.md, from results/compare.json.

The data come from `sluice bench compare ... --json Bench/results/compare.json`; the command stands in the file.
"""

import json
import statistics
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from harness.markdown import replace, table
from harness.paths import REPOSITORY

_RESULT = REPOSITORY / "Bench" / "results" / "compare.json"
_README = REPOSITORY / "README.md"
_PAGE = REPOSITORY / "docs" / "comparison.md"
# A median that is better by less is no news: rounds differ by as much.
_CLEARLY = 1.05
# In the order of columns; the single static sizes are in the report.
_TITLES = {
    "adaptive": "Sluice",
    "kernel": "the kernel alone",
    "best-static": "best static setting",
    "haproxy": "HAProxy",
    "nginx": "nginx",
    "envoy": "Envoy",
    "direct": "no proxy",
}


def figure(value: float, unit: str) -> str:
    """Three digits, in the unit that people use."""
    match unit:
        case "nanoseconds":
            return f"{value / 1e9:.3g} s" if value >= 1e9 else f"{value / 1e6:.3g} ms"
        case "bits_per_second":
            return f"{value / 1e9:.3g} Gbit/s" if value >= 1e9 else f"{value / 1e6:.3g} Mbit/s"
        case "seconds_per_gigabyte":
            return f"{value:.3g} s/GB"
        case "bytes":
            return f"{value / 2**30:.3g} GiB" if value >= 2**30 else f"{value / 2**20:.3g} MiB"
        case _:
            return f"{value:.3g}"


def clear_winner(medians: dict[str, float], better: str) -> str | None:
    """The candidate that is clearly better than every other one. No proxy is no rival."""
    ranked = sorted(
        (candidate for candidate in medians if candidate != "direct"),
        key=lambda candidate: medians[candidate],
        reverse=better == "more",
    )
    if len(ranked) < 2:
        return None
    first, second = medians[ranked[0]], medians[ranked[1]]
    ratio = second / first if better == "less" else first / second
    return ranked[0] if ratio >= _CLEARLY else None


def row(scenario: dict, claim: dict, columns: list[str]) -> list[str]:
    measure = claim["measure"]
    medians = {}
    for candidate in columns:
        values = [
            trial["values"][measure["id"]]
            for trial in scenario["trials"]
            if trial["candidate"] == candidate and measure["id"] in trial.get("values", {})
        ]
        if values:
            medians[candidate] = statistics.median(values)
    winner = clear_winner(medians, measure["better"])
    cells = []
    for candidate in columns:
        if candidate not in medians:
            # Without a proxy there is none whose CPU or memory could be measured.
            cells.append("" if candidate == "direct" else "failed")
            continue
        text = figure(medians[candidate], measure["unit"])
        cells.append(f"**{text}**" if candidate == winner else text)
    return [f"{claim['title']} (`{scenario['name']}`)", *cells]


def claims(scenario: dict) -> list[dict]:
    """What the scenario is about; and the goodput of the bulk, which a low latency must not have cost."""
    told = scenario["claims"]
    goodput = [measure for measure in scenario["measures"] if measure["id"] == "goodput"]
    if not goodput or any(claim["measure"]["id"] == "goodput" for claim in told):
        return told
    return [*told, {"title": "… and the bulk's goodput", "measure": goodput[0]}]


def rounds(result: dict) -> int:
    """Those that every candidate has had in every scenario: a run may be broken off."""
    done = [Counter(trial["candidate"] for trial in scenario["trials"]) for scenario in result["scenarios"]]
    return min(count for counts in done for count in counts.values())


def headline(scenario: dict) -> list[dict]:
    """The first claim; where the scenario goes through several services, all of them."""
    return scenario["claims"] if scenario["name"] == "end-to-end" else scenario["claims"][:1]


def markdown(result: dict, chosen: Callable[[dict], list[dict]]) -> str:
    present = {candidate for scenario in result["scenarios"] for candidate in scenario["candidates"]}
    columns = [name for name in _TITLES if name in present]
    header = [f"medians of {rounds(result)} rounds", *(_TITLES[name] for name in columns)]
    rows = [row(scenario, claim, columns) for scenario in result["scenarios"] for claim in chosen(scenario)]
    return table(header, rows)


def main() -> None:
    result = json.loads(_RESULT.read_text())
    replace(_README, "compare", markdown(result, headline))
    replace(_PAGE, "compare", markdown(result, claims))


if __name__ == "__main__":
    main()
