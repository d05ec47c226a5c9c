"""The Kubernetes resources: against the API's schemas, their Sluice configurations, and what they must agree on."""

import os
import re
import tempfile
import unittest
from pathlib import Path

import kubernetes_validate
import yaml
from support import DEPLOY, documents, find_tool, run, sluice

KUBERNETES = DEPLOY / "kubernetes"
FILES = sorted(KUBERNETES.glob("*.yaml"))
# From the first with sidecars to the newest that kubernetes-validate knows.
VERSIONS = ["1.29", "1.33", kubernetes_validate.latest_version()]


def resources(kind: str) -> list[tuple[Path, dict]]:
    return [(path, each) for path in FILES for each in documents(path) if each["kind"] == kind]


def workloads() -> list[tuple[Path, dict]]:
    return resources("Deployment") + resources("DaemonSet")


def containers(workload: dict) -> list[dict]:
    pod = workload["spec"]["template"]["spec"]
    return pod.get("initContainers", []) + pod["containers"]


def configurations() -> list[tuple[Path, str]]:
    return [
        (path, each["data"]["sluice.yaml"])
        for path, each in resources("ConfigMap")
        if "sluice.yaml" in each["data"]
    ]


def seconds(duration: str) -> float:
    number, unit = re.fullmatch(r"(\d+)(ms|s|m|h)", duration).groups()
    return int(number) * {"ms": 0.001, "s": 1, "m": 60, "h": 3600}[unit]


class KubernetesTests(unittest.TestCase):
    def test_every_resource_fits_the_schemas(self) -> None:
        self.assertTrue(FILES)
        for path in FILES:
            for resource in documents(path):
                for version in VERSIONS:
                    with self.subTest(path.name, kind=resource["kind"], version=version):
                        kubernetes_validate.validate(resource, version, strict=True)

    def test_sluice_accepts_its_configurations(self) -> None:
        self.assertTrue(configurations())
        for path, text in configurations():
            with self.subTest(path.name), tempfile.TemporaryDirectory() as directory:
                token = Path(directory, "admin.token")
                token.write_text("a-token-of-a-secret\n")
                file = Path(directory, "sluice.yaml")
                file.write_text(text.replace("/etc/sluice/admin.token", str(token)))
                result = run(sluice(), "check", file)
                self.assertEqual(result.returncode, 0, result.stdout)

    def test_a_drain_is_over_before_the_pod_is_killed(self) -> None:
        for (path, text), (_, workload) in zip(configurations(), self.in_order_of_files(workloads())):
            with self.subTest(path.name):
                drain = yaml.safe_load(text)["drain"]
                if isinstance(drain, str):
                    drain = {"deadline": drain}
                longest = seconds(drain.get("grace", "0s")) + seconds(drain["deadline"])
                pod = workload["spec"]["template"]["spec"]
                self.assertLess(longest, pod["terminationGracePeriodSeconds"])

    def test_every_port_of_a_route_is_a_port_of_the_pod(self) -> None:
        (text,) = [text for path, text in configurations() if path.name == "deployment.yaml"]
        listening = {int(route["listen"].rpartition(":")[2]) for route in yaml.safe_load(text)["routes"]}
        (workload,) = [each for path, each in workloads() if path.name == "deployment.yaml"]
        ports = {port["name"]: port["containerPort"] for port in containers(workload)[0]["ports"]}
        (service,) = [each for _, each in resources("Service")]
        served = {ports[port["targetPort"]] for port in service["spec"]["ports"]}
        self.assertEqual(served, listening)
        self.assertEqual(ports.keys(), {port["targetPort"] for port in service["spec"]["ports"]} | {"admin"})

    def test_no_container_has_more_privileges_than_it_uses(self) -> None:
        for path, workload in workloads():
            for container in containers(workload):
                if "sluice" not in container["image"]:
                    continue
                with self.subTest(path.name, container=container["name"]):
                    security = container["securityContext"]
                    self.assertFalse(security["allowPrivilegeEscalation"])
                    self.assertTrue(security["readOnlyRootFilesystem"])
                    self.assertEqual(security["capabilities"]["drop"], ["ALL"])
                    added = ["NET_ADMIN"] if path.name == "daemonset.yaml" else []
                    self.assertEqual(security["capabilities"].get("add", []), added)

    def test_selectors_select_the_pods(self) -> None:
        for path, workload in workloads():
            with self.subTest(path.name):
                labels = workload["spec"]["template"]["metadata"]["labels"]
                self.assertEqual(workload["spec"]["selector"]["matchLabels"], labels)
        (deployment,) = [each for path, each in workloads() if path.name == "deployment.yaml"]
        labels = deployment["spec"]["template"]["metadata"]["labels"]
        ((_, budget),) = resources("PodDisruptionBudget")
        ((_, service),) = resources("Service")
        self.assertEqual(budget["spec"]["selector"]["matchLabels"], labels)
        self.assertEqual(service["spec"]["selector"], labels)

    def test_the_autoscaler_asks_for_what_the_adapter_has(self) -> None:
        ((_, autoscaler),) = resources("HorizontalPodAutoscaler")
        asked = [
            metric["pods"]["metric"]["name"]
            for metric in autoscaler["spec"]["metrics"]
            if metric["type"] == "Pods"
        ]
        (adapter,) = documents(KUBERNETES / "prometheus-adapter.yaml")
        rules = yaml.safe_load(adapter["data"]["config.yaml"])["rules"]
        self.assertEqual(asked, [rule["name"]["as"] for rule in rules])

    @unittest.skipUnless(os.geteuid() == 0, "a network namespace of its own takes root")
    def test_nft_accepts_the_rule_set(self) -> None:
        ((_, settings),) = [
            (path, each) for path, each in resources("ConfigMap") if "steering.nft" in each["data"]
        ]
        with tempfile.TemporaryDirectory() as directory:
            file = Path(directory, "steering.nft")
            file.write_text(settings["data"]["steering.nft"])
            result = run("unshare", "--net", find_tool("nft"), "--check", "--file", file)
            self.assertEqual(result.returncode, 0, result.stdout)

    @staticmethod
    def in_order_of_files(found: list[tuple[Path, dict]]) -> list[tuple[Path, dict]]:
        return sorted(found, key=lambda pair: pair[0])


if __name__ == "__main__":
    unittest.main()
