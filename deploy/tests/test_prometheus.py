"""The scrape configuration and the alerts: what promtool says of them, and that nothing is untested or unexplained."""

import re
import tempfile
import unittest
from pathlib import Path

import yaml
from support import DEPLOY, DOCS, documents, find_tool, run

PROMETHEUS = DEPLOY / "prometheus"


def alerts() -> list[dict]:
    (rules,) = documents(PROMETHEUS / "alerts.yml")
    return [rule for group in rules["groups"] for rule in group["rules"]]


class PrometheusTests(unittest.TestCase):
    def promtool(self, *arguments: str | Path) -> None:
        result = run(find_tool("promtool"), *arguments, cwd=PROMETHEUS)
        self.assertEqual(result.returncode, 0, result.stdout)

    def test_the_configuration_is_right(self) -> None:
        self.promtool("check", "config", "prometheus.yml")

    def test_the_configuration_for_kubernetes_is_right(self) -> None:
        """Debian's Prometheus knows no kubernetes_sd_configs: the rest is checked by it, and these here."""
        (configuration,) = documents(PROMETHEUS / "prometheus-kubernetes.yml")
        (job,) = configuration["scrape_configs"]
        self.assertEqual(job.pop("kubernetes_sd_configs"), [{"role": "pod"}])
        # promtool wants the token's file to be there.
        with tempfile.TemporaryDirectory() as directory:
            token = Path(directory, "token")
            token.write_text("not a secret")
            job["authorization"]["credentials_file"] = str(token)
            path = Path(directory, "prometheus.yml")
            path.write_text(yaml.safe_dump(configuration))
            self.promtool("check", "config", path)

    def test_the_rules_are_right(self) -> None:
        self.promtool("check", "rules", "--lint=all", "--lint-fatal", "alerts.yml")

    def test_the_alerts_fire_and_are_silent_where_they_should(self) -> None:
        self.promtool("test", "rules", "alerts.test.yml")

    def test_every_alert_is_seen_firing(self) -> None:
        (cases,) = documents(PROMETHEUS / "alerts.test.yml")
        firing = {
            case["alertname"]
            for test in cases["tests"]
            for case in test["alert_rule_test"]
            if case["exp_alerts"]
        }
        self.assertEqual(firing, {rule["alert"] for rule in alerts()})

    def test_every_alert_is_explained(self) -> None:
        text = (DOCS / "OPERATING.md").read_text()
        table = text.split("\n## Alerts\n")[1].split("\n## ")[0]
        explained = re.findall(r"^\| `(\w+)` \| (\w+) \|", table, re.MULTILINE)
        self.assertEqual(explained, [(rule["alert"], rule["labels"]["severity"]) for rule in alerts()])


if __name__ == "__main__":
    unittest.main()
