"""docs/scaling.md, held against the committed measurements that it names."""

import json
import math
import re
import unittest
from statistics import median

from support import DOCS, ROOT

TEXT = (DOCS / "scaling.md").read_text()
RESULTS = ROOT / "Bench/results"


def peers(scenario: str, metric: str) -> float:
    """The median over the rounds, for Sluice."""
    samples = json.loads((RESULTS / "peers.json").read_text())["samples"]
    return median(
        sample["values"][metric]
        for sample in samples
        if sample["scenario"] == scenario and sample["candidate"] == "sluice"
    )


def rounded_down(number: float) -> str:
    """To two digits."""
    unit = 10 ** (math.floor(math.log10(number)) - 1)
    return f"{math.floor(number / unit) * unit:,}"


class ScalingTests(unittest.TestCase):
    def test_what_a_core_carries_follows_from_its_time(self) -> None:
        rows = re.findall(r"\(`(\w+)`\) \| ([0-9.]+) s per (\S+) \| ([0-9,]+) ", TEXT)
        self.assertEqual(len(rows), 4)
        for scenario, seconds, unit, carried in rows:
            with self.subTest(scenario):
                metric, amount = {
                    "GB": ("cpu_seconds_per_gigabyte", 8),
                    "100,000": ("cpu_seconds_per_100k", 100_000),
                }[unit]
                measured = peers(scenario, metric)
                self.assertEqual(seconds, f"{measured:.3g}".ljust(len(seconds), "0"))
                self.assertEqual(carried, rounded_down(amount / measured))

    def test_an_idle_connection_costs_what_was_measured(self) -> None:
        self.assertIn(f"| {peers('idle', 'bytes_per_connection'):,.0f} bytes |", TEXT)

    def test_a_slow_reader_costs_what_was_measured(self) -> None:
        scenarios = json.loads((RESULTS / "compare.json").read_text())["scenarios"]
        (scenario,) = [each for each in scenarios if each["name"] == "slow-readers"]
        held = median(
            trial["proxy"]["heldPeak"] for trial in scenario["trials"] if trial["candidate"] == "adaptive"
        )
        self.assertIn("200 of them", TEXT)
        self.assertIn(f"| {held / 200 / 2**20:.2f} MiB |", TEXT)


if __name__ == "__main__":
    unittest.main()
