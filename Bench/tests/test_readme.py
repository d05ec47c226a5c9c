"""The README's table."""

import tempfile
import unittest
from pathlib import Path

import support  # noqa: F401
from peers.readme import summary, update
from runs import P50, THROUGHPUT, run


class Summary(unittest.TestCase):
    def test_the_best_proxy_is_bold_even_where_it_is_another(self) -> None:
        text = summary(run("bulk1", THROUGHPUT, {"direct": [20], "sluice": [9], "haproxy": [10]}))
        self.assertIn("| a title: Gbit/s | 9.00 | **10.0** |  |  | 20.0 |", text)

    def test_where_less_is_better_the_least_is_bold(self) -> None:
        text = summary(run("redis1", P50, {"sluice": [0.2], "haproxy": [0.3]}))
        self.assertIn("| a title: p50, ms | **0.200** | 0.300 |  |  |  |", text)


class Update(unittest.TestCase):
    def test_only_what_stands_between_the_markers_changes(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "README.md"
            path.write_text("before\n<!-- peers: by X -->\n\nold\n<!-- /peers -->\nafter\n")
            update(path, "new")
            self.assertEqual(path.read_text(), "before\n<!-- peers: by X -->\n\nnew\n\n<!-- /peers -->\nafter\n")


if __name__ == "__main__":
    unittest.main()
