"""Small charts as SVG. They have light and dark colours, and say everything in text as well. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import log10

_WIDTH = 760
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 20, 52, 46
# Told apart by those who do not see every colour, and on either background.
_STYLE = """
.back{fill:#fff}.text{fill:#24292f;font:13px system-ui,sans-serif}.title{font-weight:600;font-size:15px}
.axis{stroke:#57606a;stroke-width:1}.grid{stroke:#d0d7de;stroke-width:1}
.limit{stroke:#cf222e;stroke-width:1.5;stroke-dasharray:5 4}
.s0{stroke:#0969da;fill:#0969da}.s1{stroke:#bc4c00;fill:#bc4c00}.bad{stroke:#cf222e;fill:#cf222e}
.line{fill:none;stroke-width:2}
@media (prefers-color-scheme:dark){.back{fill:#0d1117}.text{fill:#e6edf3}.axis{stroke:#8b949e}.grid{stroke:#30363d}
.limit{stroke:#ff7b72}.s0{stroke:#58a6ff;fill:#58a6ff}.s1{stroke:#f0883e;fill:#f0883e}
.bad{stroke:#ff7b72;fill:#ff7b72}}
"""


@dataclass(frozen=True)
class Scale:
    """From values to pixels."""

    low: float
    high: float
    begin: float
    end: float
    logarithmic: bool = False

    def __call__(self, value: float) -> float:
        value = min(max(value, self.low), self.high)
        low, high = self.low, self.high
        if self.logarithmic:
            value, low, high = log10(value), log10(low), log10(high)
        return self.begin + (value - low) / (high - low) * (self.end - self.begin)


@dataclass(frozen=True)
class Series:
    title: str
    # (x, y)
    points: Sequence[tuple[float, float]]


def text(x: float, y: float, words: str, anchor: str = "start", kind: str = "") -> str:
    return f'<text class="text {kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def page(title: str, height: float, parts: list[str], width: float = _WIDTH) -> str:
    size = f'width="{width:g}" height="{height:g}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" {size} role="img">'
    body = [f"<title>{escape(title)}</title><style>{_STYLE}</style>", f'<rect class="back" {size}/>']
    return "\n".join([head, *body, text(16, 24, title, kind="title"), *parts, "</svg>"]) + "\n"


def cumulative(values: Sequence[float]) -> list[tuple[float, float]]:
    """(value, the share of values up to it), as steps."""
    ordered = sorted(values)
    points = []
    for index, value in enumerate(ordered):
        points += [(value, index / len(ordered)), (value, (index + 1) / len(ordered))]
    return points


def lines(
    series: Sequence[Series],
    x: Scale,
    y: Scale,
    x_ticks: Sequence[tuple[float, str]],
    y_ticks: Sequence[tuple[float, str]],
    x_limits: Sequence[float] = (),
    y_limits: Sequence[float] = (),
) -> list[str]:
    """Axes, limits, and a line for each series with its title beside the plot's upper edge."""
    parts = [line(x(at), y.begin, x(at), y.end, "grid") for at, _ in x_ticks]
    parts += [line(x.begin, y(at), x.end, y(at), "grid") for at, _ in y_ticks]
    parts += [text(x(at), y.begin + 18, words, "middle") for at, words in x_ticks]
    parts += [text(x.begin - 8, y(at) + 4, words, "end") for at, words in y_ticks]
    parts += [line(x(at), y.begin, x(at), y.end, "limit") for at in x_limits]
    parts += [line(x.begin, y(at), x.end, y(at), "limit") for at in y_limits]
    parts.append(line(x.begin, y.begin, x.end, y.begin, "axis"))
    for index, one in enumerate(series):
        path = " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b in one.points)
        parts.append(f'<polyline class="s{index} line" style="fill:none" points="{path}"/>')
    return parts


def legend(titles: Sequence[str], x: float, y: float) -> list[str]:
    parts = []
    for index, title in enumerate(titles):
        parts.append(f'<rect class="s{index}" x="{x:.1f}" y="{y - 9:.1f}" width="14" height="9"/>')
        parts.append(text(x + 20, y, title))
        x += 36 + 7.2 * len(title)
    return parts


def chart(title: str, x_title: str, series: Sequence[Series], **axes) -> str:
    """One chart with a legend. `axes`: x_range, y_range, log_x, and what `lines` takes."""
    height = 340
    x = Scale(*axes.pop("x_range"), _LEFT, _WIDTH - _RIGHT, axes.pop("log_x", False))
    y = Scale(*axes.pop("y_range"), height - _BOTTOM, _TOP + 14)
    parts = [*legend([one.title for one in series], _LEFT, _TOP - 6), *lines(series, x, y, **axes)]
    parts.append(text((x.begin + x.end) / 2, height - 8, x_title, "middle"))
    return page(title, height, parts)


def dots(title: str, x_title: str, rows: Sequence[tuple[str, float, bool]], ticks: Sequence[float], limit: float) -> str:
    """One dot for each row on a logarithmic scale; what is below the limit is marked."""
    step, left, width = 20, 700, 1100
    height = _TOP + step * len(rows) + _BOTTOM
    x = Scale(ticks[0], ticks[-1], left, width - _RIGHT, logarithmic=True)
    bottom = height - _BOTTOM
    parts = [line(x(at), _TOP - 10, x(at), bottom, "grid") for at in ticks]
    parts += [text(x(at), bottom + 18, f"{at:g}", "middle") for at in ticks]
    parts.append(line(x(limit), _TOP - 10, x(limit), bottom, "limit"))
    for number, (name, value, is_met) in enumerate(rows):
        y = _TOP + step * number + 4
        parts.append(text(left - 12, y + 4, name, "end"))
        mark = "s0" if is_met else "bad"
        # A shape of its own beside the colour.
        if is_met:
            parts.append(f'<circle class="{mark}" cx="{x(value):.1f}" cy="{y:.1f}" r="4"/>')
        else:
            parts.append(f'<rect class="{mark}" x="{x(value) - 4:.1f}" y="{y - 4:.1f}" width="8" height="8"/>')
    parts.append(text((x.begin + x.end) / 2, height - 8, x_title, "middle"))
    return page(title, height, parts, width)
