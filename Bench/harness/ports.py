"""Ports on 127.0.0.1 for the servers of a measurement."""

import random
import socket
from pathlib import Path

LOOPBACK = "127.0.0.1"
_LOWEST_PORT = 10_000


def free_port() -> int:
    """A port that nothing uses now.

    It lies below the range of ephemeral ports: a port handed out by bind(0) could be taken by any outgoing
    connection of the load before its server listens.
    """
    ephemeral_low = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    while True:
        port = random.randrange(_LOWEST_PORT, max(ephemeral_low, _LOWEST_PORT + 1_000))
        # No SO_REUSEADDR: a port with connections in TIME_WAIT is passed over, too.
        with socket.socket() as probe:
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
        return port
