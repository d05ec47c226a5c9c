"""Runs inside the lab's host a: a reader that takes little for a while, and then all that comes.

What is counted is what arrives over the link (/proc/net/dev), not what is read: the reader's own kernel has a buffer full of
bytes for it, which tell nothing about the path.
"""

import argparse
import json
import socket
import threading
import time
from pathlib import Path

from lab.meter import parse_received_bytes

_DEVICE = "link0"
SAMPLE_SECONDS = 0.005
_TICK_SECONDS = 0.02


def sample_until(deadline: float, samples: list[tuple[float, int]]) -> None:
    while (now := time.monotonic()) < deadline:
        samples.append((now, parse_received_bytes(Path("/proc/net/dev").read_text(), _DEVICE)))
        time.sleep(SAMPLE_SECONDS)


def read_slowly(connection: socket.socket, rate: float, until: float) -> None:
    """Bits per second."""
    allowed, last = 0.0, time.monotonic()
    while (now := time.monotonic()) < until:
        allowed += (now - last) * rate / 8
        last = now
        if allowed >= 1:
            allowed -= len(connection.recv(int(allowed)))
        time.sleep(_TICK_SECONDS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connect", required=True, metavar="HOST:PORT", help="where an origin of flows.py answers")
    parser.add_argument("--rate", type=float, required=True, help="bits per second of the slow reader")
    parser.add_argument("--slow", type=float, required=True, help="seconds")
    parser.add_argument("--fast", type=float, required=True, help="seconds")
    parser.add_argument("--write", type=Path, required=True)
    options = parser.parse_args()
    host, port = options.connect.split(":")
    samples: list[tuple[float, int]] = []
    with socket.create_connection((host, int(port)), 10) as connection:
        connection.sendall(f"down  {options.slow + options.fast}\n".encode())
        faster = time.monotonic() + options.slow
        end = faster + options.fast
        meter = threading.Thread(target=sample_until, args=(end, samples))
        meter.start()
        read_slowly(connection, options.rate, faster)
        buffer = bytearray(256 << 10)
        while time.monotonic() < end and connection.recv_into(buffer):
            pass
        meter.join()
    first = samples[0][1]
    # From shortly before the reader becomes faster.
    told = [(round(when - faster, 4), count - first) for when, count in samples if when >= faster - 0.5]
    options.write.write_text(json.dumps(told))


if __name__ == "__main__":
    main()
