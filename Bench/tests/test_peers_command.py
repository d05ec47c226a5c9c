"""The command line's own decisions: names, order, descriptors; and the templates that it fills in."""

import tempfile
import unittest
from dataclasses import replace
from pathlib import Path

import support
from harness.template import render
from peers.__main__ import check_descriptors, chosen, plan
from peers.candidates import Candidate
from peers.scenarios import FULL, all_scenarios


class Names(unittest.TestCase):
    def test_an_unknown_name_is_answered_with_the_known_ones(self) -> None:
        with self.assertRaisesRegex(SystemExit, "'haprox'; allowed: sluice, haproxy"):
            chosen("candidates", "sluice,haprox", ["sluice", "haproxy"])


class Plan(unittest.TestCase):
    def test_candidates_alternate_and_direct_only_runs_where_it_means_something(self) -> None:
        scenarios = [s for s in all_scenarios(FULL) if s.name in ("bulk1", "idle")]
        a, b = (Candidate(name, "1", lambda directory, port, origin: []) for name in "ab")
        steps = [(scenario.name, candidate and candidate.name) for scenario, candidate in plan(scenarios, [None, a, b], 1)]
        self.assertEqual(steps, [("bulk1", None), ("bulk1", "a"), ("bulk1", "b"), ("idle", "a"), ("idle", "b")])
        second = [candidate and candidate.name for _, candidate in plan(scenarios[:1], [None, a, b], 2)]
        self.assertEqual(second, ["a", "b", None])


class Descriptors(unittest.TestCase):
    def test_two_sockets_per_idle_connection(self) -> None:
        check_descriptors(7_256, FULL)
        with self.assertRaisesRegex(SystemExit, "needs 7256"):
            check_descriptors(7_255, FULL)
        check_descriptors(7_255, replace(FULL, idle_connections=3_000))


class Templates(unittest.TestCase):
    def test_every_template_is_filled_in(self) -> None:
        values = {"listen_port": 1234, "origin_port": 5678, "directory": "/d", "load_module": ""}
        templates = [*(support.BENCH / "peers" / "config").iterdir(), support.BENCH / "harness" / "sluice.yaml"]
        self.assertEqual(len(templates), 4)
        with tempfile.TemporaryDirectory() as directory:
            for template in templates:
                text = render(template, Path(directory), values).read_text()
                self.assertIn("1234", text)
                self.assertIn("5678", text)
                self.assertNotIn("$", text)

    def test_an_unknown_placeholder_is_an_error(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            template = Path(directory) / "in"
            template.write_text("${unknown}")
            with self.assertRaises(KeyError):
                render(template, Path(directory), {})


if __name__ == "__main__":
    unittest.main()
