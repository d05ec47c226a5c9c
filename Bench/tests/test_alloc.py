"""The allocation gate: its thresholds, its origin, and the counting library on programs whose calls are known."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import support
from alloc import origin, thresholds
from alloc.counters import Counters, Counts, build
from harness.paths import find_tool

# Prints nothing: stdio would allocate a buffer. `escape` keeps the compiler from removing a pair of malloc and free.
C_PROGRAM = r"""
#include <malloc.h>
#include <stdlib.h>
static void *volatile escape;
static void *keep(void *block) { escape = block; return block; }
int main(int count, char **arguments) {
    (void)arguments;
    if (count == 1) return 0;
    void *aligned = NULL;
    void *first = keep(malloc(100));
    void *second = keep(calloc(10, 20));
    void *third = keep(realloc(NULL, 30));
    void *fourth = keep(aligned_alloc(64, 128));
    if (posix_memalign(&aligned, 64, 256) != 0) return 1;
    if (posix_memalign(&aligned, 3, 256) == 0) return 2;
    if (((unsigned long)aligned % 64) != 0 || ((unsigned long)fourth % 64) != 0) return 3;
    first = keep(realloc(first, 5000));
    free(NULL);
    free(first);
    free(second);
    free(third);
    free(fourth);
    (void)aligned; /* leaked */
    return 0;
}
"""


class Library(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.directory = Path(temporary.name)
        self.library = build(self.directory)

    def counts_of(self, *command: str) -> Counts:
        with Counters(self.directory, self.library) as counters:
            subprocess.run(command, check=True, env={**os.environ, **counters.environment})
            return counters.read()

    def test_every_call_of_a_known_program_is_counted(self) -> None:
        source, program = self.directory / "known.c", self.directory / "known"
        source.write_text(C_PROGRAM)
        subprocess.run([find_tool("gcc"), "-O1", "-fno-builtin", str(source), "-o", str(program)], check=True)
        # What the C library itself allocates is in both.
        counts = self.counts_of(str(program), "go").since(self.counts_of(str(program)))
        requested = 100 + 10 * 20 + 30 + 128 + 256 + 5000
        self.assertEqual(counts, Counts(allocated=5, resized=1, freed=4, requested_bytes=requested))
        self.assertEqual((counts.calls, counts.living), (6, 1))

    def test_a_program_with_threads_loses_no_count(self) -> None:
        script = (
            "import ctypes, threading\n"
            "malloc = ctypes.CDLL(None).malloc\n"
            "threads = [threading.Thread(target=lambda: [malloc(1 << 20) for _ in range(500)]) for _ in range(4)]\n"
            "[t.start() for t in threads]; [t.join() for t in threads]\n"
        )
        self.assertGreaterEqual(self.counts_of(sys.executable, "-c", script).requested_bytes, 2000 << 20)

    def test_a_missing_counter_file_ends_the_program(self) -> None:
        environment = {"LD_PRELOAD": str(self.library), "ALLOCATION_COUNTERS": str(self.directory / "none")}
        finished = subprocess.run(["/bin/true"], env=environment, capture_output=True, text=True)
        self.assertEqual(finished.returncode, 127)
        self.assertIn("cannot open", finished.stderr)


class Origin(unittest.TestCase):
    def test_echo_send_and_sink(self) -> None:
        with origin.Origin() as server:
            origin.exchange(server.port)
            with origin.connect(server.port) as connection:
                origin.ask_for(connection, 3_000_001)
                origin.discard(connection, 3_000_001)
                self.assertEqual(connection.recv(1), b"")
            with origin.connect(server.port) as connection:
                origin.announce(connection, 3_000_001)
                origin.send_zeros(connection, 3_000_001)
                origin.await_done(connection)


class Thresholds(unittest.TestCase):
    def test_the_ceiling_itself_is_allowed(self) -> None:
        self.assertEqual(thresholds.exceeded({"a": 2.0}, {"a": 2}), [])

    def test_what_is_above_is_named_with_both_numbers(self) -> None:
        self.assertEqual(thresholds.exceeded({"a": 2.5, "b": 0}, {"a": 2, "b": 0}), ["a: measured 2.5, allowed 2"])

    def test_a_threshold_without_a_measurement_is_an_error(self) -> None:
        with self.assertRaisesRegex(ValueError, "differ in: b"):
            thresholds.exceeded({"a": 1}, {"a": 1, "b": 1})

    def test_committed_thresholds_allow_nothing_in_steady_state(self) -> None:
        ceilings = thresholds.load(support.BENCH / "alloc" / "thresholds.json")
        self.assertEqual(ceilings["allocations_per_mebibyte_downstream"], 0)
        self.assertEqual(ceilings["allocations_per_mebibyte_upstream"], 0)
        self.assertEqual(ceilings["leaked_blocks_per_connection"], 0)


if __name__ == "__main__":
    unittest.main()
