"""Fills the configuration templates (`${name}`) of the proxies in."""

import string
from pathlib import Path


def render(template: Path, target_directory: Path, values: dict[str, str | int]) -> Path:
    """Writes the filled-in template into a directory and returns its path. An unknown name is an error."""
    text = string.Template(template.read_text()).substitute(values)
    target = target_directory / template.name
    target.write_text(text)
    return target
