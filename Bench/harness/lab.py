"""Runs programs on hosts that an emulated link joins."""

import json
import subprocess

from harness.programs import UnexpectedOutput

# Host b, where servers are.
SERVER = "10.77.0.2"


def run(sluice: str, link: str, server: str, command: str, congestion_control: str | None = None) -> dict:
    """Shell commands: the server's in host b, then the other one in host a. Returns the link's statistics.

    What a command measured it writes to a file: its output is dropped.
    """
    arguments = [sluice, "lab", "run", "--json", "--duration", "60s", "--link", link]
    if congestion_control:
        arguments += ["--host-cc", congestion_control]
    arguments += ["--server", server, "--", "sh", "-c", command]
    finished = subprocess.run(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace", timeout=90
    )
    if finished.returncode != 0:
        raise UnexpectedOutput(f"lab on {link!r} ended with {finished.returncode}: {finished.stderr[-2000:]}")
    return json.loads(finished.stdout)["links"][0]["statistics"]
