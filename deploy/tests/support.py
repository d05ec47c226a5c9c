"""Where things are, and how to run a program."""

import os
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "Bench"))

from harness.paths import find_sluice, find_tool  # noqa: E402, F401

DEPLOY = ROOT / "deploy"
DOCS = ROOT / "docs"


def sluice() -> str:
    """The binary under test: `SLUICE_BIN`, or the release build."""
    return find_sluice(os.environ.get("SLUICE_BIN"))


def run(*command: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Runs a program to its end, at most a minute, with what it says in `stdout`."""
    return subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=60,
        check=False,
    )


def documents(path: Path) -> list[dict]:
    """The YAML documents of a file."""
    return [document for document in yaml.safe_load_all(path.read_text()) if document]
