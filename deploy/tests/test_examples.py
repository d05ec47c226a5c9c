"""The examples of configurations in the pages: Sluice accepts each that has routes."""

import re
import tempfile
import unittest
from pathlib import Path

from support import DOCS, ROOT, run, sluice


def examples() -> list[tuple[str, str]]:
    """By the page's name."""
    pages = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
    return [
        (page.name, block)
        for page in pages
        for block in re.findall(r"```yaml\n(.*?)```", page.read_text(), re.DOTALL)
        if re.search(r"^routes:", block, re.MULTILINE)
    ]


class ExampleTests(unittest.TestCase):
    def test_sluice_accepts_them(self) -> None:
        self.assertGreaterEqual([name for name, _ in examples()].count("origins.md"), 2)
        for name, text in examples():
            with self.subTest(name, text=text), tempfile.TemporaryDirectory() as directory:
                file = Path(directory, "sluice.yaml")
                file.write_text(text)
                result = run(sluice(), "check", file)
                self.assertEqual(result.returncode, 0, result.stdout)


if __name__ == "__main__":
    unittest.main()
