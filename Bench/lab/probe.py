"""Runs inside the lab, once in each host: one sends UDP packets with the time in them, the other says how long each took.

The hosts of the lab share the machine's clock, so that a single way can be timed. The kernel stamps a packet on its arrival
(SO_TIMESTAMPNS): the receiver's own wake-up is not in the measurement.
"""

import argparse
import contextlib
import json
import os
import socket
import struct
import time
from pathlib import Path

_PORT = 7007
_SO_TIMESTAMPNS = 35
_PATIENCE_SECONDS = 5
# Of the IP packet that carries one probe: the IP and UDP headers, and the payload.
PACKET_BYTES = 20 + 8 + struct.calcsize("!Iq")


def meet(host: str | None) -> socket.socket:
    """A TCP connection between the two: they begin when it stands, and the receiver closes it when it is done."""
    if host:
        return socket.create_connection((host, _PORT), _PATIENCE_SECONDS)
    with socket.create_server(("", _PORT)) as server:
        return server.accept()[0]


def send(connection: socket.socket, count: int, interval: float) -> None:
    # Between the time in the packet and its sending, the sender itself must not wait for a processor.
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(2))
    host = connection.getpeername()[0]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for number in range(count):
            probe.sendto(struct.pack("!Iq", number, time.clock_gettime_ns(time.CLOCK_REALTIME)), (host, _PORT))
            time.sleep(interval)
    connection.settimeout(None)
    connection.recv(1)


def receive(probe: socket.socket, count: int) -> list[float]:
    """The one-way delays in milliseconds; fewer where packets were lost."""
    delays: list[float] = []
    with contextlib.suppress(TimeoutError):
        while len(delays) < count:
            payload, control, _, _ = probe.recvmsg(64, 128)
            arrived_seconds, arrived_nanoseconds = struct.unpack("qq", control[0][2][:16])
            _, sent = struct.unpack("!Iq", payload)
            delays.append((arrived_seconds * 1_000_000_000 + arrived_nanoseconds - sent) / 1e6)
    return delays


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connect", metavar="HOST", help="the other one; without it, wait for the other one")
    parser.add_argument("--receive", type=Path, metavar="JSON", help="receive, and write the delays; without it, send")
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--interval", type=float, default=0.005)
    options = parser.parse_args()
    if not options.receive:
        with meet(options.connect) as connection:
            send(connection, options.count, options.interval)
        return
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        probe.bind(("", _PORT))
        probe.settimeout(_PATIENCE_SECONDS)
        with meet(options.connect):
            options.receive.write_text(json.dumps(receive(probe, options.count)))


if __name__ == "__main__":
    main()
