"""The pages for those who come from another proxy: their examples, by their own program; ours; and the keys that we name."""

import re
import tempfile
import unittest
from pathlib import Path

import yaml
from support import DOCS, find_tool, run, sluice

PAGES = DOCS / "migrating"
EXAMPLES = PAGES / "examples"


class ExampleTests(unittest.TestCase):
    def expect_accepted(self, *command: str | Path) -> None:
        result = run(*command)
        self.assertEqual(result.returncode, 0, result.stdout)

    def test_haproxy_accepts_its_example(self) -> None:
        self.expect_accepted(find_tool("haproxy"), "-c", "-f", EXAMPLES / "haproxy.cfg")

    def test_nginx_accepts_its_example(self) -> None:
        """With the module that Debian loads from elsewhere, and files where anybody may write."""
        with tempfile.TemporaryDirectory() as directory:
            text = (EXAMPLES / "nginx.conf").read_text().replace("/var/log/nginx", directory)
            modules = list(Path("/usr/lib/nginx/modules").glob("ngx_stream_module.so"))
            head = [f"load_module {module};" for module in modules]
            head += [f"pid {directory}/nginx.pid;", f"error_log {directory}/error.log;"]
            path = Path(directory, "nginx.conf")
            path.write_text("\n".join([*head, text]))
            self.expect_accepted(find_tool("nginx"), "-t", "-c", path)

    def test_envoy_accepts_its_example(self) -> None:
        self.expect_accepted(find_tool("envoy"), "--mode", "validate", "-c", EXAMPLES / "envoy.yaml")

    def test_sluice_accepts_the_equivalents(self) -> None:
        examples = sorted(EXAMPLES.glob("*.sluice.yaml"))
        self.assertEqual(len(examples), len(list(PAGES.glob("*.md"))))
        for example in examples:
            with self.subTest(example.name):
                self.expect_accepted(sluice(), "check", example)


# Values that stand alone, where the key is plain from what stands before them.
VALUES = {"redis", "send_expect", "least_connections", "postgres", "v2"}


def keys(value: object) -> set[str]:
    """All keys of a piece of configuration; a word alone is one itself."""
    if isinstance(value, dict):
        return set(value).union(*(keys(each) for each in value.values() if isinstance(each, dict)))
    return {str(value)} - VALUES


class PageTests(unittest.TestCase):
    def test_the_keys_that_are_named_as_ours_are_ours(self) -> None:
        known = set(re.findall(r"^[ -]*(\w+):", (DOCS / "sluice.reference.yaml").read_text(), re.MULTILINE))
        for page in sorted(PAGES.glob("*.md")):
            table = page.read_text().split("## Their key, our key\n")[1].split("\n## ")[0]
            rows = [line.split(" | ") for line in table.splitlines() if line.startswith("| ")]
            self.assertGreater(len(rows), 20)
            for row in rows[1:]:
                for piece in re.findall(r"`([^`]*)`", row[1]):
                    with self.subTest(page.name, row=row[0], ours=piece):
                        self.assertLessEqual(keys(yaml.safe_load(piece)), known)


if __name__ == "__main__":
    unittest.main()
