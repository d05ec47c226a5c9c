"""docs/peer-scenarios.md: every test that it names exists, and no scenario stands there without an answer."""

import re
import unittest

from support import DOCS, ROOT

TESTS = list((ROOT / "Tests").rglob("*Tests.swift"))


def exists(suite: str, test: str) -> bool:
    """Two targets may have a suite of the same name."""
    declaration = rf"func (`{re.escape(test)}`|{re.escape(test)})\("
    return any(re.search(declaration, path.read_text()) for path in TESTS if path.stem == suite)


class PeerScenarioTests(unittest.TestCase):
    def test_every_scenario_has_an_answer_that_exists(self) -> None:
        text = (DOCS / "peer-scenarios.md").read_text()
        rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| `")]
        self.assertGreater(len(rows), 70)
        for row in rows:
            with self.subTest(row[0]):
                files, _, answer = row
                named = re.findall(r"`(\w+Tests)/([^`]+)`", answer)
                self.assertTrue(named or re.search(r"\b(no|not looked at|standard error)\b", answer))
                for suite, test in named:
                    self.assertTrue(exists(suite, test), f"{suite}/{test}")

    def test_no_file_is_answered_twice(self) -> None:
        text = (DOCS / "peer-scenarios.md").read_text()
        files = [
            name
            for line in text.splitlines()
            if line.startswith("| `")
            for name in re.findall(r"`([^`]+\.(?:t|vtc))`", line.split(" | ")[0])
        ]
        self.assertEqual(len(files), len(set(files)))


if __name__ == "__main__":
    unittest.main()
