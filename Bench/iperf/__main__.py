"""Checks that `sluice bench` measures what iperf3 measures, within 3 %: writes results/iperf.json.

Both send over the same emulated link, in turns, forwards and backwards. The link is far slower than the machine, so that it
decides. Exit code 1 when a median differs by more.
"""

import argparse
import json
import platform
import shlex
import statistics
import sys
import tempfile
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

from harness import iperf3, lab
from harness.machine import commit, facts
from harness.paths import REPOSITORY, MissingTool, find_sluice, find_tool
from harness.programs import UnexpectedOutput, versions_of

_RESULT = REPOSITORY / "Bench" / "results" / "iperf.json"
_LINK = "rate=20mbit,delay=5ms,queue=100ms"
_PROMISED = 0.03
_RUNS = 5
_SECONDS = 5
# Allowed in every namespace, and the same for both.
_CONGESTION_CONTROL = "reno"


def sluice_bits_per_second(text: str, direction: str) -> float:
    """What the receiver got by its last byte, of `sluice bench client --json`."""
    result = json.loads(text)
    if result.get("problem"):
        raise UnexpectedOutput(f"sluice bench: {result['problem']}")
    lanes = [
        lane
        for side in (result["client"], result["server"])
        for lane in side["lanes"]
        if lane.get("role") == "receiver" and lane.get("direction") == direction
    ]
    if not lanes:
        raise UnexpectedOutput(f"sluice bench: nobody received {direction}")
    return sum(lane["bytes"] for lane in lanes) * 8 / max(lane["seconds"] for lane in lanes)


def measure(sluice: str, server: str, client: str, parse: Callable[[str], float]) -> float:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "result.json"
        lab.run(sluice, _LINK, server, f"{client} > {shlex.quote(str(path))}", _CONGESTION_CONTROL)
        return parse(path.read_text())


def by_iperf3(sluice: str, reverse: bool) -> float:
    client = f"iperf3 --json -t {_SECONDS} -c {lab.SERVER}" + (" -R" if reverse else "")
    return measure(sluice, "iperf3 -s -1", client, lambda text: iperf3.parse(text).bits_per_second)


def by_sluice(sluice: str, reverse: bool) -> float:
    binary = shlex.quote(sluice)
    client = f"{binary} bench client {lab.SERVER} --json -t {_SECONDS}" + (" -R" if reverse else "")
    direction = "downstream" if reverse else "upstream"
    server = f"{binary} bench server --one-off"
    return measure(sluice, server, client, lambda text: sluice_bits_per_second(text, direction))


def compared(sluice: str, runs: int) -> dict:
    directions = {}
    for name, reverse in (("forward", False), ("reverse", True)):
        iperf3_runs, sluice_runs = [], []
        for number in range(1, runs + 1):
            iperf3_runs.append(by_iperf3(sluice, reverse))
            sluice_runs.append(by_sluice(sluice, reverse))
            print(f"{name}, run {number}: iperf3 {iperf3_runs[-1]:,.0f}, sluice {sluice_runs[-1]:,.0f} bit/s", flush=True)
        difference = statistics.median(sluice_runs) / statistics.median(iperf3_runs) - 1
        directions[name] = {
            "iperf3_bits_per_second": iperf3_runs,
            "sluice_bits_per_second": sluice_runs,
            "difference_of_medians": round(difference, 5),
        }
    return directions


def main() -> int:
    parser = argparse.ArgumentParser(prog="python3 -m iperf", description=__doc__)
    parser.add_argument("--runs", type=int, default=_RUNS, help="of each, each way; default: %(default)s")
    parser.add_argument("--sluice", metavar="PATH", help="default: .build/release/sluice")
    parser.add_argument("--output", type=Path, default=_RESULT, metavar="JSON")
    options = parser.parse_args()
    sluice = find_sluice(options.sluice)
    result = {
        "command": shlex.join(["python3", "-m", "iperf", *sys.argv[1:]]),
        "date": f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC",
        "runs": options.runs,
        "link": _LINK,
        "promised_difference": _PROMISED,
        "machine": facts(),
        "versions": {**versions_of(sluice, find_tool("iperf3")), "python": platform.python_version(), "commit": commit()},
        "directions": compared(sluice, options.runs),
    }
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(result, indent=1) + "\n")
    differences = {name: row["difference_of_medians"] for name, row in result["directions"].items()}
    print(", ".join(f"{name}: {value:+.2%}" for name, value in differences.items()))
    return 0 if all(abs(value) <= _PROMISED for value in differences.values()) else 1


if __name__ == "__main__":
    try:
        raise SystemExit(main())
    except (MissingTool, UnexpectedOutput) as error:
        raise SystemExit(f"iperf: {error}") from error
