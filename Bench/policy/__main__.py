"""Measures what the policy must reach: writes results/policy/PART.json.

`python3 -m policy run` measures every part, and goes on where an earlier run was broken off; `--part NAME` only that one,
`--fresh` from the beginning. `python3 -m policy report` writes the tables and the plots.
"""

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

from harness.paths import REPOSITORY, MissingTool, find_sluice
from harness.programs import UnexpectedOutput
from policy import parts
from policy.cell import Options, Part
from policy.row import Row
from policy.runner import expected_seconds, left, minutes, run
from policy.storage import RESULTS, read


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python3 -m policy", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    names = [part.name for part in parts.ALL]
    measure = commands.add_parser("run", help="measure, on a machine that does nothing else")
    measure.add_argument("--part", action="append", choices=names, help="only this one; may be repeated")
    measure.add_argument("--quick", action="store_true", help="does everything work? A little of each; nothing is kept")
    measure.add_argument("--fresh", action="store_true", help="forget what an earlier run of these parts has measured")
    measure.add_argument("--dry-run", action="store_true", help="say what is missing and how long it takes, and end")
    measure.add_argument("--rounds", type=int, help="in place of each part's own number of rounds, or of runs")
    measure.add_argument("--count", type=int, help="random and sweep: how many cells")
    measure.add_argument("--seed", type=int, default=1, help="of everything that is drawn; default: %(default)s")
    measure.add_argument("--sluice", metavar="PATH", help="default: .build/release/sluice")
    measure.add_argument(
        "--traces", metavar="DIRECTORY", default=os.environ.get("TRACES"), help="with NAME.down and NAME.up; default: $TRACES"
    )
    measure.add_argument("--output", type=Path, metavar="DIRECTORY", help=f"default: {RESULTS.relative_to(REPOSITORY)}")
    commands.add_parser("report", help="write the tables and the plots again")
    return parser.parse_args()


def measured(asked: argparse.Namespace) -> None:
    options = Options(find_sluice(asked.sluice), asked.quick, asked.rounds, asked.count, asked.seed, asked.traces)
    chosen = [part for part in parts.ALL if not asked.part or part.name in asked.part]
    runnable = [part for part in chosen if not _refused(part, options)]
    with tempfile.TemporaryDirectory() as scratch:
        directory = asked.output or (Path(scratch) if asked.quick else RESULTS)
        if asked.fresh:
            for part in runnable:
                (directory / f"{part.name}.json").unlink(missing_ok=True)
        total = 0.0
        for part in runnable:
            todo = left(part, options, read(part.name, directory))
            seconds = expected_seconds(part, todo)
            total += seconds
            say(f"{part.name}: {part.title}: {len(todo)} cells, about {minutes(seconds)}")
        say(f"all together about {minutes(total)}")
        if asked.dry_run:
            return
        for part in runnable:
            results = run(part, options, directory, say)
            for row in part.rows(results.good):
                say(f"  {line(row)}")


def _refused(part: Part, options: Options) -> bool:
    reason = part.refusal(options)
    if reason:
        say(f"{part.name}: left out: {reason}")
    return bool(reason)


def line(row: Row) -> str:
    told = [row.requirement, row.where, f"asked: {row.asked}", f"measured: {row.measured}", row.baseline and f"({row.baseline})"]
    return " | ".join(word for word in [*told, f"met: {row.verdict}", f"{row.trials} trials", row.spread] if word)


def say(text: str) -> None:
    print(text, flush=True)


def main() -> None:
    asked = arguments()
    if asked.command == "run":
        measured(asked)


if __name__ == "__main__":
    try:
        main()
    except (MissingTool, UnexpectedOutput) as error:
        raise SystemExit(f"policy: {error}") from error
    except KeyboardInterrupt:
        raise SystemExit("policy: broken off; the same command goes on from here")
