"""What Sluice has to reach, and whether a run reached it. Pure: results in, verdicts out."""

import statistics
from dataclasses import dataclass
from typing import Literal

from peers.candidates import DIRECT, PEERS
from peers.results import Results
from peers.spread import Spread, paired_ratios, spread

SUBJECT = "sluice"
BEST_PEER = "best"

Comparison = Literal["at least", "at most", "below"]


@dataclass(frozen=True)
class Target:
    """A bound on the ratio of Sluice's metric to a reference's."""

    scenario: str
    metric: str
    comparison: Comparison
    bound: float
    # A candidate's name, or BEST_PEER: whichever peer has the best median in the run.
    reference: str
    # An aim is reported like a target, and named as what it is.
    is_aim: bool = False

    def holds(self, ratio: float) -> bool:
        match self.comparison:
            case "at least":
                return ratio >= self.bound
            case "at most":
                return ratio <= self.bound
            case "below":
                return ratio < self.bound


@dataclass(frozen=True)
class Verdict:
    """A target beside what a run measured."""

    target: Target
    reference: str
    ratio: Spread
    rounds_met: int
    rounds: int

    @property
    def met(self) -> bool:
        """Judged by the median of the rounds' ratios."""
        return self.target.holds(self.ratio.median)


def _bulk_targets(scenario: str) -> list[Target]:
    throughput = "gigabits_per_second"
    return [
        Target(scenario, throughput, "at least", 1.6, "haproxy"),
        Target(scenario, throughput, "at least", 1.1, "envoy"),
        Target(scenario, throughput, "at least", 0.85, DIRECT, is_aim=True),
        Target(scenario, "cpu_seconds_per_gigabyte", "at most", 0.75, "haproxy"),
    ]


TARGETS = [
    *_bulk_targets("bulk1"),
    *_bulk_targets("bulk8"),
    Target("redis50", "per_second", "at least", 1.15, BEST_PEER),
    Target("redis50", "cpu_seconds_per_100k", "at most", 0.75, "haproxy"),
    Target("redis1", "p50_milliseconds", "below", 1.0, BEST_PEER),
    Target("redis1", "cpu_seconds_per_100k", "at most", 0.75, "haproxy"),
    Target("connrate", "per_second", "at least", 1.0, BEST_PEER),
    Target("idle", "bytes_per_connection", "at most", 0.5, "haproxy"),
]


def best_peer(results: Results, scenario: str, metric: str) -> str | None:
    """The peer with the best median; None when the run had no peer."""
    medians = {
        name: statistics.median(results.by_round(scenario, metric, name).values())
        for name in results.candidates(scenario, metric)
        if name in PEERS
    }
    if not medians:
        return None
    higher = any(m.name == metric and m.better == "higher" for m in results.scenarios[scenario].metrics)
    return (max if higher else min)(medians, key=lambda name: medians[name])


def judge(results: Results, targets: list[Target] = TARGETS) -> list[Verdict]:
    """A verdict for each target whose candidates the run had."""
    verdicts = []
    for target in targets:
        reference: str | None = target.reference
        if reference == BEST_PEER:
            reference = best_peer(results, target.scenario, target.metric)
        if reference is None:
            continue
        ratios = paired_ratios(
            results.by_round(target.scenario, target.metric, SUBJECT),
            results.by_round(target.scenario, target.metric, reference),
        )
        if ratios:
            rounds_met = sum(target.holds(ratio) for ratio in ratios)
            verdicts.append(Verdict(target, reference, spread(ratios), rounds_met, len(ratios)))
    return verdicts
