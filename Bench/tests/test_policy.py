"""The pure parts of the policy's measurement: statistics, verdicts, tables, plots, and what is kept between runs."""

import tempfile
import unittest
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import support  # noqa: F401
from policy import figures, parts, plot, trials
from policy.cell import Options, Part
from policy.flows import INTERVAL_SECONDS
from policy.parts import changes, competition, cost, loss, queue, random_cells, readers, sweep
from policy.report import full, machine, rows_of, sources, summary
from policy.row import Row, at_least, at_most, jain, missing, quantile
from policy.runner import left, run
from policy.storage import PartResults, read
from policy.trials import Comparison, compact, goodput_series, ratios, shortfall, warm_goodputs

OPTIONS = Options(sluice="sluice")


def trial(candidate: str, number: int = 1, **values: float) -> dict:
    return {"candidate": candidate, "round": number, "values": values}


def cell(*trials: dict, **facts) -> dict:
    return {"trials": list(trials), "hosts": "cubic", "measures": [["goodput", "more"]], "sweep": None, **facts}


def bench_result(role: str = "receiver", points=((0, 0.5, 125_000), (0.5, 1.0, 250_000), (1.0, 1.01, 9))) -> dict:
    flow = {"role": role, "points": [{"start": a, "end": b, "bytes": count} for a, b, count in points]}
    return {"client": {"flows": [flow], "latencies": []}, "server": {"flows": []}}


class Statistics(unittest.TestCase):
    def test_quantiles_are_between_the_ends(self) -> None:
        self.assertEqual(quantile([3, 1, 2], 0.5), 2)
        self.assertEqual(quantile([0, 10], 0.25), 2.5)
        self.assertEqual(quantile([7], 0.95), 7)

    def test_jain_is_one_for_equals_and_a_share_for_one_who_takes_all(self) -> None:
        self.assertAlmostEqual(jain([5, 5, 5]), 1)
        self.assertAlmostEqual(jain([5, 0, 0, 0]), 0.25)
        self.assertEqual(jain([0, 0]), 0)

    def test_margins_are_met_from_one_on(self) -> None:
        met = (at_least(0.96, 0.96), at_most(1.9, 2), at_most(-1, 2))
        missed = (at_least(0.95, 0.96), at_most(2, 1.9))
        for margin in (*met, *missed):
            self.assertEqual(Row("1 x", "", "", "", "", margin, 1).met, margin in met)

    def test_what_was_not_measured_is_neither_met_nor_missed(self) -> None:
        self.assertIsNone(missing("1 x", "much").met)
        self.assertEqual(missing("1 x", "much").verdict, "not measured")


class Trials(unittest.TestCase):
    def test_ratios_are_taken_within_rounds_that_both_have(self) -> None:
        result = cell(trial("adaptive", 1, g=10), trial("kernel", 1, g=20), trial("adaptive", 2, g=30), trial("kernel", 3, g=1))
        self.assertEqual(ratios(result, "adaptive", "kernel", "g"), [0.5])

    def test_goodput_is_what_receivers_got_and_a_rest_of_an_interval_is_none(self) -> None:
        self.assertEqual(goodput_series([bench_result()]), [2_000_000, 4_000_000])
        self.assertEqual(goodput_series([bench_result(role="sender")]), [])

    def test_intervals_that_came_late_are_laid_over_even_ones(self) -> None:
        late = bench_result(points=((0, 0.75, 750_000), (0.75, 1.5, 1_500_000)))
        self.assertEqual(goodput_series([late]), [8_000_000, 12_000_000, 16_000_000])

    def test_a_compact_trial_keeps_what_a_reader_must_know(self) -> None:
        told = {"candidate": "kernel", "round": 2, "values": {"goodput": 1234567.8}, "warnings": ["slow"], "results": []}
        self.assertEqual(compact(told, False), {**trial("kernel", 2, goodput=1234570.0), "warnings": ["slow"]})

    def test_a_candidate_without_a_trial_is_worth_another_run(self) -> None:
        good, bad = {"candidate": "kernel"}, {"candidate": "adaptive", "failure": "it broke"}
        told = {"wasInterrupted": False, "scenarios": [{"trials": [good, bad]}]}
        self.assertIn("it broke", shortfall(told, ("kernel", "adaptive")))
        self.assertIsNone(shortfall(told, ("kernel",)))
        self.assertIn("there was none", shortfall(told, ("envoy",)))
        self.assertIn("interrupted", shortfall({**told, "wasInterrupted": True}, ("kernel",)))

    def test_warm_begins_after_the_given_time(self) -> None:
        told = {**trial("adaptive"), "interval": 0.5, "goodput_series": [0, 0, 4, 6]}
        result = cell(told, {**trial("adaptive"), "goodput_series": []})
        self.assertEqual(warm_goodputs(result, "adaptive", 1), [5])

    def test_a_comparison_says_what_it_runs(self) -> None:
        one = Comparison("key", ("--scenario", "rr-dsl"), ("kernel", "adaptive"), 2, 3, "bbr")
        self.assertIn("--duration 3s --candidate kernel --candidate adaptive", " ".join(one.arguments(7)))
        self.assertIn("--rounds 2 --seed 7 --host-cc bbr", " ".join(one.arguments(7)))
        self.assertGreater(one.seconds, 12)


