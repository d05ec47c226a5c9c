"""Measures the link emulator and writes Bench/results/lab.json; prints the table. Takes about a minute."""

import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from harness.paths import REPOSITORY

_SLUICE = REPOSITORY / ".build" / "release" / "sluice"
_RESULT = REPOSITORY / "Bench" / "results" / "lab.json"
_PROBE = Path(__file__).parent / "probe.py"
_PROBES = 1000
# The emulator promises this much.
_DELAY_ERROR_MS = 0.3
_RATE_ERROR = 0.01


def lab(link: str, server: str, command: list[str]) -> dict:
    """Runs a command in the lab; returns the report of its only link."""
    result = subprocess.run(
        [str(_SLUICE), "lab", "run", "--json", "--duration", "60s", "--link", link, "--server", server, "--", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=90,
    )
    if result.returncode != 0:
        raise SystemExit(f"sluice lab run --link {link} ended with {result.returncode}:\n{result.stderr}")
    return json.loads(result.stdout)["links"][0]["statistics"]


def percentile(values: list[float], fraction: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * fraction))]


def delay(link: str, one_way_ms: float, load: str | None = None) -> dict:
    """The error of single packets' delays, alone or beside a UDP load in the same direction."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "delays.json"
        probe = f"{sys.executable} {_PROBE} --count {_PROBES}"
        server = f"{probe} --write {path}"
        command = f"{probe} --send-to 10.77.0.2"
        if load:
            server = f"iperf3 -s -1 & {server}; wait"
            command = f"sleep 0.5; iperf3 -u -b {load} -l 1472 -t 8 -c 10.77.0.2 >&2 & sleep 1.5; {command}; wait"
        # The receiver writes its file after the last packet: until then, the command is not over.
        report = lab(link, server, ["sh", "-c", f"{command}; until [ -s {path} ]; do sleep 0.05; done"])
        errors = [value - one_way_ms for value in json.loads(path.read_text(encoding="utf-8"))]
    return {
        "link": link,
        "load": load or "none",
        "packets": len(errors),
        "error_ms": {name: round(percentile(errors, fraction), 4) for name, fraction in _PERCENTILES.items()},
        "lateness_ms": report["up"]["total"]["lateness"],
        "emulator_drops": report["up"]["total"]["dropped"]["emulator"],
    }


_PERCENTILES = {"p1": 0.01, "p50": 0.5, "p90": 0.9, "p99": 0.99, "max": 1.0}


def rate(text: str, bits_per_second: int) -> dict:
    """The rate of a link whose queue never runs empty."""
    load = int(bits_per_second * 1.2)
    client = ["iperf3", "-u", "-b", str(load), "-l", "1472", "-t", "8", "-c", "10.77.0.2"]
    report = lab(f"rate={text},delay=1ms,queue=20ms", "iperf3 -s -1", client)
    total = report["up"]["total"]
    # A second in which the queue ran empty, as the sender fell behind, says nothing about the link.
    full = [second for second in report["up"]["perSecond"] if second["queueDelay"]["minimumMilliseconds"] > 0.1]
    rates = [second["deliveredBytes"] * 8 for second in full]
    return {
        "link": text,
        "seconds_with_full_queue": len(full),
        "rate_error": [round(value / bits_per_second - 1, 5) for value in rates],
        "packets_per_second": max((second["deliveredPackets"] for second in report["up"]["perSecond"]), default=0),
        "cpu_share_of_one_core": round(report["cpuSeconds"] / total["seconds"], 3),
        "lateness_ms": total["lateness"],
        "emulator_drops": total["dropped"]["emulator"],
    }


def main() -> None:
    load_before = os.getloadavg()[0]
    delays = [
        delay("delay=10ms", 10),
        delay("rate=50mbit,delay=40ms", 40 + 40 * 8 / 50e3),
        delay("rate=1gbit,delay=5ms,queue=2MB", 5, load="500M"),
    ]
    rates = [rate("10mbit", 10_000_000), rate("200mbit", 200_000_000), rate("1gbit", 1_000_000_000)]
    fastest = rate("10gbit", 10_000_000_000)
    result = {
        "machine": {
            "kernel": platform.release(),
            "cores": len(os.sched_getaffinity(0)),
            "load_average_before": round(load_before, 2),
        },
        "promised": {"delay_error_ms": _DELAY_ERROR_MS, "rate_error": _RATE_ERROR},
        "delay": delays,
        "rate": rates,
        "most_packets_per_second": fastest["packets_per_second"],
        "most_at_cpu_share": fastest["cpu_share_of_one_core"],
    }
    _RESULT.parent.mkdir(exist_ok=True)
    _RESULT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    for row in delays:
        error = row["error_ms"]
        print(f"delay  {row['link']:34} load {row['load']:5} error p50 {error['p50']} p99 {error['p99']} max {error['max']} ms")
    for row in rates:
        print(f"rate   {row['link']:8} errors {row['rate_error']}, CPU {row['cpu_share_of_one_core']} of a core")
    print(f"most   {result['most_packets_per_second']} packets/s at {result['most_at_cpu_share']} of a core")


if __name__ == "__main__":
    main()
