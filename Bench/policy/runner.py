"""Runs the cells of parts, and keeps what they came to."""

import shlex
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path

from harness.machine import commit, facts
from harness.programs import versions_of
from policy.cell import Cell, Options, Part
from policy.storage import PartResults, read


def left(part: Part, options: Options, results: PartResults) -> list[Cell]:
    """The cells that have no result yet. Those that failed are tried again."""
    return [cell for cell in part.cells(options) if cell.key not in results.good]


def expected_seconds(part: Part, cells: list[Cell]) -> float:
    """Follow-ups are not in it: nobody knows them yet."""
    return sum(cell.seconds for cell in cells) / part.jobs


def run(part: Part, options: Options, directory: Path, say: Callable[[str], None]) -> PartResults:
    """Measures what is missing of a part. A cell that fails costs only itself."""
    results = read(part.name, directory)
    session = _session(options)
    started = time.monotonic()
    todo = left(part, options, results)
    if todo:
        results.sessions.append(session)
    _run_cells(part, todo, options, results, directory, say)
    more = [cell for cell in part.follow_up(options, results.good) if cell.key not in results.good]
    if more:
        say(f"{part.name}: {len(more)} more cells follow from these, about {minutes(expected_seconds(part, more))}")
        _run_cells(part, more, options, results, directory, say)
    session["seconds"] = round(time.monotonic() - started)
    results.write(directory)
    say(f"{part.name}: took {minutes(session['seconds'])}")
    return results


def _run_cells(part: Part, cells: list[Cell], options: Options, results: PartResults, directory: Path, say) -> None:
    with ThreadPoolExecutor(part.jobs) as pool:
        pending = {pool.submit(_measure, cell, options): cell for cell in cells}
        try:
            for number, future in enumerate(as_completed(pending), 1):
                cell = pending[future]
                outcome = future.result()
                results.cells[cell.key] = outcome
                results.write(directory)
                problem = outcome.get("failure") or "; ".join(problems(outcome))
                say(f"{part.name} [{number}/{len(cells)}] {cell.key}" + (f": {problem}" if problem else ""))
        except BaseException:
            for future in pending:
                future.cancel()
            raise


def _measure(cell: Cell, options: Options) -> dict:
    try:
        return cell.measure(options)
    except Exception as error:  # noqa: BLE001: hours of measuring shall not end with one cell
        return {"failure": f"{type(error).__name__}: {error}"}


def problems(cell: dict) -> list[str]:
    """What a reader must know about a cell's trials."""
    return [
        f"{trial['candidate']}, round {trial['round']}: {text}"
        for trial in cell.get("trials", [])
        for text in [*trial.get("warnings", []), *([trial["failure"]] if "failure" in trial else [])]
    ]


def _session(options: Options) -> dict:
    asked = {name: value for name, value in asdict(options).items() if name not in ("sluice", "traces") and value is not None}
    return {
        "command": shlex.join(["python3", "-m", "policy", *_without_paths(sys.argv[1:])]),
        "date": f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC",
        "options": asked,
        "machine": facts(),
        "versions": {**versions_of(options.sluice), "commit": commit()},
    }


def _without_paths(words: list[str]) -> list[str]:
    """The command for a reader, on whose machine everything lies elsewhere."""
    return [Path(word).name if "/" in word else word for word in words]


def minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} minutes"
