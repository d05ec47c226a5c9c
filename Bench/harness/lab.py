"""Runs programs on hosts that an emulated link joins."""

import json
import subprocess

from harness.programs import UnexpectedOutput

# Host b, where servers are; with a second link it is in the middle, and host c behind it.
SERVER = "10.77.0.2"
BEHIND = "10.77.1.2"


def run(
    sluice: str,
    link: str,
    server: str,
    command: str,
    congestion_control: str | None = None,
    *,
    second_link: str | None = None,
    proxy: str | None = None,
    limit_seconds: int = 60,
) -> dict:
    """Shell commands: the server's in the last host, a proxy's in the middle, then the other one in host a.

    Returns the statistics of host a's link. What a command measured it writes to a file: its output is dropped.
    """
    arguments = [sluice, "lab", "run", "--json", "--duration", f"{limit_seconds}s", "--link", link]
    if congestion_control:
        arguments += ["--host-cc", congestion_control]
    if second_link:
        arguments += ["--second-link", second_link]
    if proxy:
        arguments += ["--proxy", proxy]
    arguments += ["--server", server, "--", "sh", "-c", command]
    finished = subprocess.run(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace", timeout=limit_seconds + 30
    )
    if finished.returncode != 0:
        raise UnexpectedOutput(f"lab on {link!r} ended with {finished.returncode}: {finished.stderr[-2000:]}")
    return json.loads(finished.stdout)["links"][0]["statistics"]