class Verdicts(unittest.TestCase):
    def test_a_small_flow_is_judged_by_its_idle_round_trip(self) -> None:
        def row(p95: float) -> Row:
            adaptive = trial("adaptive", response_p95=p95, idle_response_p50=20e6, goodput=97)
            return queue.rows({"x, cubic": cell(adaptive, trial("kernel", response_p95=200e6, goodput=100))})[0]

        self.assertTrue(row(30.9e6).met)
        self.assertFalse(row(31.1e6).met)
        self.assertIn("200 ms", row(31.1e6).baseline)

    def test_loss_is_judged_by_its_worst_cell(self) -> None:
        good, bad = (cell(trial("adaptive", goodput=rate), trial("kernel", goodput=1e6)) for rate in (85e6, 70e6))
        self.assertTrue(loss.rows({"a": good})[0].met)
        row = loss.rows({"a": good, "b": bad})[0]
        self.assertFalse(row.met)
        self.assertIn("1 of 2", row.measured)
        self.assertIn("b", row.spread)

    def random(self, ratio: float, latency: float = 1.0) -> dict:
        return cell(trial("adaptive", goodput=ratio, response_p99=latency), trial("kernel", goodput=1, response_p99=1))

    def test_one_bad_cell_in_twenty_is_allowed_but_none_below_the_least(self) -> None:
        cells = {f"{number:03d}": self.random(1) for number in range(19)}
        goodput, least, _, latency = random_cells.rows({**cells, "020": self.random(0.9, 1.2)})
        self.assertEqual((goodput.met, least.met, latency.met), (True, True, True))
        goodput, least, *_ = random_cells.rows({**cells, "020": self.random(0.8), "021": self.random(0.8)})
        self.assertEqual((goodput.met, least.met), (False, False))

    def test_a_trace_is_named_by_its_file(self) -> None:
        told = trials._without_directories("up.rate=trace:/home/a/drive.up,down.rate=trace:b/drive.down,delay=20ms")
        self.assertEqual(told, "up.rate=trace:drive.up,down.rate=trace:drive.down,delay=20ms")

    def test_answers_that_come_sooner_and_are_more_are_no_loss(self) -> None:
        adaptive, kernel = trial("adaptive", goodput=0.8, total_goodput=0.98), trial("kernel", goodput=1, total_goodput=1)
        goodput, _, total = random_cells.rows({"001": cell(adaptive, kernel)})
        self.assertEqual((goodput.met, total.met), (False, True))

    def test_only_what_was_worse_is_measured_again(self) -> None:
        results = {"001": self.random(1), "002": self.random(0.5), "003": self.random(1, 2), "again-002": self.random(1)}
        again = random_cells.again(OPTIONS, results)
        self.assertEqual([one.key for one in again], ["again-002", "again-003"])
        row = random_cells.rows(results)[0]
        self.assertIn("worse in 0 of 1", row.baseline)
        self.assertIn("in 66.7 %", row.measured)

    def test_the_kernel_is_compared_with_itself(self) -> None:
        rounds = [trial("kernel", 1, goodput=1), trial("kernel", 2, goodput=2), trial("adaptive", 1, goodput=1)]
        row = random_cells.rows({"001": self.random(0.5), "again-001": cell(*rounds)})[0]
        self.assertIn("worse than itself in 1 of 2 pairs", row.baseline)

    def test_seconds_to_the_new_optimum_are_counted_from_the_change(self) -> None:
        one = {"interval": 0.5, "goodput_series": [10e6] * 20 + [38e6] * 12}
        self.assertEqual(changes.seconds_to_share(one, 8.5, 40), 3.0)
        self.assertAlmostEqual(changes.share_after(one, 8.5, 40), 0.984, 3)
        self.assertIsNone(changes.seconds_to_share({"interval": 0.5, "goodput_series": [1e6] * 40}, 8.5, 40))
        self.assertEqual(changes.change_seconds("rate=40mbit,delay=20ms,at=8s:rate=20mbit"), 8)

    def test_competition_counts_from_when_the_last_one_has_settled(self) -> None:
        def flow(start: float, early: int, late: int) -> dict:
            return {"start": start, "bytes": [early] * round((13 - start) / INTERVAL_SECONDS) + [late] * 10}

        result = {"policy": "adaptive", "interval": INTERVAL_SECONDS, "flows": [flow(3, 900, 100), flow(0, 0, 300)]}
        self.assertEqual(competition.share_of_first(result), 0.25)
        plain = {**result, "policy": "kernel", "flows": [flow(3, 0, 100), flow(0, 0, 100)]}
        cells = {f"beside cubic, down, cubic, run 0, {one['policy']}": one for one in (result, plain)}
        row = competition.rows(cells)[0]
        self.assertIn("0.50 x", row.measured)
        self.assertFalse(row.met)

    def test_cost_compares_only_the_same_traffic(self) -> None:
        title = next(iter(cost._LOADS))
        kernel = {"policy": "kernel", "connections": 4000, "share_of_one_core": 0.1, "requests": 1000, "bytes": 1}
        adaptive = {**kernel, "policy": "adaptive", "share_of_one_core": 0.115}
        cells = {f"{title}, round 1, {one['policy']}": one for one in (kernel, adaptive)}
        self.assertTrue(cost.rows(cells)[0].met)
        cells[f"{title}, round 1, kernel"] = {**kernel, "requests": 900}
        self.assertIsNone(cost.rows(cells)[0].met)

    def test_speeding_up_is_counted_in_round_trips(self) -> None:
        # Slow for four round trips of 40 ms, then 50 Mbit/s.
        samples = [(at / 200, max(0.0, at / 200 - 0.16) * 50e6 / 8) for at in range(-20, 400)]
        self.assertAlmostEqual(readers.round_trips_to_full(samples, 50e6, 0.04), 6, delta=0.3)
        self.assertIsNone(readers.round_trips_to_full([(at / 200, 0) for at in range(400)], 50e6, 0.04))
        self.assertEqual(readers.by_round_trip(samples, 0.04, 6), [0, 0, 0, 0, 50, 50])


