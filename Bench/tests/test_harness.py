"""What all measurements share: numbers and tables, machines, and what iperf3 says."""

import json
import tempfile
import unittest
from pathlib import Path

import support  # noqa: F401
from harness import iperf3, machine
from harness.markdown import number, replace, table
from harness.programs import UnexpectedOutput


class Numbers(unittest.TestCase):
    def test_three_digits_carry_the_information(self) -> None:
        shown = [number(value) for value in (0.0714, 1.234, 12.34, 123.4, 123456.7)]
        self.assertEqual(shown, ["0.071", "1.23", "12.3", "123", "123,457"])


class Tables(unittest.TestCase):
    def test_layout(self) -> None:
        self.assertEqual(table(["a", "b"], [["x", "1"]]), "| a | b |\n| --- | ---: |\n| x | 1 |")


class Replace(unittest.TestCase):
    def test_only_what_stands_between_the_markers_changes(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "README.md"
            path.write_text("before\n<!-- peers: by X -->\n\nold\n<!-- /peers -->\nafter\n")
            replace(path, "peers", "new")
            self.assertEqual(path.read_text(), "before\n<!-- peers: by X -->\n\nnew\n\n<!-- /peers -->\nafter\n")


class Iperf3(unittest.TestCase):
    def test_takes_what_the_receiver_counted(self) -> None:
        end = {
            "sum_sent": {"bits_per_second": 9.0, "bytes": 9},
            "sum_received": {"bits_per_second": 17867875300.2, "bytes": 2234777600},
        }
        bulk = iperf3.parse(json.dumps({"end": end}))
        self.assertEqual(bulk, iperf3.Bulk(17867875300.2, 2234777600))

    def test_an_error_is_raised_with_its_text(self) -> None:
        text = json.dumps({"start": {}, "end": {}, "error": "unable to connect to server"})
        with self.assertRaisesRegex(UnexpectedOutput, "unable to connect"):
            iperf3.parse(text)


class CpuModel(unittest.TestCase):
    def test_first_processor(self) -> None:
        text = "processor\t: 0\nmodel\t\t: 207\nmodel name\t: Some CPU @ 2 GHz\nprocessor\t: 1\nmodel name\t: Other\n"
        self.assertEqual(machine.parse_cpu_model(text), "Some CPU @ 2 GHz")

    def test_a_machine_that_does_not_say(self) -> None:
        self.assertEqual(machine.parse_cpu_model("processor : 0\n"), "unknown")


if __name__ == "__main__":
    unittest.main()
