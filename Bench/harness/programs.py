"""What programs write."""

import subprocess


class UnexpectedOutput(Exception):
    """A tool wrote something other than its result."""


def output_of(*command: str) -> str:
    """What a program says about itself, on either stream."""
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout


def versions_of(*tools: str) -> dict[str, str]:
    """The first line that each says about its version. The last word of a path is the tool's name."""
    return {tool.rpartition("/")[2]: output_of(tool, "--version").splitlines()[0] for tool in tools}
