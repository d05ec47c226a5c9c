"""The README's table."""

import unittest

import support  # noqa: F401
from peers.readme import summary
from runs import P50, THROUGHPUT, run


class Summary(unittest.TestCase):
    def test_the_best_proxy_is_bold_even_where_it_is_another(self) -> None:
        text = summary(run("bulk1", THROUGHPUT, {"direct": [20], "sluice": [9], "haproxy": [10]}))
        self.assertIn("| a title: Gbit/s | 9.00 | **10.0** |  |  | 20.0 |", text)

    def test_where_less_is_better_the_least_is_bold(self) -> None:
        text = summary(run("redis1", P50, {"sluice": [0.2], "haproxy": [0.3]}))
        self.assertIn("| a title: p50, ms | **0.200** | 0.300 |  |  |  |", text)


if __name__ == "__main__":
    unittest.main()
