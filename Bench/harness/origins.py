"""The real servers that stand behind the proxies."""

from harness.paths import find_tool
from harness.ports import LOOPBACK, free_port
from harness.server import Server


def redis() -> Server:
    """A Redis without persistence, so that no background save disturbs a measurement."""
    port = free_port()
    options = {
        "bind": LOOPBACK,
        "port": str(port),
        "save": "",
        "appendonly": "no",
        "maxclients": "8000",
        # The default backlog is 511; the same ceiling that the proxies get.
        "tcp-backlog": "4096",
        "loglevel": "warning",
    }
    arguments = [word for name, value in options.items() for word in (f"--{name}", value)]
    return Server([find_tool("redis-server"), *arguments], port)


def iperf3() -> Server:
    """An iperf3 server."""
    port = free_port()
    return Server([find_tool("iperf3"), "--server", "--bind", LOOPBACK, "--port", str(port)], port)
