"""What the runner of the tests makes of an event stream, and when it gives a test a second chance."""

import contextlib
import io
import json
import sys
import tempfile
import unittest
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(SCRIPTS))

import run_tests  # noqa: E402
from run_tests import Run  # noqa: E402

RELAY = "CoreTests.Relay/`a byte, (1/2) passes`()/Relay.swift:5:4"
DRAIN = "CoreTests.Drain/ends()/Drain.swift:9:2"

# Plays `swift test`: the nth time it is called, it does what the nth line of its plan says. The plan is its first argument,
# the rest is kept for the test to see.
FAKE = r"""
import json, os, pathlib, sys
plan = pathlib.Path(sys.argv[1])
calls = plan.with_suffix(".calls")
count = len(calls.read_text().splitlines()) if calls.exists() else 0
with calls.open("a") as file:
    file.write(json.dumps(sys.argv[2:]) + "\n")
act = json.loads(plan.read_text())[count]
events = sys.argv[sys.argv.index("--event-stream-output-path") + 1]
pathlib.Path(events).write_text("".join(json.dumps(record) + "\n" for record in act["events"]))
print(act.get("said", ""), file=sys.stderr)
if act.get("finding"):
    path = dict(part.split("=", 1) for part in os.environ["TSAN_OPTIONS"].split())["log_path"]
    pathlib.Path(path + ".77").write_text(act["finding"])
sys.exit(act["status"])
"""


def declared(test):
    return {"kind": "test", "payload": {"kind": "function", "id": test}}


def event(kind, test=None, **more):
    return {"kind": "event", "payload": {"kind": kind, **({"testID": test} if test else {}), **more}}


def issue(test, text, **more):
    place = {"fileID": "CoreTests/A.swift", "line": 7}
    return event(
        "issueRecorded", test, issue={"isKnown": False, "sourceLocation": place, **more}, messages=[{"text": text}]
    )


def ran(*tests, issues=(), is_complete=True):
    """The events of a run of these tests."""
    events = [declared(test) for test in tests] + [event("testStarted", test) for test in tests] + list(issues)
    if is_complete:
        events += [event("testEnded", test) for test in tests] + [event("runEnded")]
    return events


def parsed(events):
    return Run.parse(json.dumps(record) for record in events)


class StreamTests(unittest.TestCase):
    def test_a_test_has_its_issues_with_their_places(self):
        run = parsed(ran(RELAY, DRAIN, issues=[issue(RELAY, "one"), issue(RELAY, "two")]))
        self.assertEqual(run.issues, {RELAY: ["CoreTests/A.swift:7: one", "CoreTests/A.swift:7: two"]})
        self.assertFalse(run.passed(RELAY))
        self.assertTrue(run.passed(DRAIN))
        self.assertEqual(run.name(RELAY), "CoreTests.Relay/a byte, (1/2) passes()")

    def test_known_issues_and_warnings_are_no_failures(self):
        run = parsed(
            ran(
                RELAY,
                issues=[
                    issue(RELAY, "known", isKnown=True),
                    issue(RELAY, "known, too", isKnown=True, isFailure=False),
                    issue(RELAY, "a warning", severity="warning", isFailure=False),
                ],
            )
        )
        self.assertEqual(run.issues, {})
        self.assertTrue(run.passed(RELAY))

    def test_half_a_line_is_the_end_of_a_process_that_was_killed(self):
        lines = [json.dumps(record) for record in ran(RELAY, is_complete=False)] + ['{"kind":"ev']
        run = Run.parse(lines)
        self.assertFalse(run.reached_summary)
        self.assertEqual(run.unfinished(), ["CoreTests.Relay/a byte, (1/2) passes()"])

    def test_a_test_that_did_not_run_has_not_passed(self):
        self.assertFalse(parsed(ran(RELAY)).passed(DRAIN))


class RepetitionTests(unittest.TestCase):
    def may(self, events):
        return parsed(events).may_be_repeated()

    def test_a_failed_expectation_may_be_repeated(self):
        self.assertTrue(self.may(ran(RELAY, issues=[issue(RELAY, "waited in vain")])))

    def test_nothing_else_may(self):
        many = [f"CoreTests.Many/t{number}()/M.swift:{number}:1" for number in range(run_tests.MOST_REPEATED + 1)]
        for events in (
            ran(RELAY),
            ran(RELAY, issues=[issue(RELAY, "waited in vain")], is_complete=False),
            ran(RELAY, issues=[issue(RELAY, "[sluice] crashed with signal 11: ")]),
            ran(RELAY, issues=[issue(RELAY, "Fatal error: index out of range")]),
            ran(RELAY, issues=[issue(None, "from a thread of its own")]),
            ran(*many, issues=[issue(test, "waited in vain") for test in many]),
        ):
            self.assertFalse(self.may(events))


