"""What iperf3 measured. Pure."""

import json
from dataclasses import dataclass

from harness.programs import UnexpectedOutput


@dataclass(frozen=True)
class Bulk:
    """What the receiver got."""

    bits_per_second: float
    bytes: int


def parse(text: str) -> Bulk:
    """The receiver's sums of `iperf3 --json`, over all streams."""
    report = json.loads(text)
    if "error" in report:
        raise UnexpectedOutput(f"iperf3: {report['error']}")
    received = report["end"]["sum_received"]
    return Bulk(bits_per_second=received["bits_per_second"], bytes=received["bytes"])
