"""The results of a part: one JSON file, written after every cell, so that a run can be broken off and resumed."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from harness.paths import REPOSITORY

RESULTS = REPOSITORY / "Bench" / "results" / "policy"


@dataclass
class PartResults:
    part: str
    # One for each time that the part was run or resumed: command, date, machine, versions, seconds.
    sessions: list[dict] = field(default_factory=list)
    # By the cell's key, in the order in which they ended.
    cells: dict[str, dict] = field(default_factory=dict)

    @property
    def good(self) -> dict[str, dict]:
        """Those that have results."""
        return {key: cell for key, cell in self.cells.items() if "failure" not in cell}

    def write(self, directory: Path) -> None:
        """In one step: who breaks off a run has the file as it was before or as it is now."""
        directory.mkdir(parents=True, exist_ok=True)
        path = directory / f"{self.part}.json"
        draft = path.with_suffix(".tmp")
        draft.write_text(_json({"part": self.part, "sessions": self.sessions, "cells": self.cells}))
        os.replace(draft, path)


def read(part: str, directory: Path) -> PartResults:
    """What there is of it."""
    path = directory / f"{part}.json"
    if not path.exists():
        return PartResults(part)
    data = json.loads(path.read_text())
    return PartResults(part, data["sessions"], data["cells"])


def _json(data: dict) -> str:
    """A line for each session and each trial: a difference between two runs can be read."""
    lines = ['{"part": ' + json.dumps(data["part"]) + ",", '"sessions": [']
    lines.append(",\n".join(json.dumps(session) for session in data["sessions"]))
    lines += ["],", '"cells": {']
    lines.append(",\n".join(f"{json.dumps(key)}: {_cell(cell)}" for key, cell in data["cells"].items()))
    return "\n".join([*lines, "}}"]) + "\n"


def _cell(cell: dict) -> str:
    if "trials" not in cell:
        return json.dumps(cell)
    head = json.dumps({key: value for key, value in cell.items() if key != "trials"})
    trials = ",\n  ".join(json.dumps(trial) for trial in cell["trials"])
    return f'{head[:-1]}, "trials": [\n  {trials}\n]}}'
