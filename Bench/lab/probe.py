"""Runs inside the lab: sends UDP packets with the time in them, or receives them and says how long each took.

The hosts of the lab share the machine's clock, so that a single way can be timed. The kernel stamps a packet on its arrival
(SO_TIMESTAMPNS): the receiver's own wake-up is not in the measurement.
"""

import argparse
import contextlib
import json
import os
import socket
import struct
import sys
import time

_PORT = 7007
_SO_TIMESTAMPNS = 35


def send(host: str, count: int, interval: float) -> None:
    # Between the time in the packet and its sending, the sender itself must not wait for a processor.
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(2))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for number in range(count):
            probe.sendto(struct.pack("!Iq", number, time.clock_gettime_ns(time.CLOCK_REALTIME)), (host, _PORT))
            time.sleep(interval)


def receive(count: int, seconds: float, path: str) -> None:
    """Writes the one-way delays in milliseconds. A listening TCP port says that it is ready."""
    delays = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, socket.create_server(("", _PORT)):
        probe.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        probe.bind(("", _PORT))
        probe.settimeout(seconds)
        try:
            while len(delays) < count:
                payload, control, _, _ = probe.recvmsg(64, 128)
                arrived_seconds, arrived_nanoseconds = struct.unpack("qq", control[0][2][:16])
                _, sent = struct.unpack("!Iq", payload)
                delays.append((arrived_seconds * 1_000_000_000 + arrived_nanoseconds - sent) / 1e6)
        except TimeoutError:
            pass
    with open(path, "w", encoding="utf-8") as file:
        json.dump(delays, file)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--send-to")
    parser.add_argument("--write")
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--interval", type=float, default=0.005)
    options = parser.parse_args(arguments)
    if options.send_to:
        send(options.send_to, options.count, options.interval)
    else:
        receive(options.count, 5, options.write)


if __name__ == "__main__":
    main(sys.argv[1:])
