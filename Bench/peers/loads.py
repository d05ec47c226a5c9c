"""The clients that load an origin, directly or through a proxy."""

import socket
import subprocess
import time
from collections import deque
from collections.abc import Callable

from harness import iperf3 as iperf3_output
from harness.iperf3 import Bulk
from harness.paths import find_tool
from harness.ports import LOOPBACK
from harness.programs import UnexpectedOutput
from peers.parsers import Requests, parse_redis_benchmark, parse_redis_info

# What a connection of the load waits at most for anything; a hang is an error, never a long number.
_TIMEOUT_SECONDS = 30
_SETTLE_READS = 10
_SETTLE_INTERVAL_SECONDS = 0.3
_SETTLE_DEADLINE_SECONDS = 30.0
# Over 3,500 connections: 19 bytes for each.
_SETTLED_WITHIN_BYTES = 64 << 10


def iperf3(port: int, streams: int, seconds: int) -> Bulk:
    """Sends from the client to the origin over some parallel streams."""
    command = [find_tool("iperf3"), "--json", "--client", LOOPBACK, "--port", str(port)]
    command += ["--parallel", str(streams), "--time", str(seconds)]
    # iperf3 writes its errors into the JSON, too.
    finished = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=seconds + _TIMEOUT_SECONDS)
    return iperf3_output.parse(finished.stdout)


def redis_get(port: int, clients: int, requests: int, keep_alive: bool = True) -> Requests:
    """GET of one short key by some clients in parallel, one request in flight each."""
    command = [find_tool("redis-benchmark"), "-h", LOOPBACK, "-p", str(port), "-t", "get", "--csv"]
    command += ["-c", str(clients), "-n", str(requests), "-k", "1" if keep_alive else "0"]
    finished = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=4 * _TIMEOUT_SECONDS
    )
    if finished.returncode != 0:
        raise UnexpectedOutput(f"redis-benchmark: {finished.stdout}{finished.stderr}")
    return parse_redis_benchmark(finished.stdout)


def redis_connections_received(port: int) -> int:
    """How many connections a Redis has accepted since it started, this one included."""
    with socket.create_connection((LOOPBACK, port), _TIMEOUT_SECONDS) as connection:
        connection.sendall(b"INFO stats\r\n")
        reply = b""
        while b"total_connections_received:" not in reply or not reply.endswith(b"\r\n"):
            reply += connection.recv(65536)
    return parse_redis_info(reply.decode(), "total_connections_received")


def connect_and_ping(port: int) -> socket.socket:
    """Opens a connection to a Redis, sends one message and reads its reply. The caller closes it."""
    connection = socket.create_connection((LOOPBACK, port), _TIMEOUT_SECONDS)
    connection.sendall(b"PING\r\n")
    reply = connection.recv(64)
    if reply != b"+PONG\r\n":
        connection.close()
        raise UnexpectedOutput(f"a PING was answered by {reply!r}")
    return connection


def idle_growth(port: int, connections: int, read_bytes: Callable[[], int]) -> float:
    """By how much a reading grew for each of some connections that sent one message and then stay silent."""
    before = settled(read_bytes)
    opened: list[socket.socket] = []
    try:
        opened.extend(connect_and_ping(port) for _ in range(connections))
        return (settled(read_bytes) - before) / connections
    finally:
        for connection in opened:
            connection.close()


def settled(read_bytes: Callable[[], int]) -> int:
    """The reading once it has stayed the same for three seconds: buffers may be given back some time after use."""
    recent: deque[int] = deque(maxlen=_SETTLE_READS)
    deadline = time.monotonic() + _SETTLE_DEADLINE_SECONDS
    while time.monotonic() < deadline:
        recent.append(read_bytes())
        if len(recent) == _SETTLE_READS and max(recent) - min(recent) <= _SETTLED_WITHIN_BYTES:
            return recent[-1]
        time.sleep(_SETTLE_INTERVAL_SECONDS)
    raise UnexpectedOutput(f"resident memory does not settle: {list(recent)} bytes")
