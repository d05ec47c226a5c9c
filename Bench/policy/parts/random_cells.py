"""8: never worse than the kernel alone, on paths and loads that are drawn."""

from policy.cell import Cell, Options, Part
from policy.row import Row, at_least, missing, percent, quantile, share
from policy.trials import Comparison, ratios

COUNT = 100
_QUICK_COUNT = 2
_AGAIN = "again-"
_AGAIN_ROUNDS = 3
GOODPUT_FLOOR = 0.95
GOODPUT_LEAST = 0.85
LATENCY_CEILING = 1.1
_ASKED_SHARE = 0.95
# The latency of each load that has one.
_LATENCIES = ("response_p99", "tokenGap_p99")
_REQUIREMENT = "8 never worse"
_ASKED_GOODPUT = f"goodput at least {GOODPUT_FLOOR} x the kernel's in 95 % of random cells"
_ASKED_LEAST = f"goodput never under {GOODPUT_LEAST} x the kernel's"
_ASKED_LATENCY = f"p99 at most {LATENCY_CEILING} x the kernel's in 95 % of random cells"


def cell(number: int, rounds: int, options: Options, prefix: str = "") -> Cell:
    return Comparison(
        key=f"{prefix}{number:03d}",
        scenario=("--random", "1", "--random-from", str(number)),
        candidates=("kernel", "adaptive"),
        rounds=rounds,
        duration=2 if options.quick else None,
        expected=6.6,
    )


def cells(options: Options) -> list[Cell]:
    count = options.count or (_QUICK_COUNT if options.quick else COUNT)
    return [cell(number, options.rounds_of(1), options) for number in range(1, count + 1)]


def again(options: Options, results: dict[str, dict]) -> list[Cell]:
    """What was worse once is measured again: whether that was the policy, or the path's own chance."""
    worse = [int(key) for key, result in results.items() if key.isdigit() and not _is_good(result)]
    return [cell(number, options.rounds or _AGAIN_ROUNDS, options, _AGAIN) for number in worse[: 1 if options.quick else None]]


def goodput_ratio(result: dict) -> float | None:
    found = ratios(result, "adaptive", "kernel", "goodput")
    return quantile(found, 0.5) if found else None


def total_ratio(result: dict) -> float | None:
    """With the requests counted, where there are any: answered sooner, they are more, and bulk has what they leave."""
    found = ratios(result, "adaptive", "kernel", "total_goodput")
    return quantile(found, 0.5) if found else goodput_ratio(result)


def latency_ratio(result: dict) -> float | None:
    for measure in _LATENCIES:
        if found := ratios(result, "adaptive", "kernel", measure):
            return quantile(found, 0.5)
    return None


def _is_good(result: dict) -> bool:
    goodput, latency = goodput_ratio(result), latency_ratio(result)
    return (goodput is None or goodput >= GOODPUT_FLOOR) and (latency is None or latency <= LATENCY_CEILING)


def rows(results: dict[str, dict]) -> list[Row]:
    first = {key: result for key, result in results.items() if key.isdigit()}
    goodputs = _ratios_by_key(first, goodput_ratio)
    if not goodputs:
        return [missing(_REQUIREMENT, asked) for asked in (_ASKED_GOODPUT, _ASKED_LEAST, _ASKED_LATENCY)]
    repeated = {key.removeprefix(_AGAIN): result for key, result in results.items() if key.startswith(_AGAIN)}

    def judged(beside: str, asked: str, ratio_of, is_worse) -> Row:
        found = _ratios_by_key(first, ratio_of)
        good = share([not is_worse(ratio) for ratio in found.values()])
        return Row(
            _REQUIREMENT,
            f"{len(found)} random cells{beside}",
            asked,
            f"in {percent(good)}",
            _confirmed(repeated, ratio_of, is_worse),
            at_least(good, _ASKED_SHARE),
            len(found),
            _quantiles(found),
        )

    found = [
        judged("", _ASKED_GOODPUT, goodput_ratio, _is_less),
        Row(
            _REQUIREMENT,
            f"{len(goodputs)} random cells",
            _ASKED_LEAST,
            f"{min(goodputs.values()):.2f} x, below in {sum(ratio < GOODPUT_LEAST for ratio in goodputs.values())} cells",
            _confirmed(repeated, goodput_ratio, lambda ratio: ratio < GOODPUT_LEAST),
            at_least(min(goodputs.values()), GOODPUT_LEAST),
            len(goodputs),
        ),
        judged(", the answers to the requests beside the bulk counted, too", _ASKED_GOODPUT, total_ratio, _is_less),
    ]
    if _ratios_by_key(first, latency_ratio):
        found.append(judged(" with requests or tokens", _ASKED_LATENCY, latency_ratio, _is_later))
    return found


def _is_less(ratio: float) -> bool:
    return ratio < GOODPUT_FLOOR


def _is_later(ratio: float) -> bool:
    return ratio > LATENCY_CEILING


def _ratios_by_key(results: dict[str, dict], ratio_of) -> dict[str, float]:
    return {key: ratio for key, result in results.items() if (ratio := ratio_of(result)) is not None}


def _quantiles(ratios_by_key: dict[str, float]) -> str:
    found = [quantile(list(ratios_by_key.values()), fraction) for fraction in (0.05, 0.5, 0.95)]
    return "p5 {:.2f}, p50 {:.2f}, p95 {:.2f} x".format(*found)


def _confirmed(repeated: dict[str, dict], ratio_of, is_worse) -> str:
    """Of the cells that were measured again because something in them was worse."""
    ratios_again = [ratio for result in repeated.values() if (ratio := ratio_of(result)) is not None]
    if not ratios_again:
        return ""
    own = [_against_itself(result, is_worse, ratio_of is latency_ratio) for result in repeated.values()]
    itself = sum(count for count, _ in own)
    pairs = sum(count for _, count in own)
    return (
        f"measured again, medians: worse in {sum(map(is_worse, ratios_again))} of {len(ratios_again)} cells; "
        f"there the kernel is worse than itself in {itself} of {pairs} pairs"
    )


def _against_itself(result: dict, is_worse, is_latency: bool) -> tuple[int, int]:
    """How often one of the kernel's rounds is as much worse than another one as would count against Sluice."""
    measures = _LATENCIES if is_latency else ("goodput",)
    for measure in measures:
        found = [t["values"][measure] for t in result["trials"] if t["candidate"] == "kernel" and measure in t["values"]]
        if found:
            pairs = [(a, b) for i, a in enumerate(found) for j, b in enumerate(found) if i != j and b]
            return sum(is_worse(a / b) for a, b in pairs), len(pairs)
    return 0, 0


PART = Part("random", "Never worse than the kernel alone: random paths and loads", cells, rows, follow_up=again)
