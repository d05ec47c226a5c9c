"""Child processes that serve: started, awaited, and always ended by their own id."""

import os
import resource
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from types import FrameType, TracebackType

from harness import procfs

_START_DEADLINE_SECONDS = 15.0
_STOP_DEADLINE_SECONDS = 5.0
_POLL_SECONDS = 0.02


class ServerFailed(Exception):
    """A server ended early or did not listen in time; the message holds what it wrote."""


def raise_descriptor_limit() -> int:
    """Raises this process's soft descriptor limit, which its children inherit, to the hard one. Returns it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def exit_on_terminate() -> None:
    """Makes SIGTERM unwind the stack as Ctrl-C does, so that every server is stopped."""

    def leave(_signal: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + signal.SIGTERM)

    signal.signal(signal.SIGTERM, leave)


def wait_until(condition: Callable[[], bool], deadline_seconds: float) -> bool:
    """Polls until the condition holds; False when the deadline passed first."""
    deadline = time.monotonic() + deadline_seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


class Server:
    """A running server, as a context manager: entered when it listens on its port, ended when the block is left."""

    def __init__(self, command: list[str], port: int, environment: dict[str, str] | None = None) -> None:
        self.command = command
        self.port = port
        self._environment = {**os.environ, **(environment or {})}
        self._output = tempfile.TemporaryFile()

    @property
    def pid(self) -> int:
        return self._process.pid

    def cpu_seconds(self) -> float:
        """CPU time used so far by the server and its children."""
        return procfs.tree_cpu_seconds(self.pid)

    def rss_bytes(self) -> int:
        """Resident memory of the server and its children."""
        return procfs.tree_rss_bytes(self.pid)

    def __enter__(self) -> "Server":
        self._process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            env=self._environment,
        )
        try:
            self._wait_until_listening()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def _wait_until_listening(self) -> None:
        # The kernel's table is asked instead of connecting: a probe connection would reach the origin through a
        # proxy, and iperf3 takes the first connection for its control connection.
        def listens_or_ended() -> bool:
            return self.port in procfs.listening_ports() or self._process.poll() is not None

        listening = wait_until(listens_or_ended, _START_DEADLINE_SECONDS)
        if not listening or self._process.poll() is not None:
            raise ServerFailed(f"{' '.join(self.command)}: does not listen on port {self.port}\n{self._written()}")

    def _written(self) -> str:
        self._output.seek(0)
        return self._output.read().decode(errors="replace")[-2000:]

    def _stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(_STOP_DEADLINE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._output.close()
