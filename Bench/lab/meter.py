"""Runs inside the lab: the rate at which a host receives, by the kernel's own counter and clock, not by the emulator's."""

import argparse
import json
import time
from pathlib import Path

_DEVICE = "link0"
_STARTED_BYTES = 100_000
_START_DEADLINE_SECONDS = 20


def parse_received_bytes(proc_net_dev: str, device: str) -> int:
    """The first number of the device's line in /proc/net/dev: IP bytes, as a TUN device has no other header."""
    for line in proc_net_dev.splitlines():
        name, _, numbers = line.partition(":")
        if name.strip() == device:
            return int(numbers.split()[0])
    raise ValueError(f"no device {device}")


def sample() -> tuple[float, int]:
    return time.monotonic(), parse_received_bytes(Path("/proc/net/dev").read_text(), _DEVICE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--settle", type=float, required=True, help="seconds after the first bytes")
    parser.add_argument("--measure", type=float, required=True, help="seconds")
    parser.add_argument("--write", type=Path, required=True, help="the file for bits per second")
    options = parser.parse_args()
    deadline = time.monotonic() + _START_DEADLINE_SECONDS
    while sample()[1] < _STARTED_BYTES and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(options.settle)
    begin, before = sample()
    time.sleep(options.measure)
    end, after = sample()
    options.write.write_text(json.dumps((after - before) * 8 / (end - begin)))


if __name__ == "__main__":
    main()
