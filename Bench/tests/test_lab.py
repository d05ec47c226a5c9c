"""The lab's table and meter, and what is read from `sluice bench`."""

import json
import unittest

import support  # noqa: F401
from harness.programs import UnexpectedOutput
from iperf.__main__ import sluice_bits_per_second
from lab.meter import parse_received_bytes
from lab.report import markdown

NET_DEV = """Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:       1       2    0    0    0     0          0         0        3       4    0    0    0     0       0          0
 link0: 1234567    8901    0    0    0     0          0         0       55       6    0    0    0     0       0          0
"""


def results(p99: list[float], rate_error: float, full: bool = True) -> dict:
    delays = [{"error_ms": {"p50": 0.1, "p99": value, "max": 2 * value}} for value in p99]
    rate = {"rate_error": {"up": -rate_error}, "queue_never_empty": full, "cpu_share_of_one_core": 0.5}
    return {
        "command": "python3 -m lab run",
        "date": "2026-01-02 03:04 UTC",
        "runs": len(p99),
        "machine": {"cores": 2, "cpu": "a CPU", "kernel": "6.18"},
        "promised": {"delay_error_ms": 0.3, "rate_error": 0.01},
        "delay": [{"title": "idle", "link": "delay=10ms", "runs": delays}],
        "rate": [{"title": "1 Gbit/s", "link": "rate=1gbit", "runs": [rate]}],
        "capacity": [{"packets_per_second": 123456}],
    }


class Table(unittest.TestCase):
    def test_medians_and_the_worst_run(self) -> None:
        text = markdown(results([0.2, 0.1, 0.4], 0.0012))
        self.assertIn("| idle | `delay=10ms` | 0.10 (0.10) ms | 0.20 (0.40) ms | 0.80 ms | yes |", text)
        self.assertIn("| 1 Gbit/s | `rate=1gbit` | 0.120% (0.120%) | 0.50 | yes |", text)
        self.assertIn("123,456 packets", text)

    def test_what_is_promised_and_not_kept_says_no(self) -> None:
        text = markdown(results([0.31], 0.011))
        self.assertEqual(text.count("| no |"), 2)

    def test_a_queue_that_ran_empty_is_no_measurement(self) -> None:
        self.assertIn("| the sender fell behind | 0.50 | not measured |", markdown(results([0.2], 0.0, full=False)))


class Meter(unittest.TestCase):
    def test_received_bytes_of_the_device(self) -> None:
        self.assertEqual(parse_received_bytes(NET_DEV, "link0"), 1234567)

    def test_a_device_that_is_not_there(self) -> None:
        with self.assertRaises(ValueError):
            parse_received_bytes(NET_DEV, "link1")


class SluiceBench(unittest.TestCase):
    def side(self, role: str, count: int) -> dict:
        return {"lanes": [{"role": role, "direction": "upstream", "bytes": count, "seconds": 2.0}]}

    def test_takes_what_the_receiver_got(self) -> None:
        text = json.dumps({"client": self.side("sender", 99), "server": self.side("receiver", 1000)})
        self.assertEqual(sluice_bits_per_second(text, "upstream"), 4000)
        with self.assertRaisesRegex(UnexpectedOutput, "nobody received downstream"):
            sluice_bits_per_second(text, "downstream")

    def test_a_run_that_broke_off_is_an_error(self) -> None:
        with self.assertRaisesRegex(UnexpectedOutput, "lost"):
            sluice_bits_per_second(json.dumps({"problem": "lost"}), "upstream")


if __name__ == "__main__":
    unittest.main()
