"""Measures what the policy must reach: writes results/policy/PART.json.

`python3 -m policy run` measures every part, and goes on where an earlier run was broken off; `--part NAME` only that one,
`--fresh` from the beginning. `python3 -m policy report` writes the tables and the plots.
"""

import argparse
import os
import tempfile
from pathlib import Path

from harness.markdown import replace
from harness.paths import REPOSITORY, MissingTool, find_sluice
from harness.programs import UnexpectedOutput
from policy import figures, parts
from policy.cell import Options, Part
from policy.report import full, machine, rows_of, sources, summary
from policy.row import Row
from policy.runner import expected_seconds, left, minutes, run
from policy.storage import RESULTS, read

_PAGE = REPOSITORY / "docs" / "policy-results.md"
_IMAGES = REPOSITORY / "docs" / "images"
_PLOTS = {
    "policy-margins.svg": "How far every row is from what is asked",
    "policy-random.svg": "Random cells: ratios to the kernel alone",
    "policy-sweep.svg": "Random cells: beside the best static setting of each",
    "policy-changes.svg": "Goodput around changes of the path",
}


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
    report = commands.add_parser("report", help="write the tables and the plots again")
    report.add_argument("--results", type=Path, metavar="DIRECTORY", default=RESULTS, help="default: the committed ones")
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


def reported(directory: Path) -> None:
    """The README's table, the page with every row, and the plots."""
    results = {part.name: read(part.name, directory) for part in parts.ALL}
    rows = rows_of(parts.ALL, results)
    replace(REPOSITORY / "README.md", "policy", summary(rows))
    plots = figures.all_of(rows, results)
    for name, svg in plots.items():
        (_IMAGES / name).write_text(svg)
    shown = [f"![{_PLOTS[name]}](images/{name})" for name in plots]
    page = [f"Machine: {machine(results)}", full(rows), *shown, sources(parts.ALL, results)]
    replace(_PAGE, "policy", "\n\n".join(page))


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
    else:
        reported(asked.results)


if __name__ == "__main__":
    try:
        main()
    except (MissingTool, UnexpectedOutput) as error:
        raise SystemExit(f"policy: {error}") from error
    except KeyboardInterrupt:
        raise SystemExit("policy: broken off; the same command goes on from here")
