"""Trials of `sluice bench compare`, and what the report needs of them."""

import json
import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from harness.paths import search_path
from harness.programs import UnexpectedOutput
from policy.cell import Options
from policy.row import median

# A trial takes about so much longer than it measures: hosts, servers, and what is still on its way.
TRIAL_OVERHEAD_SECONDS = 1.3
# What `--candidate best-static` tries in each scenario.
SWEEP_STEPS = 11
_INTERVAL_SECONDS = 0.5
# Of the bench's requests, and of the answers to them.
_REQUEST_BYTES = 128


@dataclass(frozen=True)
class Comparison:
    """One call of `sluice bench compare` with a single scenario: a cell."""

    key: str
    # What names the scenario: ("--scenario", "rr-dsl"), or ("--link", "...", "--load", "download").
    scenario: tuple[str, ...]
    candidates: tuple[str, ...]
    rounds: int
    # Of one trial; nothing for the scenario's own length, which is then about `expected`.
    duration: float | None
    host_cc: str = "cubic"
    expected: float = 8
    # Whether goodput over time and the link's queue over time are kept.
    keeps_series: bool = False

    @property
    def seconds(self) -> float:
        trials = self.rounds * len(self.candidates) + (SWEEP_STEPS if "best-static" in self.candidates else 0)
        return trials * ((self.duration or self.expected) + TRIAL_OVERHEAD_SECONDS) + 0.5

    def measure(self, options: Options) -> dict:
        result = compare(options.sluice, self.arguments(options.seed))
        scenario = result["scenarios"][0]
        if problem := shortfall(result, self.candidates):
            raise UnexpectedOutput(problem)
        return {
            "scenario": scenario["name"],
            "summary": scenario["summary"],
            "link": _without_directories(scenario.get("link")),
            "origin_link": scenario.get("originLink"),
            "hosts": scenario["congestionControl"],
            "seconds": scenario["seconds"],
            "measures": [[measure["id"], measure["better"]] for measure in scenario["measures"]],
            "versions": result["versions"],
            "sweep": _sweep(scenario.get("sweep")),
            "trials": [compact(trial, self.keeps_series) for trial in scenario["trials"]],
        }

    def arguments(self, seed: int) -> list[str]:
        arguments = [*self.scenario, "--rounds", str(self.rounds), "--seed", str(seed), "--host-cc", self.host_cc]
        if self.duration:
            arguments += ["--duration", f"{self.duration:g}s"]
        for candidate in self.candidates:
            arguments += ["--candidate", candidate]
        return arguments


