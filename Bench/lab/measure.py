"""What is measured of the link emulator, and how: one function a kind, one run a call."""

import json
import shlex
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from harness import lab
from harness.programs import UnexpectedOutput
from lab.probe import PACKET_BYTES

_PROBE = shlex.join([sys.executable, str(Path(__file__).parent / "probe.py")])
_METER = shlex.join([sys.executable, str(Path(__file__).parent / "meter.py")])
_PROBES = 1000
_PERCENTILES = {"p1": 0.01, "p50": 0.5, "p90": 0.9, "p99": 0.99, "max": 1.0}
_SETTLE_SECONDS = 2
_MEASURE_SECONDS = 5


@dataclass(frozen=True)
class Delay:
    """Single packets' one-way delays, alone or beside a load.

    A link with a load on the probe's own way has no rate: with one, the load would stand in the link's queue in front of the
    probe, and rightly so; that wait would be taken for an error.
    """

    title: str
    link: str
    expected_ms: float
    # The way of the probe.
    direction: str = "up"
    # iperf3's options, run in host a.
    load: str | None = None
    # Of the load's packets, each way that it takes.
    load_megabits: int = 0


@dataclass(frozen=True)
class Rate:
    """What arrives over a link whose queue never runs empty."""

    title: str
    link: str
    bits_per_second: int
    directions: tuple[str, ...] = ("up",)
    # iperf3's options, run in host a.
    load: str = ""


# Evenly, not in bursts of a millisecond: 1 Gbit/s, and not 4 Gbit/s a quarter of the time.
_EVEN = "-u -l 1472 --pacing-timer 100"
_HEADERS = 1472 / 1500

DELAYS = [
    Delay("idle, up", "delay=10ms", 10),
    Delay("idle, down", "delay=10ms", 10, direction="down"),
    Delay("idle, with a rate", "rate=50mbit,delay=40ms", 40 + PACKET_BYTES * 8 / 50e3),
    Delay("beside 500 Mbit/s the same way", "delay=5ms", 5, load=f"{_EVEN} -b {500 * _HEADERS:.0f}M", load_megabits=500),
    Delay("beside 1 Gbit/s the same way, up", "delay=5ms", 5, load=f"{_EVEN} -b {1000 * _HEADERS:.0f}M", load_megabits=1000),
    Delay(
        "beside 1 Gbit/s the same way, down",
        "delay=5ms",
        5,
        direction="down",
        load=f"{_EVEN} -R -b {1000 * _HEADERS:.0f}M",
        load_megabits=1000,
    ),
    Delay(
        "beside 1 Gbit/s the other way",
        "delay=5ms,down.rate=1gbit,down.queue=2MB",
        5,
        load=f"{_EVEN} -R -b {1000 * _HEADERS:.0f}M",
        load_megabits=1000,
    ),
    Delay(
        "beside 500 Mbit/s both ways", "delay=5ms", 5, load=f"{_EVEN} --bidir -b {500 * _HEADERS:.0f}M", load_megabits=500
    ),
]

RATES = [
    Rate("10 Mbit/s", "rate=10mbit,delay=1ms,queue=50ms", 10_000_000),
    Rate("200 Mbit/s", "rate=200mbit,delay=1ms,queue=20ms", 200_000_000),
    Rate("1 Gbit/s, up", "rate=1gbit,delay=1ms,queue=20ms", 1_000_000_000),
    Rate("1 Gbit/s, down", "rate=1gbit,delay=1ms,queue=20ms", 1_000_000_000, directions=("down",), load="-R"),
    Rate(
        "250 Mbit/s, both ways",
        "rate=250mbit,delay=1ms,queue=20ms",
        250_000_000,
        directions=("up", "down"),
        load="--bidir",
    ),
]


def percentile(values: list[float], fraction: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * fraction))]


def delay(sluice: str, case: Delay) -> dict:
    """Errors are the measured delay less the expected one, milliseconds."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "delays.json"
        receive = f"{_PROBE} --count {_PROBES} --receive {path}"
        send = f"{_PROBE} --count {_PROBES}"
        server, command = (receive, send) if case.direction == "up" else (send, receive)
        command += f" --connect {lab.SERVER}"
        if case.load:
            server = f"iperf3 -s -1 & {server}; wait"
            command = f"iperf3 {case.load} -t 9 -c {lab.SERVER} & sleep 2; {command}; wait"
        report = lab.run(sluice, case.link, server, command)
        errors = [value - case.expected_ms for value in json.loads(path.read_text())]
    if not errors:
        raise UnexpectedOutput(f"no probe arrived over {case.link!r}")
    loaded = [max(second["deliveredBytes"] for second in report[way]["perSecond"]) for way in ("up", "down")]
    return {
        "packets": len(errors),
        "error_ms": {name: round(percentile(errors, fraction), 4) for name, fraction in _PERCENTILES.items()},
        "emulator_lateness_ms": report[case.direction]["total"]["lateness"],
        "most_megabits_per_second": round(max(loaded) * 8 / 1e6),
        **_costs(report),
    }


def rate(sluice: str, case: Rate) -> dict:
    """Errors are the measured rate over the asked one, less one."""
    with tempfile.TemporaryDirectory() as directory:
        files = {way: Path(directory) / way for way in case.directions}
        meter = {
            way: f"{_METER} --settle {_SETTLE_SECONDS} --measure {_MEASURE_SECONDS} --write {path} & "
            for way, path in files.items()
        }
        # Reno is allowed in every namespace, and never lets a queue run empty that is longer than the path.
        length = _SETTLE_SECONDS + _MEASURE_SECONDS + 2
        report = lab.run(
            sluice,
            case.link,
            meter.get("up", "") + "iperf3 -s -1; wait",
            meter.get("down", "") + f"iperf3 {case.load} -t {length} -c {lab.SERVER}; wait",
            congestion_control="reno",
        )
        measured = {way: json.loads(path.read_text()) for way, path in files.items()}
    seconds = [
        second
        for way in case.directions
        for second in report[way]["perSecond"][_SETTLE_SECONDS : _SETTLE_SECONDS + _MEASURE_SECONDS + 1]
    ]
    return {
        "rate_error": {way: round(value / case.bits_per_second - 1, 6) for way, value in measured.items()},
        # Otherwise the sender fell behind, and the rate says nothing about the link.
        "queue_never_empty": all(second["queueDelay"]["minimumMilliseconds"] > 0 for second in seconds),
        **_costs(report),
    }


def capacity(sluice: str) -> dict:
    """The most that goes through, over a link that does not limit it."""
    report = lab.run(sluice, "delay=1ms", "iperf3 -s -1", f"iperf3 -t 5 -c {lab.SERVER}")
    return {
        "packets_per_second": max(second["deliveredPackets"] for second in report["up"]["perSecond"]),
        **_costs(report),
    }


def _costs(report: dict) -> dict:
    return {
        "cpu_share_of_one_core": round(report["cpuSeconds"] / report["up"]["total"]["seconds"], 3),
        "emulator_drops": sum(report[way]["total"]["dropped"]["emulator"] for way in ("up", "down")),
    }
