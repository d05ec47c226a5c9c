"""`steer-while-ready.sh`, with programs in the place of nft, ip and curl that write down how they are called."""

import shutil
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from support import DEPLOY

RULES = "/etc/sluice/steering.nft"
START = f"nft -f {RULES}"
STOP = "nft flush chain inet sluice_tproxy steering"


class SteeringTests(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        self.calls = self.directory / "calls"
        self.calls.touch()
        self.ready = self.directory / "ready"
        shutil.copy(DEPLOY / "container/steer-while-ready.sh", self.directory)
        self.program("nft", f'echo "nft $*" >>{self.calls}')
        self.program("policy-routing.sh", f'echo "policy-routing.sh $*" >>{self.calls}')
        self.program("curl", f"test -e {self.ready}")
        self.program("ip", "")
        # The script's own waits take no time here.
        self.program("sleep", "exec /bin/sleep 0.01")

    def program(self, name: str, text: str) -> None:
        path = self.directory / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    def start(self) -> subprocess.Popen:
        process = subprocess.Popen(
            [self.directory / "steer-while-ready.sh", RULES, "sluice_tproxy", "http://127.0.0.1:9901/readyz"],
            env={"PATH": f"{self.directory}:/usr/bin:/bin"},
            stdout=subprocess.DEVNULL,
            # Of the wait that a test's end interrupts.
            stderr=subprocess.DEVNULL,
        )
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def wait_for(self, *expected: str) -> None:
        deadline = time.monotonic() + 60
        while (calls := self.calls.read_text().splitlines()) != list(expected):
            self.assertLess(time.monotonic(), deadline, calls)
            time.sleep(0.01)

    def test_it_steers_exactly_while_sluice_is_ready(self) -> None:
        process = self.start()
        self.wait_for("policy-routing.sh up", STOP)
        self.ready.touch()
        self.wait_for("policy-routing.sh up", STOP, START)
        self.ready.unlink()
        self.wait_for("policy-routing.sh up", STOP, START, STOP)
        self.ready.touch()
        self.wait_for("policy-routing.sh up", STOP, START, STOP, START)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(60), 0)
        self.wait_for("policy-routing.sh up", STOP, START, STOP, START, STOP)

    def test_routes_of_an_earlier_life_stay(self) -> None:
        self.program("ip", "echo '32765: from all fwmark 0x1 lookup 100'")
        self.ready.touch()
        self.start()
        self.wait_for(START)

    def test_without_its_arguments_it_says_how_it_is_used(self) -> None:
        result = subprocess.run(
            [self.directory / "steer-while-ready.sh"], capture_output=True, text=True, check=False
        )
        self.assertEqual(result.returncode, 64)
        self.assertIn("usage", result.stderr)


if __name__ == "__main__":
    unittest.main()
