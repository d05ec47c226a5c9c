"""The plots of the policy's measurement, from its results. Pure."""

from policy import plot
from policy.parts import changes, random_cells, sweep
from policy.row import Row
from policy.storage import PartResults

_SHARES = [(0, "0"), (0.05, ""), (0.25, "25 %"), (0.5, "50 %"), (0.75, "75 %"), (1, "100 %")]
_RATIOS = (0.1, 0.25, 0.5, 1, 2, 5, 10)


def all_of(rows: list[Row], results: dict[str, PartResults]) -> dict[str, str]:
    """SVG by the file's name. What was not measured has none."""
    found = {
        "margins": margins(rows),
        "random": random_ratios(results["random"].good),
        "sweep": static_settings(results["sweep"].good),
        "changes": after_changes(results["changes"].good),
    }
    return {f"policy-{name}.svg": svg for name, svg in found.items() if svg}


def margins(rows: list[Row]) -> str | None:
    measured = [(_name(row), row.margin, bool(row.met)) for row in rows if row.margin is not None]
    if not measured:
        return None
    title = "What is asked and what was measured, every row"
    scale = "how far from what is asked: 1 is just met, right of it is better"
    return plot.dots(title, scale, measured, (0.1, 0.2, 0.5, 1, 2, 5, 10), 1)


def _name(row: Row) -> str:
    return f"{row.requirement}: {_short(row.asked, 40)} | {_short(row.where, 40)}"


def _short(words: str, length: int) -> str:
    """Without its middle: what tells rows apart stands at the end."""
    tail = length // 3
    return words if len(words) <= length else words[: length - tail - 1] + "…" + words[-tail:]


def random_ratios(results: dict[str, dict]) -> str | None:
    """The share of cells up to each ratio to the kernel alone."""
    first = [result for key, result in results.items() if key.isdigit()]
    goodputs = [ratio for result in first if (ratio := random_cells.goodput_ratio(result))]
    latencies = [ratio for result in first if (ratio := random_cells.latency_ratio(result))]
    if not goodputs or not latencies:
        return None
    return plot.chart(
        f"{len(first)} random cells, adaptive beside the kernel alone: share of cells",
        "x the kernel's (goodput: more is better; p99: less is better)",
        [
            plot.Series("goodput", plot.cumulative(goodputs)),
            plot.Series("p99", plot.cumulative(latencies)),
        ],
        x_range=(_RATIOS[0], _RATIOS[-1]),
        y_range=(0, 1),
        log_x=True,
        x_ticks=[(at, f"{at:g}") for at in _RATIOS],
        y_ticks=_SHARES,
        x_limits=(random_cells.GOODPUT_FLOOR, random_cells.LATENCY_CEILING),
    )


def static_settings(results: dict[str, dict]) -> str | None:
    """How near the adaptive policy, and the best single static setting, come to the best static setting of each cell."""
    near = [value for result in results.values() if (value := sweep.adaptive_closeness(result)) is not None]
    single = sweep.best_single(results)
    if not near or not single:
        return None
    name, values = single
    ticks = [(tenth / 10, f"{tenth / 10:g}") for tenth in range(0, 13, 2)]
    return plot.chart(
        f"{len(near)} random cells, beside each one's best static setting: share of cells",
        "x the cell's best static setting (1: as good)",
        [plot.Series("adaptive", plot.cumulative(near)), plot.Series(f"static {name} everywhere", plot.cumulative(values))],
        x_range=(0, 1.2),
        y_range=(0, 1),
        x_ticks=ticks,
        y_ticks=_SHARES,
        x_limits=(0.95,),
    )


def after_changes(results: dict[str, dict]) -> str | None:
    """Goodput over time around each change: one small chart for each."""
    keys = [key for key in results if key.endswith(", cubic")]
    if not keys:
        return None
    columns, width, height = 2, 370, 190
    parts = plot.legend(["adaptive", "the kernel alone"], 64, 46)
    for number, key in enumerate(keys):
        column, row = number % columns, number // columns
        left, top = 56 + column * width, 92 + row * height
        parts += _change(key, results[key], left, top, width - 76, height - 66)
    rows = (len(keys) + columns - 1) // columns
    return plot.page("A path changes in mid-flow: goodput, CUBIC hosts", 70 + rows * height, parts)


def _change(key: str, result: dict, left: float, top: float, width: float, height: float) -> list[str]:
    series = {
        trial["candidate"]: [(index * trial["interval"], value / 1e6) for index, value in enumerate(trial["goodput_series"])]
        for trial in reversed(result["trials"])
        if trial.get("goodput_series")
    }
    shown = [plot.Series(name, series[name]) for name in ("adaptive", "kernel") if name in series]
    if not shown:
        return []
    end = max(at for one in shown for at, _ in one.points)
    x = plot.Scale(0, end, left, left + width)
    y = plot.Scale(0, 45, top + height, top)
    changed = changes.change_seconds(result["link"])
    x_ticks = [(at, f"{at} s") for at in range(0, int(end) + 1, 5)]
    y_ticks = [(0, "0"), (20, "20"), (40, "40")]
    title = plot.text(left, top - 8, f"{key.removesuffix(', cubic')}, Mbit/s")
    return [title, *plot.lines(shown, x, y, x_ticks, y_ticks, x_limits=(changed,))]
