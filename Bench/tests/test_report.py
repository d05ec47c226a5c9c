"""The Markdown, and the JSON that it comes from."""

import tempfile
import unittest
from pathlib import Path

import support  # noqa: F401
from peers import results
from peers.report import markdown
from runs import THROUGHPUT, run

RUN = run("bulk1", THROUGHPUT, {"direct": [20, 21, 22], "sluice": [15, 17, 18], "haproxy": [10, 10, 10]})


class Markdown(unittest.TestCase):
    def test_a_candidate_has_its_median_its_range_and_its_ratio(self) -> None:
        self.assertIn("| haproxy | 10.0 (10.0..10.0) | 1.70 (1.50..1.80) |", markdown(RUN))

    def test_the_subject_has_no_ratio_to_itself(self) -> None:
        self.assertIn("| sluice | 17.0 (15.0..18.0) |  |", markdown(RUN))

    def test_targets_are_named_met_or_missed(self) -> None:
        text = markdown(RUN)
        self.assertIn("| at least 1.6 x haproxy | 1.70 (1.50..1.80) | 2 of 3 | met |", text)
        self.assertIn("| at least 0.85 x direct | 0.810 (0.750..0.818) | 0 of 3 | missed (an aim) |", text)

    def test_a_run_without_the_subject_says_so(self) -> None:
        self.assertIn("The run had no sluice.", markdown(run("bulk1", THROUGHPUT, {"haproxy": [10]})))


class Json(unittest.TestCase):
    def test_what_is_written_is_read_again(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "new" / "peers.json"
            RUN.write(path)
            self.assertEqual(results.read(path), RUN)


if __name__ == "__main__":
    unittest.main()
