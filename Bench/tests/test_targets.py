"""The verdicts."""

import unittest

import support  # noqa: F401
from peers.targets import BEST_PEER, Target, best_peer, judge
from runs import P50, THROUGHPUT, run


class Comparisons(unittest.TestCase):
    def test_at_least_includes_the_bound(self) -> None:
        target = Target("bulk1", "gigabits_per_second", "at least", 1.6, "haproxy")
        self.assertEqual([target.holds(ratio) for ratio in (1.59, 1.6, 1.7)], [False, True, True])

    def test_at_most_includes_the_bound(self) -> None:
        target = Target("idle", "bytes_per_connection", "at most", 0.5, "haproxy")
        self.assertEqual([target.holds(ratio) for ratio in (0.4, 0.5, 0.6)], [True, True, False])

    def test_below_excludes_the_bound(self) -> None:
        target = Target("redis1", "p50_milliseconds", "below", 1.0, BEST_PEER)
        self.assertEqual([target.holds(ratio) for ratio in (0.99, 1.0)], [True, False])


class BestPeer(unittest.TestCase):
    def test_the_highest_throughput_is_the_best(self) -> None:
        outcome = run("bulk1", THROUGHPUT, {"direct": [20], "sluice": [15], "haproxy": [5], "envoy": [9]})
        self.assertEqual(best_peer(outcome, "bulk1", "gigabits_per_second"), "envoy")

    def test_the_lowest_latency_is_the_best(self) -> None:
        outcome = run("redis1", P50, {"direct": [0.1], "sluice": [0.2], "haproxy": [0.3], "envoy": [0.4]})
        self.assertEqual(best_peer(outcome, "redis1", "p50_milliseconds"), "haproxy")

    def test_without_peers_there_is_none(self) -> None:
        outcome = run("redis1", P50, {"direct": [0.1], "sluice": [0.2]})
        self.assertIsNone(best_peer(outcome, "redis1", "p50_milliseconds"))


class Judge(unittest.TestCase):
    TARGETS = [Target("bulk1", "gigabits_per_second", "at least", 1.6, "haproxy")]

    def test_the_median_of_the_rounds_decides(self) -> None:
        outcome = run("bulk1", THROUGHPUT, {"sluice": [15, 17, 18], "haproxy": [10, 10, 10]})
        (verdict,) = judge(outcome, self.TARGETS)
        self.assertTrue(verdict.met)
        self.assertEqual((verdict.rounds_met, verdict.rounds), (2, 3))

    def test_a_median_under_the_bound_misses(self) -> None:
        outcome = run("bulk1", THROUGHPUT, {"sluice": [15, 15, 18], "haproxy": [10, 10, 10]})
        (verdict,) = judge(outcome, self.TARGETS)
        self.assertFalse(verdict.met)

    def test_a_run_without_the_reference_has_no_verdict(self) -> None:
        outcome = run("bulk1", THROUGHPUT, {"sluice": [15]})
        self.assertEqual(judge(outcome, self.TARGETS), [])

    def test_a_run_without_peers_has_no_verdict_on_the_best(self) -> None:
        outcome = run("redis1", P50, {"sluice": [0.1]})
        self.assertEqual(judge(outcome, [Target("redis1", "p50_milliseconds", "below", 1.0, BEST_PEER)]), [])


if __name__ == "__main__":
    unittest.main()