class StaticSettings(unittest.TestCase):
    def cell(self, adaptive: float, hosts: str = "cubic") -> dict:
        steps = [{"setting": "64K", "value": 50, "goodput": 50}, {"setting": "1M-bbr", "value": 100, "goodput": 100}]
        return cell(
            trial("adaptive", goodput=adaptive),
            trial("best-static", goodput=100),
            hosts=hosts,
            sweep={"best": "1M-bbr", "steps": steps},
        )

    def test_within_five_percent_counts(self) -> None:
        self.assertTrue(sweep.rows({"001": self.cell(96)})[0].met)
        row = sweep.rows({"001": self.cell(96), "002": self.cell(94)})[0]
        self.assertFalse(row.met)
        self.assertIn("in 50 %, worst 0.94", row.measured)
        self.assertIn("1M-bbr: 100 % of 2 cells", row.baseline)

    def test_less_is_better_for_latencies_and_sending_little_wins_nothing(self) -> None:
        self.assertAlmostEqual(sweep.fair_closeness((20, 100), (10, 100), 100, "less"), 0.5)
        self.assertAlmostEqual(sweep.fair_closeness((5, 40), (10, 100), 100, "less"), 0.4)
        self.assertEqual(sweep.fair_closeness((10, 95), (10, 100), 100, "less"), 1)

    def test_a_setting_is_the_same_whichever_control_the_hosts_have(self) -> None:
        self.assertEqual(sweep._absolute("1M", "bbr"), sweep._absolute("1M-bbr", "cubic"))
        self.assertEqual(sweep._absolute("1M-lowat16K", "cubic"), "1M-cubic-lowat16K")


@dataclass(frozen=True)
class FakeCell:
    key: str
    seconds: float = 1

    def measure(self, options: Options) -> dict:
        if self.key == "bad":
            raise ValueError("it broke")
        return {"value": 1}


