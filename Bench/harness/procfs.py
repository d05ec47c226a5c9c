"""Reads /proc: CPU time and memory of process trees, and listening ports.

Every reader takes the text of a file apart in a function of its own, so that the parsing is tested without processes.
"""

import os
from pathlib import Path

CLOCK_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_TCP_LISTEN = "0A"


def parse_stat_cpu_ticks(stat: str) -> int:
    """utime + stime (proc(5), fields 14 and 15) of a process with all its threads."""
    # The second field is the program's name in parentheses; it may hold blanks and parentheses itself.
    fields = stat[stat.rindex(")") + 2 :].split()
    return int(fields[11]) + int(fields[12])


def parse_rss_bytes(smaps_rollup: str) -> int:
    """The resident set. smaps_rollup walks the page tables: VmRSS in status is a batched, approximate counter."""
    for line in smaps_rollup.splitlines():
        if line.startswith("Rss:"):
            return int(line.split()[1]) * 1024
    raise ValueError("smaps_rollup without an Rss line")


def parse_listening_ports(proc_net_tcp: str) -> set[int]:
    """The ports in state LISTEN of a /proc/net/tcp."""
    ports = set()
    for line in proc_net_tcp.splitlines()[1:]:
        fields = line.split()
        if fields[3] == _TCP_LISTEN:
            ports.add(int(fields[1].rpartition(":")[2], 16))
    return ports


def listening_ports() -> set[int]:
    """Every IPv4 port that something on this host listens on."""
    return parse_listening_ports(Path("/proc/net/tcp").read_text())


def process_tree(pid: int) -> list[int]:
    """A process and all its living descendants."""
    tree = [pid]
    for parent in tree:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            tree.extend(int(child) for child in task.read_text().split())
    return tree


def tree_cpu_seconds(pid: int) -> float:
    """CPU time of a process and its descendants, user and system, in seconds."""
    ticks = sum(parse_stat_cpu_ticks(Path(f"/proc/{p}/stat").read_text()) for p in process_tree(pid))
    return ticks / CLOCK_TICKS_PER_SECOND


def tree_rss_bytes(pid: int) -> int:
    """Resident bytes of a process and its descendants. Shared pages count once per process."""
    return sum(parse_rss_bytes(Path(f"/proc/{p}/smaps_rollup").read_text()) for p in process_tree(pid))
