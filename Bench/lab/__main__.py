"""Measures the link emulator: writes results/lab.json, and from it the table in docs/lab.md.

`python3 -m lab run` measures, `python3 -m lab report` writes the table again.
"""

import argparse
import json
import platform
import shlex
import sys
from datetime import datetime, timezone
from pathlib import Path

from harness.machine import commit, facts
from harness.markdown import replace
from harness.paths import REPOSITORY, MissingTool, find_sluice, find_tool
from harness.programs import UnexpectedOutput, versions_of
from lab import measure
from lab.report import markdown

_RESULT = REPOSITORY / "Bench" / "results" / "lab.json"
_PAGE = REPOSITORY / "docs" / "lab.md"
_RUNS = 3


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python3 -m lab", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="measure; six minutes, on a machine that does nothing else")
    run.add_argument("--runs", type=int, default=_RUNS, help="default: %(default)s")
    run.add_argument("--sluice", metavar="PATH", help="default: .build/release/sluice")
    run.add_argument("--output", type=Path, metavar="JSON", help=f"default: {_RESULT.relative_to(REPOSITORY)}, and the table")
    commands.add_parser("report", help="write the table again")
    return parser.parse_args()


def measured(sluice: str, runs: int) -> dict:
    """Run after run, each with every measurement once: what disturbs a minute disturbs one run."""
    result = {
        "command": shlex.join(["python3", "-m", "lab", *sys.argv[1:]]),
        "date": f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC",
        "runs": runs,
        "machine": facts(),
        "versions": {**versions_of(sluice, find_tool("iperf3")), "python": platform.python_version(), "commit": commit()},
        "promised": {"delay_error_ms": 0.3, "rate_error": 0.01},
        "delay": [{"title": case.title, "link": case.link, "load": case.load, "runs": []} for case in measure.DELAYS],
        "rate": [{"title": case.title, "link": case.link, "runs": []} for case in measure.RATES],
        "capacity": [],
    }
    for number in range(1, runs + 1):
        for case, row in zip(measure.DELAYS, result["delay"]):
            row["runs"].append(measure.delay(sluice, case))
            show(number, case.title, row["runs"][-1])
        for case, row in zip(measure.RATES, result["rate"]):
            row["runs"].append(measure.rate(sluice, case))
            show(number, case.title, row["runs"][-1])
        result["capacity"].append(measure.capacity(sluice))
        show(number, "capacity", result["capacity"][-1])
    return result


def show(number: int, title: str, values: dict) -> None:
    print(f"run {number}, {title}: {json.dumps({k: v for k, v in values.items() if k != 'emulator_lateness_ms'})}", flush=True)


def main() -> None:
    options = arguments()
    if options.command == "run":
        result = measured(find_sluice(options.sluice), options.runs)
        path = options.output or _RESULT
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(result, indent=1) + "\n")
        if options.output:
            print(markdown(result))
            return
    replace(_PAGE, "lab", markdown(json.loads(_RESULT.read_text())))


if __name__ == "__main__":
    try:
        main()
    except (MissingTool, UnexpectedOutput) as error:
        raise SystemExit(f"lab: {error}") from error
