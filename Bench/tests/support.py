"""Makes the packages of Bench importable: `python3 -m unittest discover Bench/tests` starts in this directory."""

import sys
from pathlib import Path

BENCH = Path(__file__).resolve().parents[1]

if str(BENCH) not in sys.path:
    sys.path.insert(0, str(BENCH))
