"""Runs inside the lab: flows that begin when they are told to and end together, counted where they arrive.

`serve` is the origin; `run` opens the flows and writes what each receiver got. A flow is KIND:HOST:PORT:START:CONTROL, where
KIND is down or up, START counts seconds from the program's own, and CONTROL is this host's congestion control for the flow, or
empty for the host's default. The origin takes the one that it is asked for.

On connecting, the client says which flow this is, in one line: KIND, CONTROL, and for how many seconds it runs. Who receives
counts; for what arrives at the origin it answers with the counts.
"""

import argparse
import contextlib
import json
import socket
import sys
import threading
import time
from pathlib import Path

INTERVAL_SECONDS = 0.5
_BLOCK = bytes(64 << 10)
_PATIENCE_SECONDS = 10


def count(connection: socket.socket, seconds: float) -> list[int]:
    """Bytes in each interval from now on."""
    counts = [0] * round(seconds / INTERVAL_SECONDS)
    started = time.monotonic()
    buffer = bytearray(256 << 10)
    connection.settimeout(INTERVAL_SECONDS)
    while (now := time.monotonic() - started) < seconds:
        with contextlib.suppress(TimeoutError):
            received = connection.recv_into(buffer)
            now = time.monotonic() - started
            if not received:
                break
            if now < seconds:
                counts[min(len(counts) - 1, int(now / INTERVAL_SECONDS))] += received
    return counts


def send(connection: socket.socket, seconds: float) -> None:
    """As much as it takes. The other end may go first."""
    deadline = time.monotonic() + seconds
    connection.settimeout(1)
    while time.monotonic() < deadline:
        try:
            connection.send(_BLOCK)
        except TimeoutError:
            continue
        except OSError:
            return


def choose(connection: socket.socket, control: str) -> None:
    if control:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, control.encode())


def answer(connection: socket.socket) -> None:
    with connection, contextlib.suppress(OSError), connection.makefile("rb") as lines:
        kind, control, seconds = lines.readline().decode().rstrip("\n").split(" ")
        choose(connection, control)
        if kind == "down":
            send(connection, float(seconds) + _PATIENCE_SECONDS)
        else:
            counts = count(connection, float(seconds))
            connection.settimeout(_PATIENCE_SECONDS)
            connection.sendall(json.dumps(counts).encode() + b"\n")
            # What is still on its way is not wanted, but a reset would overtake the counts.
            while connection.recv(len(_BLOCK)):
                pass


def serve(port: int) -> None:
    with socket.create_server(("", port), backlog=128) as server:
        while True:
            connection, _ = server.accept()
            threading.Thread(target=answer, args=(connection,), daemon=True).start()


def flow(specification: str, seconds: float, result: dict) -> None:
    kind, host, port, start, control = specification.split(":")
    time.sleep(float(start))
    length = seconds - float(start)
    with socket.socket() as connection:
        choose(connection, control)
        connection.settimeout(_PATIENCE_SECONDS)
        connection.connect((host, int(port)))
        connection.sendall(f"{kind} {control} {length}\n".encode())
        if kind == "down":
            result["bytes"] = count(connection, length)
            return
        send(connection, length)
        connection.settimeout(_PATIENCE_SECONDS)
        connection.shutdown(socket.SHUT_WR)
        with connection.makefile("rb") as lines:
            result["bytes"] = json.loads(lines.readline())


def run(specifications: list[str], seconds: float, output: Path) -> None:
    """Writes when each flow began, and its bytes by interval from then on."""
    results = [{"start": float(text.split(":")[3])} for text in specifications]
    threads = [
        threading.Thread(target=flow, args=(text, seconds, result)) for text, result in zip(specifications, results)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    output.write_text(json.dumps(results))
    if any("bytes" not in result for result in results):
        sys.exit("flows: one of them broke off")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", type=int, metavar="PORT")
    parser.add_argument("--flow", action="append", default=[], metavar="KIND:HOST:PORT:START:CONTROL")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--write", type=Path, metavar="JSON")
    options = parser.parse_args()
    if options.serve:
        serve(options.serve)
    else:
        run(options.flow, options.seconds, options.write)


if __name__ == "__main__":
    main()
