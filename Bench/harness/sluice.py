"""The Sluice under measurement."""

from pathlib import Path

from harness.template import render

_TEMPLATE = Path(__file__).parent / "sluice.yaml"


def command(binary: str, directory: Path, listen_port: int, origin_port: int) -> list[str]:
    """The command that runs Sluice on one route; its configuration is written into the directory."""
    config = render(_TEMPLATE, directory, {"listen_port": listen_port, "origin_port": origin_port})
    return [binary, "run", "--config", str(config)]
