"""A running Sluice, and the metrics that it really exports."""

import http.client
import re
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support import sluice


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=10)
        self._path = str(path)

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(10)
        self.sock.connect(self._path)


def get(admin: Path, target: str) -> tuple[int, str]:
    """Status and body of a request to an admin server on a Unix socket."""
    connection = _UnixConnection(admin)
    try:
        connection.request("GET", target)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


@contextmanager
def running(command: list[str], admin: Path) -> Iterator[None]:
    """Starts a Sluice whose admin server listens at `admin`, waits until it is ready, and drains it in the end."""
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            while True:
                if process.poll() is not None:
                    log.seek(0)
                    raise RuntimeError(f"{command} ended with {process.returncode}:\n{log.read()}")
                try:
                    if get(admin, "/readyz")[0] == 200:
                        break
                except OSError:
                    pass
                time.sleep(0.02)
            yield
        finally:
            process.terminate()
            process.wait(60)


# One of everything that has metrics of its own. The second origin answers, so that its round trip is measured.
_CONFIGURATION = """
workers: 1
admin: {{listen: "unix:{admin}"}}
routes:
  - name: example
    listen: 127.0.0.1:0
    to: [{{address: "127.0.0.1:1", max_connections: 5}}, 127.0.0.1:{port}]
    limits: {{connections: 9}}
    health: {{check: tcp}}
    accept_proxy: {{from: 127.0.0.0/8}}
    warm_pool: {{max: 2}}
"""


def exported() -> dict[str, list[dict[str, str]]]:
    """Every series of a Sluice that has checked its origins: its labels, by the sample's name."""
    with tempfile.TemporaryDirectory() as directory, socket.create_server(("127.0.0.1", 0)) as origin:
        admin = Path(directory, "admin.sock")
        configuration = Path(directory, "sluice.yaml")
        configuration.write_text(_CONFIGURATION.format(admin=admin, port=origin.getsockname()[1]))
        with running([sluice(), "run", "--config", str(configuration)], admin):
            deadline = time.monotonic() + 60
            while "\nsluice_origin_round_trip_seconds{" not in (text := get(admin, "/metrics")[1]):
                if time.monotonic() > deadline:
                    raise RuntimeError(f"no round trip was measured:\n{text}")
                time.sleep(0.02)
    series: dict[str, list[dict[str, str]]] = {}
    for line in text.splitlines():
        if match := re.match(r"([a-z_]+)(?:\{(.*)\})? ", line):
            labels = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', match[2] or ""))
            series.setdefault(match[1], []).append(labels)
    return series
