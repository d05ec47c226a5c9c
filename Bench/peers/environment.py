"""What a run was made on: the machine and the versions of everything that takes part."""

import os
import platform
from pathlib import Path

from harness.paths import REPOSITORY, find_tool
from peers.candidates import Candidate, output_of
from peers.parsers import parse_cpu_model

_SYSCTLS = ("net/ipv4/tcp_congestion_control", "net/ipv4/tcp_rmem", "net/ipv4/tcp_wmem", "net/core/somaxconn")


def machine(descriptor_limit: int) -> dict[str, str | int]:
    """The facts that the numbers depend on."""
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    facts: dict[str, str | int] = {
        "kernel": platform.release(),
        "cpu": parse_cpu_model(Path("/proc/cpuinfo").read_text()),
        "cores": len(os.sched_getaffinity(0)),
        "memory": f"{memory_bytes / (1 << 30):.1f} GiB",
        "descriptor_limit": descriptor_limit,
        # Well above zero: something else ran on the machine, and the numbers are not worth much.
        "load_average_before": f"{os.getloadavg()[0]:.2f}",
    }
    for name in _SYSCTLS:
        facts[name.rpartition("/")[2]] = " ".join(Path("/proc/sys", name).read_text().split())
    return facts


def versions(candidates: list[Candidate | None]) -> dict[str, str]:
    """Of the proxies, the tools, and of this repository."""
    redis = output_of(find_tool("redis-server"), "--version").strip()
    return {
        **{candidate.name: candidate.version for candidate in candidates if candidate},
        "iperf3": output_of(find_tool("iperf3"), "--version").splitlines()[0],
        "redis": redis.partition(" sha=")[0],
        "python": platform.python_version(),
        "commit": output_of("git", "-C", str(REPOSITORY), "describe", "--always", "--dirty").strip(),
    }
