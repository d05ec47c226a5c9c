"""The container image, without a container runtime: what goes into it, and that Sluice runs on that alone."""

import fnmatch
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from live import get, running
from support import DEPLOY, ROOT, run, sluice

CONTAINERFILE = DEPLOY / "container/Containerfile"
# The user of the image, and of the Kubernetes resources.
USER = "65532:65532"


def copied() -> list[str]:
    """What the Containerfile copies from the build's context."""
    text = CONTAINERFILE.read_text().replace("\\\n", " ")
    sources: list[str] = []
    for arguments in re.findall(r"^COPY (?!--from)(.*)$", text, re.MULTILINE):
        sources += arguments.split()[:-1]
    return sources


class ContainerfileTests(unittest.TestCase):
    def test_everything_that_is_copied_is_in_the_context(self) -> None:
        kept = [
            line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")
        ]
        self.assertTrue(copied())
        for source in copied():
            with self.subTest(source):
                self.assertTrue((ROOT / source).exists())
                self.assertTrue(any(fnmatch.fnmatch(source, f"{pattern}*") for pattern in kept))

    def test_the_user_is_the_same_everywhere(self) -> None:
        self.assertIn(f"USER {USER}", CONTAINERFILE.read_text())
        self.assertIn(USER.partition(":")[0], (DEPLOY / "kubernetes/deployment.yaml").read_text())


class ImageTests(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = Path(directory.name, "image")
        # Other users have to pass.
        Path(directory.name).chmod(0o755)
        result = run(DEPLOY / "container/collect.sh", sluice(), self.root)
        self.assertEqual(result.returncode, 0, result.stdout)

    def test_it_holds_one_program_and_libraries(self) -> None:
        programs = [
            str(path.relative_to(self.root))
            for path in self.root.rglob("*")
            if path.is_file() and os.access(path, os.X_OK) and ".so" not in path.name
        ]
        self.assertEqual(programs, ["usr/local/bin/sluice"])

    @unittest.skipUnless(os.geteuid() == 0, "chroot takes root")
    def test_sluice_serves_from_it_without_root(self) -> None:
        """In namespaces of its own, as that user, with no capability, and nothing of this machine but its kernel."""
        (self.root / "proc").mkdir()
        (self.root / "tmp/sluice.yaml").write_text(
            'admin: {listen: "unix:/tmp/admin.sock"}\n'
            "routes: [{name: example, listen: 127.0.0.1:0, to: 127.0.0.1:1}]\n"
        )
        command = ["unshare", "--mount", "--net", "sh", "-c"]
        command.append(
            'mount -t proc proc "$0/proc" &&'
            f' exec chroot --userspec={USER} "$0" /usr/local/bin/sluice run --config /tmp/sluice.yaml'
        )
        command.append(str(self.root))
        admin = self.root / "tmp/admin.sock"
        with running(command, admin):
            status, metrics = get(admin, "/metrics")
            self.assertEqual(status, 200)
            self.assertIn("sluice_ready 1", metrics)

    def test_a_library_that_is_missing_is_told(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            # A program that wants a library which is removed before it is collected.
            library = Path(directory, "libgone.so")
            program = Path(directory, "program")
            for name, text, arguments in [
                ("library.c", "void here(void) {}", ["-shared", "-fPIC", "-o", library]),
                ("program.c", "void here(void); int main(void) { here(); }", [library, "-o", program]),
            ]:
                source = Path(directory, name)
                source.write_text(text)
                subprocess.run(["gcc", source, *arguments], check=True)
            library.unlink()
            result = run(DEPLOY / "container/collect.sh", program, Path(directory, "root"))
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("libgone.so", result.stdout)


if __name__ == "__main__":
    unittest.main()
