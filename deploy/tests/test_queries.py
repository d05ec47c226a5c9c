"""Every query of the dashboard, of the alerts and of the autoscaler finds something in what a real Sluice exports."""

import json
import re
import tempfile
import unittest
from pathlib import Path

import yaml
from live import exported
from support import DEPLOY, documents, find_tool, run

# What Prometheus adds when it scrapes.
SCRAPED = {"job": "sluice", "instance": "host:9901", "namespace": "default", "pod": "sluice-0"}


def dashboard() -> dict:
    return json.loads((DEPLOY / "grafana/sluice.json").read_text())


def dashboard_queries() -> list[tuple[str, str, str]]:
    """Where each query stands, the query, and the template of its series' names."""
    found = [
        (panel["title"], target["expr"], target["legendFormat"])
        for panel in dashboard()["panels"]
        for target in panel.get("targets", [])
    ]
    found += [
        (annotation["name"], annotation["expr"], annotation["titleFormat"])
        for annotation in dashboard()["annotations"]["list"]
    ]
    for variable in dashboard()["templating"]["list"]:
        if variable["type"] == "query":
            selector, label = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"]["query"]).groups()
            found.append((variable["name"], f"count by ({label}) ({selector})", ""))
    return [(place, interpolated(query), legend) for place, query, legend in found]


def interpolated(query: str) -> str:
    """As Grafana asks when everything is chosen."""
    for name in ["job", "instance", "route"]:
        query = query.replace(f"${name}", ".*")
    return query.replace("$__rate_interval", "5m")


def alert_queries() -> list[tuple[str, str, str]]:
    (rules,) = documents(DEPLOY / "prometheus/alerts.yml")
    return [(rule["alert"], rule["expr"], "") for group in rules["groups"] for rule in group["rules"]]


def adapter_queries() -> list[tuple[str, str, str]]:
    (adapter,) = documents(DEPLOY / "kubernetes/prometheus-adapter.yaml")
    found = []
    for rule in yaml.safe_load(adapter["data"]["config.yaml"])["rules"]:
        name = rule["seriesQuery"].partition("{")[0]
        query = rule["metricsQuery"]
        for template, text in {"Series": name, "LabelMatchers": 'pod=~".*"', "GroupBy": "pod"}.items():
            query = query.replace(f"<<.{template}>>", text)
        found += [(rule["name"]["as"], rule["seriesQuery"], ""), (rule["name"]["as"], query, "")]
    return found


class QueryTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.series = exported()
        cls.series["up"] = [{}]
        cls.queries = dashboard_queries() + alert_queries() + adapter_queries()

    def test_every_query_finds_something(self) -> None:
        """As a rule test: the series rise by one a minute, and a query has to yield at least one sample."""
        inputs = [
            {"series": name + self.selector(labels | SCRAPED), "values": "1+1x30"}
            for name, all_labels in self.series.items()
            for labels in all_labels
        ]
        # A comparison says yes or no, so that an alert which is silent finds something, too.
        asked = [re.sub(r" (==|!=|[<>]=?) ", r" \1 bool ", query) for _, query, _ in self.queries]
        test = {
            "rule_files": [],
            "evaluation_interval": "1m",
            "tests": [
                {
                    "interval": "1m",
                    "input_series": inputs,
                    "promql_expr_test": [
                        {
                            "expr": f"clamp_max(count({query}), 1)",
                            "eval_time": "20m",
                            "exp_samples": [{"labels": "{}", "value": 1}],
                        }
                        for query in asked
                    ],
                }
            ],
        }
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory, "queries.test.yml")
            path.write_text(yaml.safe_dump(test))
            result = run(find_tool("promtool"), "test", "rules", path)
        self.assertEqual(result.returncode, 0, result.stdout)

    def test_every_label_is_one_of_the_metrics(self) -> None:
        """`by (...)` with a label that is not there finds something, too: one nameless series."""
        for place, query, legend in self.queries:
            with self.subTest(place, query=query):
                names = set(re.findall(r"\b(?:sluice|process)_\w+|\bup\b", query))
                self.assertTrue(names)
                known = set(SCRAPED)
                for name in names:
                    self.assertIn(name, self.series)
                    known |= {label for labels in self.series[name] for label in labels}
                groups = [set(re.split(r",\s*", group)) for group in re.findall(r"\bby \(([^)]*)\)", query)]
                for group in groups:
                    self.assertLessEqual(group, known)
                # What a series is called must have survived the grouping.
                named = set(re.findall(r"\{\{(\w+)\}\}", legend))
                self.assertLessEqual(named, set.intersection(*groups) if groups else known)

    def test_a_wrong_query_would_be_found(self) -> None:
        self.assertNotIn("sluice_connection", self.series)
        self.assertIn("sluice_connections", self.series)

    @staticmethod
    def selector(labels: dict[str, str]) -> str:
        return "{" + ",".join(f'{name}="{value}"' for name, value in labels.items()) + "}"


class LayoutTests(unittest.TestCase):
    def test_panels_stand_side_by_side(self) -> None:
        taken: dict[tuple[int, int], str] = {}
        for panel in dashboard()["panels"]:
            place = panel["gridPos"]
            self.assertLessEqual(place["x"] + place["w"], 24, panel["title"])
            for x in range(place["x"], place["x"] + place["w"]):
                for y in range(place["y"], place["y"] + place["h"]):
                    self.assertNotIn((x, y), taken, f"{panel['title']} covers {taken.get((x, y))}")
                    taken[x, y] = panel["title"]
        height = 1 + max(y for _, y in taken)
        self.assertEqual(len(taken), 24 * height, "there are holes between the panels")

    def test_panels_can_be_told_apart(self) -> None:
        panels = dashboard()["panels"]
        self.assertEqual(len({panel["id"] for panel in panels}), len(panels))
        for panel in panels:
            self.assertTrue(panel["title"])
            references = [target["refId"] for target in panel.get("targets", [])]
            self.assertEqual(len(set(references)), len(references), panel["title"])


if __name__ == "__main__":
    unittest.main()
