"""docs/OPERATING.md, held against the sources: log lines with their levels and fields, signals, requests, and links."""

import re
import unittest

import yaml
from support import DEPLOY, DOCS, ROOT, run

# What runs in a proxy. The bench, the comparison and the lab have no log.
SOURCES = [
    path.read_text()
    for module in ["SluiceCore", "SluiceAdmin", "sluice"]
    for path in sorted((ROOT / "Sources" / module).rglob("*.swift"))
]
TEXT = (DOCS / "OPERATING.md").read_text()
# A call up to the parenthesis that ends its line: the formatter sees to it.
CALL = re.compile(
    r'logger\.(debug|info|notice|warning|error|critical)\(\s*"([^"\\]+)"(.*?)\)$', re.DOTALL | re.MULTILINE
)


def section(title: str) -> str:
    return TEXT.split(f"\n## {title}\n")[1].split("\n## ")[0]


def logged() -> dict[str, tuple[str, set[str]]]:
    """Level and fields of each message that is a literal."""
    found: dict[str, tuple[str, set[str]]] = {}
    for source in SOURCES:
        for level, message, rest in CALL.findall(source):
            call = rest.split("logger.")[0]
            found[message] = (level, set(re.findall(r'"(\w+)": \.', call)))
    return found


class LogTests(unittest.TestCase):
    def setUp(self) -> None:
        self.rows: dict[str, tuple[str, str]] = {}
        for messages, level, fields in re.findall(
            r"^\| (`.*`) \| (\w+) \| (.*) \|$", section("The log"), re.MULTILINE
        ):
            for message in re.findall(r"`([^`]+)`", messages):
                self.rows[message] = (level, fields)

    def test_every_log_line_is_explained(self) -> None:
        self.assertIn("connection closed", logged())
        for message, (level, fields) in logged().items():
            with self.subTest(message):
                self.assertIn(message, self.rows)
                stated, explained = self.rows[message]
                self.assertEqual(stated, level)
                if explained == "below":
                    continue
                for field in fields:
                    self.assertIn(f"`{field}`", explained)

    def test_every_line_explained_is_one_that_is_logged(self) -> None:
        for message in self.rows:
            self.assertTrue(any(f'"{message}"' in source for source in SOURCES), message)

    def test_the_fields_of_a_closed_connection_are_explained(self) -> None:
        source = (ROOT / "Sources/SluiceCore/Telemetry/ConnectionLog.swift").read_text()
        closed = source.split("func closed")[1].split("\n    func ")[0]
        fields = set(re.findall(r'"(\w+)": \.', closed)) | set(re.findall(r'fields\["(\w+)"\]', closed))
        # Those of a leg or a direction are named for the first.
        for suffix in re.findall(r'fields\["\\\(\w+\.rawValue\)(\w+)"\]', closed):
            fields.add(("client" if "rtt" in suffix else "upstream") + suffix)
        self.assertGreater(len(fields), 12)
        explanation = section("The log").split("`connection closed` has")[1]
        for field in sorted(fields):
            self.assertIn(f"`{field}`", explanation)


class TableTests(unittest.TestCase):
    def test_every_signal_is_explained(self) -> None:
        sources = "\n".join(SOURCES)
        handled: set[str] = set()
        for name in ["signals", "stops"]:
            handled |= set(re.search(rf"static let {name} = \[(.*)\]", sources)[1].split(", "))
        rows = re.findall(r"^\| (`SIG.*?) \|", section("Signals"), re.MULTILINE)
        self.assertEqual({name for row in rows for name in re.findall(r"`(\w+)`", row)}, handled)
        command = (ROOT / "Sources/sluice/RunCommand.swift").read_text()
        for name in handled:
            self.assertIn(name, command)

    def test_every_limit_and_timeout_is_explained(self) -> None:
        reference = yaml.safe_load((DOCS / "sluice.reference.yaml").read_text())
        keys: set[str] = set()
        for route in reference["routes"]:
            for name, section in route.items():
                if isinstance(section, dict):
                    every = name in ("limits", "timeouts")
                    keys |= {f"{name}.{key}" for key in section if every or key == "timeout"}
        self.assertIn("limits.rate", keys)
        for key in sorted(keys):
            self.assertIn(f"`{key}`", TEXT)

    def test_every_admin_path_is_explained(self) -> None:
        endpoints = (ROOT / "Sources/SluiceAdmin/AdminEndpoints.swift").read_text()
        paths = set(re.findall(r'case \w+ = "(/\w[^"]*)"', endpoints))
        self.assertIn("/readyz", paths)
        for path in paths:
            self.assertRegex(section("The admin server"), rf"`(GET|POST|PUT|DELETE) {path}\b")


