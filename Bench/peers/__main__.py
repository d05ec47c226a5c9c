"""The command line: `python3 -m peers run` measures, `python3 -m peers report` writes the Markdown again."""

import argparse
import shlex
import sys
import tempfile
from contextlib import ExitStack
from datetime import datetime, timezone
from pathlib import Path
from subprocess import SubprocessError

from harness import markdown as markdown_page
from harness.paths import REPOSITORY, MissingTool
from harness.programs import UnexpectedOutput
from harness.server import ServerFailed, exit_on_terminate, raise_descriptor_limit
from peers import candidates, environment, readme, results
from peers.candidates import Candidate
from peers.report import markdown
from peers.scenarios import FULL, QUICK, Bed, Scenario, Sizes, all_scenarios

DEFAULT_RESULTS = REPOSITORY / "Bench" / "results" / "peers.json"
DEFAULT_ROUNDS = 5


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python3 -m peers", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)

    run = commands.add_parser("run", help="measure, and write the results and their report")
    run.add_argument("--rounds", type=int, help=f"default: {DEFAULT_ROUNDS}, 1 with --quick")
    run.add_argument("--quick", action="store_true", help="small loads: shows that everything works; keeps no results")
    run.add_argument("--sluice", metavar="PATH", help="default: .build/release/sluice")
    run.add_argument("--candidates", metavar="NAMES", default=",".join(candidates.NAMES), help="default: %(default)s")
    names = [scenario.name for scenario in all_scenarios(FULL)]
    run.add_argument("--scenarios", metavar="NAMES", default=",".join(names), help="default: %(default)s")
    run.add_argument("--output", type=Path, metavar="JSON", help=f"default: {DEFAULT_RESULTS.relative_to(REPOSITORY)}")

    report = commands.add_parser("report", help="write the report of existing results again")
    report.add_argument("input", type=Path, nargs="?", default=DEFAULT_RESULTS, metavar="JSON")
    return parser.parse_args()


def chosen(option: str, text: str, known: list[str]) -> list[str]:
    """The names of a comma-separated list; an unknown one is an error that says what is allowed."""
    names = text.split(",")
    for name in names:
        if name not in known:
            raise SystemExit(f"--{option}: unknown name {name!r}; allowed: {', '.join(known)}")
    return names


def measure_once(scenario: Scenario, candidate: Candidate | None) -> dict[str, float]:
    """One measurement with servers of its own, so that no run inherits another's memory, caches or TIME_WAIT."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sluice-bench-")))
        origin = stack.enter_context(scenario.origin())
        proxy = stack.enter_context(candidate.server(directory, origin.port)) if candidate else None
        return scenario.measure(Bed(origin, proxy))


def name_of(candidate: Candidate | None) -> str:
    return candidate.name if candidate else candidates.DIRECT


def plan(
    scenarios: list[Scenario], contenders: list[Candidate | None], round_number: int
) -> list[tuple[Scenario, Candidate | None]]:
    """The measurements of one round: scenario by scenario, the candidates in turn. Each round begins with another one,
    because the earlier of two has an advantage: what it leaves in TIME_WAIT makes the next one's connects slower."""
    first = (round_number - 1) % len(contenders)
    return [
        (scenario, candidate)
        for scenario in scenarios
        for candidate in contenders[first:] + contenders[:first]
        if candidate is not None or scenario.has_direct
    ]


def check_descriptors(limit: int, sizes: Sizes) -> None:
    # The proxy holds two sockets per idle connection; some more are its own.
    needed = 2 * sizes.idle_connections + 256
    if limit < needed:
        raise SystemExit(f"the hard descriptor limit is {limit}, the idle scenario needs {needed}: raise `ulimit -Hn`")


def run(options: argparse.Namespace) -> None:
    sizes = QUICK if options.quick else FULL
    rounds = options.rounds or (1 if options.quick else DEFAULT_ROUNDS)
    by_name = {scenario.name: scenario for scenario in all_scenarios(sizes)}
    scenarios = [by_name[name] for name in chosen("scenarios", options.scenarios, list(by_name))]
    contenders = candidates.find(chosen("candidates", options.candidates, list(candidates.NAMES)), options.sluice)
    descriptor_limit = raise_descriptor_limit()
    check_descriptors(descriptor_limit, sizes)

    outcome = results.Results(
        command=["python3", "-m", "peers", *map(shlex.quote, sys.argv[1:])],
        date=datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        rounds=rounds,
        quick=options.quick,
        machine=environment.machine(descriptor_limit),
        versions=environment.versions(contenders),
        scenarios={scenario.name: scenario.record for scenario in scenarios},
    )
    output: Path | None = options.output or (None if options.quick else DEFAULT_RESULTS)
    steps = plan(scenarios, contenders, 1)
    minutes = rounds * sum(scenario.estimated_seconds for scenario, _ in steps) / 60
    print(f"{rounds} x {len(steps)} measurements, about {minutes:.1f} minutes", flush=True)

    for round_number in range(1, rounds + 1):
        for scenario, candidate in plan(scenarios, contenders, round_number):
            values = measure_once(scenario, candidate)
            outcome.samples.append(results.Sample(round_number, scenario.name, name_of(candidate), values))
            shown = ", ".join(f"{name} {value:.4g}" for name, value in values.items())
            print(f"round {round_number} {scenario.name} {name_of(candidate)}: {shown}", flush=True)
        # After every round: what an interrupted run has measured is not lost.
        if output:
            outcome.write(output)
    if output:
        write_report(outcome, output)
    print(markdown(outcome))


def write_report(outcome: results.Results, json_path: Path) -> None:
    json_path.with_suffix(".md").write_text(markdown(outcome))
    if json_path.resolve() == DEFAULT_RESULTS:
        markdown_page.replace(REPOSITORY / "README.md", "peers", readme.summary(outcome))


def main() -> None:
    options = arguments()
    exit_on_terminate()
    try:
        if options.command == "run":
            run(options)
        else:
            write_report(results.read(options.input), options.input)
    except (MissingTool, ServerFailed, UnexpectedOutput, SubprocessError, OSError) as problem:
        raise SystemExit(f"peers: {problem}")


if __name__ == "__main__":
    main()
