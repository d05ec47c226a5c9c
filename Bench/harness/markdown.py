"""Markdown that is made from results, and where it goes."""

from pathlib import Path


def number(value: float) -> str:
    """Three significant digits, whole above a hundred, thousands grouped."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    decimals = 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 3
    return f"{value:.{decimals}f}"


def table(header: list[str], rows: list[list[str]], alignment: str = "---:") -> str:
    """A Markdown table. The first column is left-aligned, the others as told: to the right, for numbers."""
    rule = ["---", *[alignment] * (len(header) - 1)]
    return "\n".join("| " + " | ".join(row) + " |" for row in [header, rule, *rows])


def replace(page: Path, name: str, text: str) -> None:
    """Puts `text` between the lines `<!-- NAME: ...` and `<!-- /NAME -->` of a page."""
    lines = page.read_text().split("\n")
    begin = next(index for index, line in enumerate(lines) if line.startswith(f"<!-- {name}:"))
    end = next(index for index, line in enumerate(lines) if line.startswith(f"<!-- /{name} -->"))
    page.write_text("\n".join([*lines[: begin + 1], "", text, "", *lines[end:]]))
