"""The systemd units: what systemd says of them, and the exposure that deploy/README.md states."""

import re
import shutil
import tempfile
import unittest
from pathlib import Path

from support import DEPLOY, documents, find_tool, run

UNITS = DEPLOY / "systemd"
INSTALLED = "etc/systemd/system"


def as_list(value: object) -> list:
    return value if isinstance(value, list) else [value]


class SystemdTests(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = Path(directory.name)
        (self.root / INSTALLED).mkdir(parents=True)
        for program in ["usr/local/bin/sluice", "bin/kill"]:
            path = self.root / program
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o755)

    def install(self, name: str) -> None:
        target = self.root / INSTALLED / name
        target.parent.mkdir(exist_ok=True)
        shutil.copy(UNITS / name, target)

    def exposure(self) -> float:
        result = run(
            find_tool("systemd-analyze"), "security", "--offline=true", f"--root={self.root}", "sluice.service"
        )
        match = re.search(r"Overall exposure level for sluice.service: ([0-9.]+)", result.stdout)
        self.assertIsNotNone(match, result.stdout)
        return float(match[1])

    def test_the_units_have_no_mistakes(self) -> None:
        units = [path.name for path in UNITS.iterdir() if path.suffix in (".service", ".socket")]
        self.assertGreater(len(units), 3)
        for unit in units:
            self.install(unit)
        # With --root it also complains of what the empty root lacks. A template is verified as an instance.
        installed = [self.root / INSTALLED / unit for unit in units]
        result = run(find_tool("systemd-analyze"), "verify", *installed)
        complaints = [
            line for line in result.stdout.splitlines()
            if "sluice" in line and "is not executable: No such file" not in line
        ]
        self.assertEqual(complaints, [])

    def test_the_example_s_unix_sockets_can_be_reached(self) -> None:
        """By others: in a directory that they may enter, and open to them in spite of the umask."""
        unit = (UNITS / "sluice.service").read_text()
        self.assertIn("\nRuntimeDirectory=sluice\n", unit)
        self.assertNotIn("\nRuntimeDirectoryPreserve=", unit)
        (example,) = documents(DEPLOY / "sluice.example.yaml")
        listeners = [listener for route in example["routes"] for listener in as_list(route["listen"])]
        self.assertFalse([text for text in listeners if str(text).startswith("unix:")])
        for listener in listeners:
            if isinstance(listener, dict):
                self.assertEqual(Path(listener["address"].removeprefix("unix:")).parent, Path("/run/sluice"))
                self.assertIn("mode", listener)

    def test_each_table_of_rules_is_named_as_the_unit_that_holds_it_says(self) -> None:
        rule_sets = sorted((DEPLOY / "nftables").glob("*.nft"))
        self.assertGreater(len(rule_sets), 3)
        for path in rule_sets:
            with self.subTest(path.name):
                tables = set(re.findall(r"^table (.*?)(?: \{)?$", path.read_text(), re.MULTILINE))
                self.assertEqual(tables, {"inet sluice_" + path.stem.replace("-", "_")})

    def test_a_reload_checks_the_file_before_it_signals(self) -> None:
        """A failed check ends the list (systemd.service(5)): `systemctl reload` fails, and Sluice hears nothing."""
        unit = (UNITS / "sluice.service").read_text()
        check, signal = re.findall(r"^ExecReload=(.*)$", unit, re.MULTILINE)
        self.assertEqual(check, "/usr/local/bin/sluice check /etc/sluice/sluice.yaml")
        # RestartPreventExitStatus= is about the main process alone (systemd.service(5)).
        self.assertNotIn("\nExecStartPre=", unit)
        self.assertEqual(signal, "/bin/kill -HUP $MAINPID")

    def test_the_exposure_is_what_is_stated(self) -> None:
        version = run(find_tool("systemd-analyze"), "--version").stdout.split()[1]
        if version != "252":
            self.skipTest(f"stated for systemd 252; this one, {version}, may weigh differently")
        stated = dict(re.findall(r"\| `(\S+)` \|.*\| ([0-9.]+) \|", (DEPLOY / "README.md").read_text()))
        drop_ins = {path.name for path in (UNITS / "sluice.service.d").iterdir()}
        self.assertEqual(stated.keys(), {"sluice.service"} | drop_ins)
        self.install("sluice.service")
        self.assertEqual(self.exposure(), float(stated["sluice.service"]))
        for name in sorted(drop_ins):
            with self.subTest(name):
                self.install(f"sluice.service.d/{name}")
                self.assertEqual(self.exposure(), float(stated[name]))
                (self.root / INSTALLED / "sluice.service.d" / name).unlink()


if __name__ == "__main__":
    unittest.main()
