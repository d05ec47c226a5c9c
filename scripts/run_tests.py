#!/usr/bin/env python3
"""Runs `swift test`, and says at the end what failed, test by test, so that the tail of a log tells it.

    scripts/run_tests.py swift test --skip-build --filter IntegrationTests

With `CI` set, a run in which few tests failed is followed by one more of those tests alone. What passes then is called flaky,
loudly, and the run passes; what fails twice fails. Nothing else gets a second chance: not a test process that ended before its
summary, not a program under test that crashed, and no finding of a sanitizer. Those go to files of their own, of whichever
process, because a test's second run must not hide what a program said in its first.
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

# More than these are no accident.
MOST_REPEATED = 10

# What the text of an issue holds when a program crashed: see ChildProcess and SluiceProcess in the integration tests.
CRASH_SIGNS = ("Fatal error", "crashed with signal")

# What `swift test` says when a signal ended the test process, which may be after its summary.
SIGNAL_SIGN = "unexpected signal code"

SANITIZER_OPTIONS = ("ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS")

LONGEST_ISSUE = 30  # lines


@dataclass
class Run:
    """What one run of the tests came to, from Swift Testing's event stream."""

    names: dict[str, str] = field(default_factory=dict)
    begun: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)
    issues: dict[str, list[str]] = field(default_factory=dict)
    reached_summary: bool = False

    @classmethod
    def parse(cls, lines):
        """Reads the records of the stream. A process that was killed may have left half a line."""
        run = cls()
        for line in lines:
            try:
                record = json.loads(line)
            except json.JSONDecodeError:
                continue
            payload = record["payload"]
            if record["kind"] == "test" and payload["kind"] == "function":
                run.names[payload["id"]] = name_of(payload)
            elif record["kind"] == "event":
                run.add(payload)
        return run

    def add(self, event):
        test = event.get("testID", "")
        if event["kind"] == "issueRecorded" and is_failure(event["issue"]):
            self.issues.setdefault(test, []).append(text_of(event))
        elif event["kind"] == "testStarted":
            self.begun.add(test)
        elif event["kind"] == "testEnded":
            self.ended.add(test)
        elif event["kind"] == "runEnded":
            self.reached_summary = True

    def name(self, test):
        return self.names.get(test, test) or "outside of any test"

    def passed(self, test):
        return test in self.ended and test not in self.issues

    def unfinished(self):
        """The names of the tests that had begun and not ended."""
        return sorted(self.names[test] for test in self.begun - self.ended if test in self.names)

    def may_be_repeated(self):
        """Whether the failures are such as another run could show to be flaky."""
        texts = [text for texts in self.issues.values() for text in texts]
        return (
            self.reached_summary
            and 0 < len(self.issues) <= MOST_REPEATED
            and all(test in self.names for test in self.issues)
            and not any(sign in text for text in texts for sign in CRASH_SIGNS)
        )


def name_of(test):
    """A test as people look for it: its module, its suites, its own name."""
    return test["id"].rsplit("/", 1)[0].replace("`", "")


def is_failure(issue):
    # Known issues and warnings are none. Only Swift 6.3 and later say so in one word.
    return issue.get("isFailure", not issue["isKnown"])


def text_of(event):
    place = event["issue"].get("sourceLocation", {})
    where = f"{place['fileID']}:{place['line']}: " if "fileID" in place else ""
    return where + "\n".join(message["text"] for message in event.get("messages", []))


def exact_filter(test):
    """The regular expression for this test and no other."""
    escaped = "".join("\\" + character if character in r"\^$.|?*+()[]{}/" else character for character in test)
    return f"^{escaped}$"


def shortened(text):
    """The beginning and the end of a long text."""
    lines = text.splitlines()
    if len(lines) <= LONGEST_ISSUE:
        return lines
    half = LONGEST_ISSUE // 2
    return lines[:half] + [f"... {len(lines) - 2 * half} lines ..."] + lines[-half:]


