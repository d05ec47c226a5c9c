"""The allocation gate: `python3 -m alloc.alloc_gate`. Exits 1 when Sluice allocates more than thresholds.json allows.

Allocator calls are deterministic where throughput is not, so they can be gated on any machine.
"""

import argparse
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from subprocess import SubprocessError

from alloc import origin, thresholds
from alloc.counters import Counters, NeverQuiet, build
from harness import sluice
from harness.paths import MissingTool, find_sluice
from harness.ports import free_port
from harness.server import Server, ServerFailed, exit_on_terminate

CONNECTIONS = 200
WINDOWS = 3
MEBIBYTE = 1 << 20
# Long enough for the relay buffers to reach their ceiling, and for the samples that make a busy connection keep a record.
WARM_UP_BYTES = 2048 * MEBIBYTE
WINDOW_BYTES = 512 * MEBIBYTE
# Still flowing when the window ends, so that the end of the connection stays outside of it.
TAIL_BYTES = 64 * MEBIBYTE
TRANSFER_BYTES = WARM_UP_BYTES + WINDOW_BYTES + TAIL_BYTES

Measured = dict[str, float]


def measure_connections(port: int, counters: Counters) -> Measured:
    """Whole connections, one after the other: connect, one request and its response, close.

    What the process does by itself now and then (a sample, a timer) falls into one of the windows, and is not theirs: the least counts.
    """
    _exchange_all(port)
    first = before = counters.read_when_quiet()
    calls = []
    for _ in range(WINDOWS):
        _exchange_all(port)
        now = counters.read_when_quiet()
        calls.append(now.since(before).calls)
        before = now
    return {
        "allocations_per_connection": min(calls) / CONNECTIONS,
        # Signed: a pool that gives memory back later must not hide behind the absolute value, nor fail the gate.
        "leaked_blocks_per_connection": before.since(first).living / (CONNECTIONS * WINDOWS),
    }


def _exchange_all(port: int) -> None:
    for _ in range(CONNECTIONS):
        origin.exchange(port)


def _in_window(transfer: Callable[[int], None], counters: Counters) -> float:
    """Allocator calls per MiB in the middle of a transfer."""
    transfer(WARM_UP_BYTES)
    before = counters.read()
    transfer(WINDOW_BYTES)
    counts = counters.read().since(before)
    transfer(TAIL_BYTES)
    return counts.calls / (WINDOW_BYTES / MEBIBYTE)


def measure_downstream(port: int, counters: Counters) -> Measured:
    """One bulk transfer from the origin to the client."""
    with origin.connect(port) as connection:
        origin.ask_for(connection, TRANSFER_BYTES)
        per_mebibyte = _in_window(lambda length: origin.discard(connection, length), counters)
    return {"allocations_per_mebibyte_downstream": per_mebibyte}


def measure_upstream(port: int, counters: Counters) -> Measured:
    """One bulk transfer from the client to the origin."""
    with origin.connect(port) as connection:
        origin.announce(connection, TRANSFER_BYTES)
        per_mebibyte = _in_window(lambda length: origin.send_zeros(connection, length), counters)
        origin.await_done(connection)
    return {"allocations_per_mebibyte_upstream": per_mebibyte}


def measure(binary: str) -> Measured:
    """Everything that the gate looks at, on one Sluice."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sluice-alloc-")))
        counters = stack.enter_context(Counters(directory, build(directory)))
        target = stack.enter_context(origin.Origin())
        port = free_port()
        command = sluice.command(binary, directory, port, target.port)
        stack.enter_context(Server(command, port, counters.environment))
        if counters.read().calls == 0:
            raise ServerFailed(f"{binary}: no allocation was counted; is it linked statically?")
        # Once without looking: the first sample, the first decision and the like set up what lasts as long as the process.
        measure_connections(port, counters)
        measure_downstream(port, counters)
        return {
            **measure_connections(port, counters),
            **measure_downstream(port, counters),
            **measure_upstream(port, counters),
        }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python3 -m alloc.alloc_gate", description=__doc__)
    parser.add_argument("--sluice", metavar="PATH", help="default: .build/release/sluice")
    options = parser.parse_args()
    exit_on_terminate()
    try:
        measured = measure(find_sluice(options.sluice))
    except (MissingTool, ServerFailed, NeverQuiet, SubprocessError, OSError) as problem:
        raise SystemExit(f"alloc-gate: {problem}")
    for name, value in measured.items():
        print(f"{name}: {value:g}")
    problems = thresholds.exceeded(measured, thresholds.load())
    if problems:
        ceilings = thresholds.THRESHOLDS.name
        raise SystemExit("\n".join(f"alloc-gate: {problem} ({ceilings})" for problem in problems))
    print("alloc-gate: within the thresholds")


if __name__ == "__main__":
    main()
