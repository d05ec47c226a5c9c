"""Takes the output of the tools apart. Pure: text in, numbers out."""

import csv
import io
import re
from dataclasses import dataclass

from harness.programs import UnexpectedOutput


@dataclass(frozen=True)
class Requests:
    """What redis-benchmark saw of one command."""

    per_second: float
    mean_milliseconds: float
    # redis-benchmark sorts latencies into bins of 8 microseconds: this is a bin's upper edge.
    p50_milliseconds: float


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
