"""The counting library: built, put under a process, and read while that process runs."""

import mmap
import struct
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from harness.paths import find_tool

_SOURCE = Path(__file__).parent / "count_allocations.c"
# struct counters of count_allocations.c: four counters of 64 bits.
_LAYOUT = struct.Struct("=4Q")

_QUIET_SECONDS = 1.0
_QUIET_DEADLINE_SECONDS = 10.0
_POLL_SECONDS = 0.02


class NeverQuiet(Exception):
    """The process goes on allocating while nothing happens."""


@dataclass(frozen=True)
class Counts:
    """Allocator calls of a process since it started, or between two moments."""

    allocated: int
    resized: int
    freed: int
    requested_bytes: int

    @property
    def calls(self) -> int:
        """Every call that asked for memory: a resize may move a block, and costs as much."""
        return self.allocated + self.resized

    @property
    def living(self) -> int:
        """Blocks that were allocated and not freed."""
        return self.allocated - self.freed

    def since(self, earlier: "Counts") -> "Counts":
        """What happened between an earlier reading and this one."""
        return Counts(
            self.allocated - earlier.allocated,
            self.resized - earlier.resized,
            self.freed - earlier.freed,
            self.requested_bytes - earlier.requested_bytes,
        )


def build(directory: Path) -> Path:
    """Compiles the library into a directory."""
    library = directory / "count_allocations.so"
    # -fno-builtin: the compiler must not take malloc's own body for a pattern that it replaces by calloc.
    options = ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-O2", "-fPIC", "-fno-builtin", "-shared"]
    subprocess.run([find_tool("gcc"), *options, str(_SOURCE), "-o", str(library)], check=True)
    return library


class Counters:
    """The counters of one process, in a file that both sides map. A context manager: it unmaps when left."""

    def __init__(self, directory: Path, library: Path) -> None:
        path = directory / "counters"
        path.write_bytes(bytes(_LAYOUT.size))
        self.environment = {"LD_PRELOAD": str(library), "ALLOCATION_COUNTERS": str(path)}
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), _LAYOUT.size)

    def __enter__(self) -> "Counters":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._memory.close()

    def read(self) -> Counts:
        """The counts at this moment, whatever the process does."""
        return Counts(*_LAYOUT.unpack_from(self._memory))

    def read_when_quiet(self) -> Counts:
        """The counts once they have not moved for a second: the connections are closed, their timers have run."""
        deadline = time.monotonic() + _QUIET_DEADLINE_SECONDS
        counts, quiet_since = self.read(), time.monotonic()
        while time.monotonic() - quiet_since < _QUIET_SECONDS:
            time.sleep(_POLL_SECONDS)
            latest = self.read()
            if latest != counts:
                counts, quiet_since = latest, time.monotonic()
            if time.monotonic() > deadline:
                raise NeverQuiet(
                    f"allocator calls go on {_QUIET_DEADLINE_SECONDS:g} s after the last connection closed: {latest}"
                )
        return counts
