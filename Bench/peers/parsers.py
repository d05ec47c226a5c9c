"""Takes the output of the tools apart. Pure: text in, numbers out."""

import csv
import io
import json
import re
from dataclasses import dataclass


class UnexpectedOutput(Exception):
    """A tool wrote something other than its result."""


@dataclass(frozen=True)
class Bulk:
    """What an iperf3 server received."""

    bits_per_second: float
    bytes: int


@dataclass(frozen=True)
class Requests:
    """What redis-benchmark saw of one command."""

    per_second: float
    mean_milliseconds: float
    # redis-benchmark sorts latencies into bins of 8 microseconds: this is a bin's upper edge.
    p50_milliseconds: float


def parse_iperf3(text: str) -> Bulk:
    """The receiver's sums of `iperf3 --json`, over all streams."""
    report = json.loads(text)
    if "error" in report:
        raise UnexpectedOutput(f"iperf3: {report['error']}")
    received = report["end"]["sum_received"]
    return Bulk(bits_per_second=received["bits_per_second"], bytes=received["bytes"])


def parse_redis_benchmark(text: str) -> Requests:
    """The one row of `redis-benchmark --csv` with one test."""
    # Warnings go to stdout in some versions: the header is where the result starts.
    start = text.find('"test"')
    rows = list(csv.DictReader(io.StringIO(text[start:]))) if start >= 0 else []
    if len(rows) != 1:
        raise UnexpectedOutput(f"redis-benchmark: {len(rows)} rows instead of one in {text!r}")
    row = rows[0]
    return Requests(
        per_second=float(row["rps"]),
        mean_milliseconds=float(row["avg_latency_ms"]),
        p50_milliseconds=float(row["p50_latency_ms"]),
    )


def parse_redis_info(text: str, key: str) -> int:
    """One counter of Redis' INFO."""
    found = re.search(rf"^{re.escape(key)}:(\d+)\r?$", text, re.MULTILINE)
    if found is None:
        raise UnexpectedOutput(f"redis INFO without {key}")
    return int(found[1])


def nginx_stream_module(build_options: str) -> str | None:
    """From `nginx -V`: the stream module's file to load, or None when it is linked in."""
    if "--with-stream=dynamic" not in build_options:
        return None
    directory = re.search(r"--modules-path=(\S+)", build_options)
    if directory is None:
        raise UnexpectedOutput("nginx -V: a dynamic stream module without --modules-path")
    return f"{directory[1]}/ngx_stream_module.so"


def parse_cpu_model(cpuinfo: str) -> str:
    """The first processor's name in /proc/cpuinfo."""
    found = re.search(r"^model name\s*:\s*(.+)$", cpuinfo, re.MULTILINE)
    return found[1] if found else "unknown"