class EmergencyTests(unittest.TestCase):
    """What somebody types in the night has to work as it stands."""

    PAGE = section("When something is wrong")

    def test_every_request_is_one_that_is_answered(self) -> None:
        endpoints = (ROOT / "Sources/SluiceAdmin/AdminEndpoints.swift").read_text()
        known = set(re.findall(r'case \w+ = "(/\w[^"]*)"', endpoints))
        asked = set(re.findall(r"`ask '?(/[\w/]+)", self.PAGE))
        self.assertIn("/origins", asked)
        self.assertLessEqual(asked, known)

    def test_every_field_is_one_of_the_answers(self) -> None:
        known: set[str] = set()
        for name in ["ConnectionDocument", "OriginDocument"]:
            source = (ROOT / f"Sources/SluiceAdmin/{name}.swift").read_text()
            for case in re.findall(r"^        case (.*)$", source, re.MULTILINE):
                known |= set(re.findall(r'"(\w+)"', case)) or set(case.split(", "))
        lists = re.findall(r"\[(\.\w+(?:, \.\w+)*)\]", self.PAGE)
        self.assertGreater(len(lists), 1)
        for each in lists:
            self.assertLessEqual({field[1:] for field in each.split(", ")}, known)

    def test_every_metric_is_one(self) -> None:
        known = set(re.findall(r"^\| `(\w+)` \|", (DOCS / "METRICS.md").read_text(), re.MULTILINE))
        patterns = re.findall(r"grep (?:-E '?)?\^(sluice_[\w()\\|]+)", self.PAGE)
        self.assertGreater(len(patterns), 2)
        for pattern in patterns:
            with self.subTest(pattern):
                samples = known | {f"{name}_{part}" for name in known for part in ("sum", "count")}
                found = [name for name in samples if re.fullmatch(pattern.replace("\\|", "|"), name)]
                self.assertEqual(len(found), 1 + pattern.count("|"))

    def test_the_shell_takes_it(self) -> None:
        definitions = re.search(r"```sh\n(.*?)```", self.PAGE, re.DOTALL)[1]
        commands = [command.replace("\\|", "|") for command in re.findall(r"`(ask [^`]*)`", self.PAGE)]
        result = run("bash", "-nc", "\n".join([definitions, *commands]))
        self.assertEqual(result.returncode, 0, result.stdout)


class LinkTests(unittest.TestCase):
    def test_every_link_of_the_documents_leads_somewhere(self) -> None:
        documents = [*ROOT.glob("*.md"), *DOCS.rglob("*.md"), DEPLOY / "README.md", ROOT / "Bench/README.md"]
        for document in documents:
            for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text()):
                if re.match(r"[a-z]+:", target):
                    continue
                path, _, anchor = target.partition("#")
                with self.subTest(document.name, target=target):
                    file = document.parent / path if path else document
                    self.assertTrue(file.exists())
                    if anchor and file.suffix == ".md":
                        headings = re.findall(r"^#+ (.*)$", file.read_text(), re.MULTILINE)
                        anchors = {re.sub(r"[^\w\- ]", "", each).lower().replace(" ", "-") for each in headings}
                        self.assertIn(anchor, anchors)


if __name__ == "__main__":
    unittest.main()