def listing(heading, run, tests, most_issues=None):
    """The lines that tell of these tests and of what was recorded in them."""
    lines = []
    for test in tests:
        lines.append(f"{heading}: {run.name(test)}")
        for text in run.issues.get(test, [])[:most_issues]:
            lines += ["    " + line for line in shortened(text)]
    return lines


def sanitizer_environment(environment, directory):
    """The environment in which every sanitizer writes its findings into files of the directory."""
    # The test process and its children inherit it; some of them are other users.
    options = {
        name: " ".join(filter(None, [environment.get(name), f"log_path={directory}/finding"]))
        for name in SANITIZER_OPTIONS
    }
    return {**environment, **options}


class Runner:
    """Runs a command, a `swift test`, once or twice."""

    def __init__(self, command, environment, directory):
        self.command = command
        self.environment = sanitizer_environment(environment, directory)
        self.directory = directory
        self.repeats = "CI" in environment

    def run(self):
        """Returns the exit status."""
        status, run, was_killed = self.once("first", [])
        if status == 0 and not self.findings():
            return 0
        if not (self.repeats and run.may_be_repeated()) or was_killed or self.findings():
            return self.fail(run, run.issues, status, was_killed)
        print(f"==> {len(run.issues)} failed; once more, alone and one after the other", flush=True)
        options = [part for test in run.issues for part in ("--filter", exact_filter(test))]
        status, again, was_killed = self.once("second", ["--no-parallel"] + options)
        flaky = [test for test in run.issues if again.passed(test)]
        print_lines(listing("flaky", run, flaky, most_issues=1))
        failed = [test for test in run.issues if not again.passed(test)]
        if failed or status != 0 or was_killed or not again.reached_summary or self.findings():
            return self.fail(again, failed, status, was_killed)
        return 0

    def once(self, name, options):
        """One run. Returns its status, its events, and whether a signal ended the test process."""
        events = self.directory / f"{name}.jsonl"
        command = without_filters(self.command) if options else self.command
        status, was_killed = passed_through(
            command + ["--event-stream-output-path", str(events)] + options, self.environment, self.repeats
        )
        lines = events.read_text(errors="replace").splitlines() if events.exists() else []
        return status, Run.parse(lines), was_killed

    def findings(self):
        return sorted(self.directory.glob("finding*"))

    def fail(self, run, tests, status, was_killed):
        """Tells of these tests and of what else went wrong, the shortest at the end. Returns the exit status."""
        findings = self.findings()
        for path in findings:
            print_lines([f"==> {path.name}, a sanitizer's report:", path.read_text(errors="replace")])
        print_lines(listing("failed", run, tests))
        if findings:
            print_lines([f"failed: {len(findings)} sanitizer report(s), printed above"])
        if not run.reached_summary:
            unfinished = ", ".join(run.unfinished()) or "no test"
            print_lines([f"failed: the test process ended before its summary, in {unfinished}"])
        elif was_killed:
            print_lines(["failed: a signal ended the test process after its summary"])
        elif not tests and not findings:
            print_lines([f"failed: no test did, but the status is {status}"])
        return status or 1


def without_filters(command):
    """The command without what chose its tests."""
    kept, parts = [], iter(command)
    for part in parts:
        if part in ("--filter", "--skip"):
            next(parts, None)
        else:
            kept.append(part)
    return kept


def passed_through(command, environment, is_watched):
    """Runs the command, whose output goes where ours goes. Watched, a terminal's colours are lost."""
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE if is_watched else None) as process:
        was_killed = False
        for line in process.stderr or []:
            was_killed = was_killed or SIGNAL_SIGN.encode() in line
            sys.stderr.buffer.write(line)
            sys.stderr.flush()
    return process.returncode, was_killed


def print_lines(lines):
    for line in lines:
        print(line, flush=True)


def main(command):
    if not command:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory(prefix="sluice-tests-") as name:
        # A program under test may be another user's, and finds something, too.
        os.chmod(name, 0o777)
        return Runner(command, dict(os.environ), Path(name)).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
