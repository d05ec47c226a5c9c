"""The tables of the policy's measurement. Pure."""

from harness.markdown import table
from policy.cell import Part
from policy.row import Row
from policy.storage import PartResults


def rows_of(parts: list[Part], results: dict[str, PartResults]) -> list[Row]:
    """In the order of the requirements, whatever order the parts ran in."""
    rows = [row for part in parts for row in part.rows(results[part.name].good)]
    return sorted(rows, key=lambda row: int(row.requirement.split(" ")[0]))


def summary(rows: list[Row]) -> str:
    """One row for everything that is asked: how often it is met, and the situations in the middle and at the bottom. What was not
    measured is named below."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.requirement, row.asked), []).append(row)
    measured = {asked: _measured(group) for asked, group in groups.items()}
    header = ["asked", "met", "median case", "worst case"]
    body = [_group(*asked, group) for asked, group in measured.items() if group]
    parts = [table(header, body, "---")] if body else []
    if left := dict.fromkeys(requirement for (requirement, asked), group in measured.items() if not group):
        parts.append(f"Not measured, or not all of it: {'; '.join(left)}.")
    return "\n\n".join(parts)


def _measured(group: list[Row]) -> list[Row]:
    """The worst first."""
    return sorted((row for row in group if row.margin is not None), key=lambda row: row.margin)


def _group(requirement: str, asked: str, measured: list[Row]) -> list[str]:
    title = f"**{requirement}**: {asked}"
    met = sum(row.met for row in measured)
    verdict = ("yes" if met else "**no**") if len(measured) == 1 else f"{met} of {len(measured)}"
    worst = measured[0]
    middle = measured[len(measured) // 2]
    return [title, verdict, _situation(middle), "" if middle is worst else _situation(worst)]


def _situation(row: Row) -> str:
    told = [row.measured, f"({row.baseline})" if row.baseline else ""]
    text = " ".join(word for word in told if word)
    return f"{row.where}: {text}" if row.where and text else row.where or text


def full(rows: list[Row]) -> str:
    """Every row."""
    header = ["requirement", "where", "asked", "measured", "baseline", "met", "trials", "spread"]
    body = [
        [row.requirement, row.where, row.asked, row.measured, row.baseline, _verdict(row), str(row.trials), row.spread]
        for row in rows
    ]
    return table(header, body, "---")


def _verdict(row: Row) -> str:
    return f"**{row.verdict}**" if row.met is False else row.verdict


def sources(parts: list[Part], results: dict[str, PartResults]) -> str:
    """What each part was measured with: command, date, machine, versions; and which of its cells are no results."""
    lines = []
    for part in parts:
        of = results[part.name]
        if not of.sessions:
            lines.append(f"- `{part.name}`: not measured.")
            continue
        dates = ", ".join(session["date"] for session in of.sessions)
        commits = ", ".join(dict.fromkeys(session["versions"]["commit"] for session in of.sessions))
        commands = "; ".join(dict.fromkeys(f"`{session['command']}`" for session in of.sessions))
        seconds = sum(session.get("seconds", 0) for session in of.sessions)
        text = f"- `{part.name}`: {commands}, {dates}, commit {commits}, {len(of.cells)} cells in {seconds / 60:.0f} minutes"
        if failed := [key for key, cell in of.cells.items() if "failure" in cell]:
            text += f"; failed: {', '.join(failed)}"
        if warned := sum(bool(trial.get("warnings")) for cell in of.cells.values() for trial in cell.get("trials", [])):
            text += f"; in {warned} trials the machine was too slow for the link, and packets were dropped for that"
        if lost := sum("failure" in trial for cell in of.cells.values() for trial in cell.get("trials", [])):
            text += f"; {lost} trials failed"
        lines.append(text + ".")
    return "\n".join(lines)


def machine(results: dict[str, PartResults]) -> str:
    """Every one that something was measured on, with the parts that were, where it was not one for all."""
    parts_on: dict[str, list[str]] = {}
    for name, of in results.items():
        for session in of.sessions:
            facts = session["machine"]
            text = f"{facts['cores']} cores ({facts['cpu']}), {facts['memory']}, Linux {facts['kernel']}"
            parts_on.setdefault(text, []).append(name)
    if not parts_on:
        return "Nothing has been measured."
    if len(parts_on) == 1:
        return f"{next(iter(parts_on))}."
    return "; ".join(f"{text}, for {', '.join(dict.fromkeys(names))}" for text, names in parts_on.items()) + "."
