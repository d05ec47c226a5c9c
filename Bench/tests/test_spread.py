"""Medians, ranges and ratios."""

import unittest

import support  # noqa: F401
from peers.spread import Spread, paired_ratios, spread


class Spreads(unittest.TestCase):
    def test_median_and_range(self) -> None:
        self.assertEqual(spread([5, 1, 9]), Spread(median=5, lowest=1, highest=9))

    def test_an_even_number_of_rounds_takes_the_middle(self) -> None:
        self.assertEqual(spread([1, 2, 4, 100]).median, 3)


class PairedRatios(unittest.TestCase):
    def test_each_round_is_compared_with_itself(self) -> None:
        # Everything was twice as fast in round 2: the ratio must not notice.
        self.assertEqual(paired_ratios({1: 6, 2: 12}, {1: 4, 2: 8}), [1.5, 1.5])

    def test_a_round_that_one_side_lacks_is_left_out(self) -> None:
        self.assertEqual(paired_ratios({1: 6, 2: 12}, {2: 8, 3: 1}), [1.5])


if __name__ == "__main__":
    unittest.main()