def compare(sluice: str, arguments: list[str]) -> dict:
    """The whole result. Trials that failed are in it, with their reasons."""
    with tempfile.TemporaryDirectory() as directory:
        output = Path(directory) / "compare.json"
        command = [sluice, "bench", "compare", *arguments, "--json", str(output)]
        finished = subprocess.run(
            command,
            env={**os.environ, "PATH": search_path()},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
        if not output.exists():
            raise UnexpectedOutput(f"{' '.join(command[1:-2])}: {finished.stderr.strip()[-800:]}")
        return json.loads(output.read_text())


def shortfall(result: dict, candidates: tuple[str, ...]) -> str | None:
    """Why a result is not worth keeping: broken off, or without a single trial of a candidate."""
    if result["wasInterrupted"]:
        return "the comparison was interrupted"
    trials = result["scenarios"][0]["trials"]
    for candidate in candidates:
        of = [trial for trial in trials if trial["candidate"] == candidate]
        if all("failure" in trial for trial in of):
            return f"{candidate}: every trial failed: {of[0]['failure'] if of else 'there was none'}"
    return None


def compact(trial: dict, keeps_series: bool) -> dict:
    """A trial without its megabytes: its values, and what says how far to trust them."""
    small = {
        "candidate": trial["candidate"],
        "round": trial["round"],
        "values": {name: _short(value) for name, value in trial.get("values", {}).items()},
    }
    for key in ("failure", "warnings"):
        if trial.get(key):
            small[key] = trial[key]
    if "proxy" in trial:
        small["cpu_seconds"] = round(trial["proxy"]["cpuSeconds"], 4)
    results = trial.get("results", [])
    small["values"] |= {f"idle_{name}": value for name, value in _idle_medians(results).items()}
    if (total := _total_goodput(results)) is not None:
        small["values"]["total_goodput"] = _short(total)
    if keeps_series and results:
        small["interval"] = _INTERVAL_SECONDS
        small["goodput_series"] = goodput_series(results)
        small["queue_ms_series"] = _queue_series(trial.get("links", []))
    return small


def goodput_series(results: list[dict]) -> list[int]:
    """What the receivers of bulk got in each interval, bits per second.

    A busy machine takes its own intervals late, and longer ones: they are laid over even ones.
    """
    flows = [
        flow
        for side in _sides(results)
        for flow in side.get("flows", [])
        if flow["role"] == "receiver" and flow["points"]
    ]
    end = max((flow["points"][-1]["end"] for flow in flows), default=0)
    # What is left of the last interval is too short to be a rate.
    sums = [0.0] * int(end / _INTERVAL_SECONDS + 0.1)
    for point in (point for flow in flows for point in flow["points"] if point["end"] > point["start"]):
        density = point["bytes"] * 8 / (point["end"] - point["start"])
        for index in range(len(sums)):
            begin = index * _INTERVAL_SECONDS
            overlap = min(point["end"], begin + _INTERVAL_SECONDS) - max(point["start"], begin)
            sums[index] += density * max(0.0, overlap)
    return [round(bits / _INTERVAL_SECONDS) for bits in sums]


def _sides(results: list[dict]) -> list[dict]:
    return [side for result in results for side in (result["client"], result.get("server") or {})]


def _total_goodput(results: list[dict]) -> float | None:
    """Of bulk and of the requests beside it, bits per second; `None` without requests.

    They are sent one after the other: a path that answers them sooner carries more of them, and leaves bulk less.
    """
    sides = _sides(results)
    received = [lane for side in sides for lane in side.get("lanes", []) if lane.get("role") == "receiver"]
    answers = sum(
        latency["histogram"]["count"]
        for side in sides
        for latency in side.get("latencies", [])
        if latency["metric"] == "response" and latency["phase"] == "loaded"
    )
    if not received or not answers:
        return None
    seconds = max(lane["seconds"] for lane in received)
    return sum(8 * lane["bytes"] / lane["seconds"] for lane in received) + 8 * _REQUEST_BYTES * answers / seconds


def _idle_medians(results: list[dict]) -> dict[str, float]:
    """Of the latencies before the bulk begins: the path's own."""
    return {
        latency["metric"] + "_p50": _short(latency["histogram"]["p50"])
        for result in results
        for latency in result["client"].get("latencies", [])
        if latency["phase"] == "idle" and latency["histogram"]["count"]
    }


def _queue_series(links: list[dict]) -> dict[str, list[float]]:
    """The median wait in the queue of the clients' link in each second, milliseconds."""
    if not links:
        return {}
    return {
        way: [round(second["queueDelay"]["p50Milliseconds"], 2) for second in links[0][way]["perSecond"]]
        for way in ("up", "down")
    }


def _sweep(sweep: dict | None) -> dict | None:
    if not sweep:
        return None
    steps = [
        {key: step[key] if key in ("setting", "failure") else _short(step[key]) for key in step} for step in sweep["steps"]
    ]
    return {"best": sweep.get("best"), "steps": steps}


def _without_directories(link: str | None) -> str | None:
    """A trace is named by its file: where it lay is nobody's business."""
    if not link:
        return link
    words = []
    for word in link.split(","):
        head, mark, path = word.partition("trace:")
        words.append(head + mark + os.path.basename(path) if mark else word)
    return ",".join(words)


def _short(value: float) -> float:
    """Six digits: more than any of these numbers deserve."""
    return float(f"{value:.6g}")


# What rows ask of a cell.


def values(cell: dict, candidate: str, measure: str) -> dict[int, float]:
    """By round. Trials that failed have none."""
    return {
        trial["round"]: trial["values"][measure]
        for trial in cell["trials"]
        if trial["candidate"] == candidate and measure in trial["values"]
    }


def middle(cell: dict, candidate: str, measure: str) -> float | None:
    """The median over the rounds."""
    found = values(cell, candidate, measure)
    return median(list(found.values())) if found else None


def ratios(cell: dict, candidate: str, other: str, measure: str) -> list[float]:
    """Within each round: what disturbed the machine then, disturbed both."""
    first, second = values(cell, candidate, measure), values(cell, other, measure)
    return [first[number] / second[number] for number in sorted(first.keys() & second.keys()) if second[number]]


def warm_goodputs(cell: dict, candidate: str, after: float) -> list[float]:
    """The mean goodput of each trial from `after` seconds on."""
    means = []
    for trial in cell["trials"]:
        series = trial.get("goodput_series") or []
        rest = series[round(after / trial.get("interval", 1)) :]
        if trial["candidate"] == candidate and rest:
            means.append(sum(rest) / len(rest))
    return means