class CommandTests(unittest.TestCase):
    def test_a_filter_escapes_what_a_regular_expression_reads(self):
        self.assertEqual(
            run_tests.exact_filter(RELAY),
            r"^CoreTests\.Relay\/`a byte, \(1\/2\) passes`\(\)\/Relay\.swift:5:4$",
        )

    def test_a_repetition_leaves_out_what_chose_the_tests(self):
        command = ["swift", "test", "--skip", "A", "--skip-build", "--filter", "B|C", "-j", "2"]
        self.assertEqual(run_tests.without_filters(command), ["swift", "test", "--skip-build", "-j", "2"])

    def test_a_sanitizers_options_are_kept(self):
        environment = run_tests.sanitizer_environment({"TSAN_OPTIONS": "halt_on_error=1", "A": "b"}, "/d")
        self.assertEqual(environment["TSAN_OPTIONS"], "halt_on_error=1 log_path=/d/finding")
        self.assertEqual(environment["ASAN_OPTIONS"], "log_path=/d/finding")
        self.assertEqual(environment["A"], "b")

    def test_a_long_issue_keeps_its_beginning_and_its_end(self):
        lines = run_tests.shortened("\n".join(f"line {number}" for number in range(1000)))
        self.assertLessEqual(len(lines), run_tests.LONGEST_ISSUE + 1)
        self.assertEqual((lines[0], lines[-1]), ("line 0", "line 999"))


class RunnerTests(unittest.TestCase):
    """The whole of it, with a program that plays `swift test`."""

    def play(self, *acts, environment=None):
        """Returns the exit status, what was printed, and the arguments of each call."""
        with tempfile.TemporaryDirectory() as name:
            plan = Path(name) / "plan.json"
            plan.write_text(json.dumps(acts))
            (Path(name) / "fake.py").write_text(FAKE)
            command = [sys.executable, f"{name}/fake.py", str(plan), "--filter", "All"]
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.TextIOWrapper(io.BytesIO())):
                status = run_tests.Runner(command, environment or {"CI": "1"}, Path(name)).run()
            calls = [json.loads(line) for line in plan.with_suffix(".calls").read_text().splitlines()]
            return status, printed.getvalue(), calls

    PASSED = {"events": ran(RELAY, DRAIN), "status": 0}
    FAILED = {"events": ran(RELAY, DRAIN, issues=[issue(RELAY, "waited in vain")]), "status": 1}
    PASSED_ALONE = {"events": ran(RELAY), "status": 0}

    def test_what_passes_is_run_once_and_adds_nothing(self):
        status, printed, calls = self.play(self.PASSED)
        self.assertEqual((status, printed, len(calls)), (0, "", 1))

    def test_what_passes_alone_is_called_flaky_with_its_first_failure(self):
        status, printed, calls = self.play(self.FAILED, self.PASSED_ALONE)
        self.assertEqual(status, 0)
        self.assertIn("flaky: CoreTests.Relay/a byte, (1/2) passes()\n    CoreTests/A.swift:7: waited in vain\n", printed)
        self.assertNotIn("All", calls[1])
        self.assertEqual(calls[1][2:], ["--no-parallel", "--filter", run_tests.exact_filter(RELAY)])

    def test_what_fails_twice_fails(self):
        status, printed, calls = self.play(self.FAILED, {**self.FAILED, "status": 3})
        self.assertEqual((status, len(calls)), (3, 2))
        self.assertTrue(printed.endswith("failed: CoreTests.Relay/a byte, (1/2) passes()\n    CoreTests/A.swift:7: waited in vain\n"))

    def test_only_ci_gives_a_second_chance(self):
        status, printed, calls = self.play(self.FAILED, environment={"A": "b"})
        self.assertEqual((status, len(calls)), (1, 1))
        self.assertIn("failed: CoreTests.Relay", printed)

    def test_a_test_that_was_not_run_again_failed(self):
        status, printed, _ = self.play(self.FAILED, {"events": ran(DRAIN), "status": 0})
        self.assertEqual(status, 1)
        self.assertIn("failed: CoreTests.Relay", printed)

    def test_a_sanitizers_report_fails_even_what_passed(self):
        for act in (self.PASSED, self.FAILED):
            status, printed, calls = self.play({**act, "finding": "WARNING: ThreadSanitizer: data race"})
            self.assertEqual((status, len(calls)), (1, 1))
            self.assertIn("WARNING: ThreadSanitizer: data race", printed)
            self.assertTrue(printed.endswith("failed: 1 sanitizer report(s), printed above\n"))

    def test_a_report_of_the_second_run_fails_it(self):
        status, printed, _ = self.play(self.FAILED, {**self.PASSED_ALONE, "finding": "data race"})
        self.assertEqual(status, 1)
        self.assertIn("data race", printed)

    def test_a_crash_gets_no_second_chance(self):
        unfinished = {"events": ran(RELAY, issues=[issue(RELAY, "x")], is_complete=False), "status": 1}
        status, printed, calls = self.play(unfinished)
        self.assertEqual((status, len(calls)), (1, 1))
        self.assertIn("ended before its summary, in CoreTests.Relay", printed)

        killed = {**self.FAILED, "said": "error: Exited with unexpected signal code 11"}
        status, printed, calls = self.play(killed)
        self.assertEqual((status, len(calls)), (1, 1))
        self.assertIn("a signal ended the test process after its summary", printed)

    def test_a_status_that_no_test_explains_fails(self):
        status, printed, calls = self.play({"events": [], "status": 1})
        self.assertEqual((status, len(calls)), (1, 1))
        self.assertIn("ended before its summary, in no test", printed)


if __name__ == "__main__":
    unittest.main()
