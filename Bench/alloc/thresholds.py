"""What the gate allows, and what exceeds it. Pure."""

import json
from pathlib import Path

THRESHOLDS = Path(__file__).parent / "thresholds.json"


def load(path: Path = THRESHOLDS) -> dict[str, float]:
    """The committed ceilings by the measurement's name."""
    return json.loads(path.read_text())


def exceeded(measured: dict[str, float], ceilings: dict[str, float]) -> list[str]:
    """A sentence for each measurement above its ceiling. Both sides must know the same names."""
    if measured.keys() != ceilings.keys():
        unmatched = ", ".join(sorted(measured.keys() ^ ceilings.keys()))
        raise ValueError(f"thresholds and measurements differ in: {unmatched}")
    return [
        f"{name}: measured {measured[name]:g}, allowed {ceilings[name]:g}"
        for name in measured
        if measured[name] > ceilings[name]
    ]