class Runs(unittest.TestCase):
    def test_a_failed_cell_costs_itself_and_is_tried_again(self) -> None:
        part = Part("fake", "A fake", lambda options: [FakeCell("good"), FakeCell("bad")], lambda results: [])
        options = Options(sluice="true")
        said: list[str] = []
        with tempfile.TemporaryDirectory() as name:
            run(part, options, Path(name), said.append)
            again = read("fake", Path(name))
        self.assertEqual(again.good, {"good": {"value": 1}})
        self.assertIn("it broke", again.cells["bad"]["failure"])
        self.assertEqual([one.key for one in left(part, options, again)], ["bad"])
        self.assertTrue(any("it broke" in line for line in said))
        self.assertEqual(len(again.sessions), 1)

    def test_every_machine_is_named_with_its_parts(self) -> None:
        def measured(part: str, cpu: str) -> PartResults:
            session = {"machine": {"cores": 2, "cpu": cpu, "memory": "8 GiB", "kernel": "6.1"}}
            return PartResults(part, [session, session], {})

        same = {part: measured(part, "X") for part in ("lte", "loss")}
        self.assertEqual(machine(same), "2 cores (X), 8 GiB, Linux 6.1.")
        two = machine(same | {"cost": measured("cost", "Y")})
        self.assertEqual(two, "2 cores (X), 8 GiB, Linux 6.1, for lte, loss; 2 cores (Y), 8 GiB, Linux 6.1, for cost.")
        self.assertEqual(machine({"lte": PartResults("lte", [], {})}), "Nothing has been measured.")

    def test_results_read_back(self) -> None:
        results = PartResults("x", [{"command": "c"}], {"a": cell(trial("kernel", goodput=1)), "b": {"failure": "no"}})
        with tempfile.TemporaryDirectory() as name:
            results.write(Path(name))
            self.assertEqual(read("x", Path(name)), results)

    def test_every_part_has_cells_with_keys_of_their_own(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            for suffix in ("down", "up"):
                (Path(name) / f"mobile.{suffix}").write_text("1\n")
            for quick in (True, False):
                options = Options(sluice="sluice", quick=quick, traces=name)
                for part in parts.ALL:
                    keys = [one.key for one in part.cells(options)]
                    self.assertTrue(keys)
                    self.assertEqual(len(set(keys)), len(keys), part.name)

    def test_without_recordings_the_mobile_link_is_left_out_and_says_why(self) -> None:
        part = next(part for part in parts.ALL if part.name == "lte")
        self.assertIn("TRACES", part.refusal(OPTIONS))


class Report(unittest.TestCase):
    ROWS = [
        Row("1 x", "here", "much", "more", "the kernel: 1", 1.2, 3),
        Row("1 x", "there", "much", "little", "the kernel: 2", 0.5, 3),
        Row("2 y", "", "a lot", "a lot", "", 1.0, 1),
    ]

    def test_the_summary_shows_the_worst_as_it_is(self) -> None:
        lines = summary(self.ROWS).splitlines()
        self.assertEqual(len(lines), 4)
        self.assertIn("| 1 of 2 | here: more (the kernel: 1) | there: little (the kernel: 2) |", lines[2])
        self.assertIn("| yes | a lot |  |", lines[3])

    def test_the_page_has_every_row(self) -> None:
        self.assertEqual(len(full(self.ROWS).splitlines()), 5)
        self.assertIn("| **no** | 3 |", full(self.ROWS))

    def test_without_any_result_everything_is_not_measured(self) -> None:
        empty = {part.name: PartResults(part.name) for part in parts.ALL}
        rows = rows_of(parts.ALL, empty)
        self.assertEqual({row.verdict for row in rows}, {"not measured"})
        self.assertEqual({row.requirement.split(" ")[0] for row in rows}, {str(number) for number in range(1, 11)})
        self.assertEqual(figures.all_of(rows, empty), {})
        self.assertEqual(sources(parts.ALL, empty).count("not measured"), len(parts.ALL))


class Plots(unittest.TestCase):
    def test_a_scale_ends_at_its_edges(self) -> None:
        scale = plot.Scale(0.1, 10, 0, 100, logarithmic=True)
        self.assertEqual([round(scale(value)) for value in (0.01, 0.1, 1, 10, 1e9)], [0, 0, 50, 100, 100])

    def test_shares_grow_to_one(self) -> None:
        self.assertEqual(plot.cumulative([2, 1]), [(1, 0), (1, 0.5), (2, 0.5), (2, 1)])

    def test_every_plot_is_well_formed_whatever_is_in_its_titles(self) -> None:
        rows = [Row("1 <x>", "a & b", "much", "", "", margin, 1) for margin in (0.0, 0.5, float("inf"))]
        svg = figures.margins(rows)
        ElementTree.fromstring(svg)
        self.assertIn("a &amp; b", svg)
        self.assertEqual(svg.count("<circle"), 1)
        random = {f"{number:03d}": Verdicts().random(1 + number / 100) for number in range(5)}
        settings = {"001": StaticSettings().cell(99)}
        series = {**trial("adaptive"), "interval": 0.5, "goodput_series": [1e6, 2e6, 3e6]}
        changed = {"the rate doubles, down, cubic": cell(series, link="at=1s:rate=40mbit")}
        for text in (figures.random_ratios(random), figures.static_settings(settings), figures.after_changes(changed)):
            ElementTree.fromstring(text)


if __name__ == "__main__":
    unittest.main()
