"""The data of one run: what was measured, on what, and every single value; written and read as JSON."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Metric:
    """One number that a scenario yields."""

    name: str
    unit: str
    better: Literal["higher", "lower"]


@dataclass(frozen=True)
class ScenarioRecord:
    """What a scenario was in the run."""

    title: str
    load: str
    metrics: list[Metric]


@dataclass(frozen=True)
class Sample:
    """The values of one candidate in one scenario in one round."""

    round: int
    scenario: str
    candidate: str
    values: dict[str, float]


@dataclass
class Results:
    """A whole run."""

    command: list[str]
    date: str
    rounds: int
    quick: bool
    machine: dict[str, str | int]
    versions: dict[str, str]
    scenarios: dict[str, ScenarioRecord]
    samples: list[Sample] = field(default_factory=list)

    def candidates(self, scenario: str, metric: str) -> list[str]:
        """The candidates that have the metric, in the order in which the first round ran them."""
        names = [s.candidate for s in self.samples if s.scenario == scenario and metric in s.values]
        return list(dict.fromkeys(names))

    def by_round(self, scenario: str, metric: str, candidate: str) -> dict[int, float]:
        """One candidate's values of one metric."""
        return {
            sample.round: sample.values[metric]
            for sample in self.samples
            if (sample.scenario, sample.candidate) == (scenario, candidate) and metric in sample.values
        }

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=1) + "\n")


def read(path: Path) -> Results:
    """The inverse of `Results.write`."""
    data = json.loads(path.read_text())
    data["scenarios"] = {
        name: ScenarioRecord(record["title"], record["load"], [Metric(**metric) for metric in record["metrics"]])
        for name, record in data["scenarios"].items()
    }
    data["samples"] = [Sample(**sample) for sample in data["samples"]]
    return Results(**data)
