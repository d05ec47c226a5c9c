"""The machine that something was measured on."""

import os
import platform
import re
from pathlib import Path

from harness.paths import REPOSITORY
from harness.programs import output_of


def facts() -> dict[str, str | int]:
    """What the numbers of every measurement depend on."""
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "kernel": platform.release(),
        "cpu": parse_cpu_model(Path("/proc/cpuinfo").read_text()),
        "cores": len(os.sched_getaffinity(0)),
        "memory": f"{memory_bytes / (1 << 30):.1f} GiB",
        # Well above zero: something else ran on the machine, and the numbers are not worth much.
        "load_average_before": f"{os.getloadavg()[0]:.2f}",
    }


def commit() -> str:
    """Of this repository."""
    return output_of("git", "-C", str(REPOSITORY), "describe", "--always", "--dirty").strip()


def parse_cpu_model(cpuinfo: str) -> str:
    """The first processor's name in /proc/cpuinfo."""
    found = re.search(r"^model name\s*:\s*(.+)$", cpuinfo, re.MULTILINE)
    return found[1] if found else "unknown"
