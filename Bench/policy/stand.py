"""Sluice between hosts of the lab, for what `sluice bench compare` has no scenario for."""

import shlex
import sys
from pathlib import Path

ORIGIN_PORT = 5300
PROXY_PORT = 16001
# Two servers of a host start together, and the lab waits for the first one.
READY = "sleep 1; "
_BENCH = Path(__file__).parents[1]


def program(name: str, *arguments: str) -> str:
    """A module of this package, as a program."""
    return shlex.join(["env", f"PYTHONPATH={_BENCH}", sys.executable, "-m", f"policy.{name}", *arguments])


def origin() -> str:
    return program("flows", "--serve", str(ORIGIN_PORT))


def flows(specifications: list[str], seconds: float, output: Path) -> str:
    words = [word for text in specifications for word in ("--flow", text)]
    return program("flows", *words, "--seconds", f"{seconds:g}", "--write", str(output))


def proxy(sluice: str, directory: Path, policy: str, host: str = "127.0.0.1", routes: int = 1) -> str:
    """One worker, nothing held back from the policy, and otherwise the defaults: what `compare` gives its candidates.

    Route i listens on PROXY_PORT + i, and leads to ORIGIN_PORT + i.
    """
    lines = ["workers: 1", "admin: off", "log: {level: warning}", "routes:"]
    for number in range(routes):
        listen, to = f"0.0.0.0:{PROXY_PORT + number}", f"{host}:{ORIGIN_PORT + number}"
        lines.append(f"  - {{name: bench-{number}, listen: '{listen}', to: '{to}', policy: {policy}, holdback: 0%}}")
    configuration = directory / "sluice.yaml"
    configuration.write_text("\n".join(lines) + "\n")
    return shlex.join([sluice, "run", "--config", str(configuration)])


def both(*commands: str) -> str:
    """One shell command for several servers of a host; they end with the shell."""
    return " & ".join(commands) + "; wait"
