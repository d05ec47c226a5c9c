"""What a run was made on: the machine and the versions of everything that takes part."""

import platform
from pathlib import Path

from harness.machine import commit, facts
from harness.paths import find_tool
from harness.programs import output_of, versions_of
from peers.candidates import Candidate

_SYSCTLS = ("net/ipv4/tcp_congestion_control", "net/ipv4/tcp_rmem", "net/ipv4/tcp_wmem", "net/core/somaxconn")


def machine(descriptor_limit: int) -> dict[str, str | int]:
    """The facts that the numbers depend on."""
    machine = facts() | {"descriptor_limit": descriptor_limit}
    for name in _SYSCTLS:
        machine[name.rpartition("/")[2]] = " ".join(Path("/proc/sys", name).read_text().split())
    return machine


def versions(candidates: list[Candidate | None]) -> dict[str, str]:
    """Of the proxies, the tools, and of this repository."""
    redis = output_of(find_tool("redis-server"), "--version").strip()
    return {
        **{candidate.name: candidate.version for candidate in candidates if candidate},
        **versions_of(find_tool("iperf3")),
        "redis": redis.partition(" sha=")[0],
        "python": platform.python_version(),
        "commit": commit(),
    }
