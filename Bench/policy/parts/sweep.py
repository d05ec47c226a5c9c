"""9: against the best static setting that a sweep finds for each cell, and the best single one over all cells."""

from policy.cell import Cell, Options, Part
from policy.row import Row, at_least, median, missing, percent, quantile, share
from policy.trials import Comparison, middle

COUNT = 12
_QUICK_COUNT = 1
_WITHIN = 0.05
_ASKED_SHARE = 0.9
# Who gets less of the best goodput has not won anything else, whoever it is.
_FAIR = 0.9
_REQUIREMENT = "9 best static setting"
_ASKED = "within 5 % of the cell's best static setting in 90 %"


def cells(options: Options) -> list[Cell]:
    """The first of the random cells."""
    count = options.count or (_QUICK_COUNT if options.quick else COUNT)
    return [
        Comparison(
            key=f"{number:03d}",
            scenario=("--random", "1", "--random-from", str(number)),
            candidates=("kernel", "best-static", "adaptive"),
            rounds=options.rounds_of(1),
            duration=1 if options.quick else None,
            expected=6.6,
        )
        for number in range(1, count + 1)
    ]


def closeness(value: float, best: float, better: str) -> float:
    """1 where they are equal, less where the value is worse, by its share of the best one."""
    if better == "more":
        return value / best if best else 1.0
    return best / value if value else 1.0


def fair_closeness(candidate: tuple[float, float | None], best: tuple[float, float | None], full: float, better: str) -> float:
    """Of (value, goodput) to the best: nothing is won by sending little."""
    value, goodput = candidate
    near = closeness(value, best[0], better)
    if goodput is None or not full or goodput >= _FAIR * full:
        return near
    return min(near, goodput / full)


def adaptive_closeness(result: dict) -> float | None:
    """Of the medians, the best static setting measured once more after it was found: the luck of being the best one is gone."""
    measure, better = result["measures"][0]
    pair = {
        name: (middle(result, name, measure), middle(result, name, "goodput")) for name in ("adaptive", "best-static")
    }
    if any(value is None for value, _ in pair.values()):
        return None
    full = max(goodput or 0 for _, goodput in pair.values())
    return fair_closeness(pair["adaptive"], pair["best-static"], full, better)


def single_settings(results: dict[str, dict]) -> dict[str, list[float]]:
    """How close each static setting came to each cell's best one, in the trials of the sweep.

    A setting's name says what was set: `1M-bbr` in cells with CUBIC hosts is the same setting as `1M` in cells with BBR.
    """
    found: dict[str, list[float]] = {}
    for result in results.values():
        sweep = result.get("sweep")
        if not sweep or not sweep["best"]:
            continue
        _, better = result["measures"][0]
        steps = {step["setting"]: (step["value"], step.get("goodput")) for step in sweep["steps"] if "value" in step}
        full = max((goodput or 0 for _, goodput in steps.values()), default=0)
        for setting, step in steps.items():
            near = fair_closeness(step, steps[sweep["best"]], full, better)
            found.setdefault(_absolute(setting, result["hosts"]), []).append(near)
    return found


def _absolute(setting: str, hosts: str) -> str:
    """`1M` on hosts with CUBIC is `1M-cubic`."""
    size, *rest = setting.split("-")
    if not rest or rest[0].startswith("lowat"):
        rest.insert(0, hosts)
    return "-".join([size, *rest])


def best_single(results: dict[str, dict]) -> tuple[str, list[float]] | None:
    """The one that is near the cell's best most often, among those that were tried in at least half of the cells."""
    found = single_settings(results)
    tried = {name: near for name, near in found.items() if len(near) * 2 >= len(results)}
    if not tried:
        return None
    return max(tried.items(), key=lambda item: (share([near >= 1 - _WITHIN for near in item[1]]), median(item[1])))


def rows(results: dict[str, dict]) -> list[Row]:
    near = {key: value for key, result in results.items() if (value := adaptive_closeness(result)) is not None}
    if not near:
        return [missing(_REQUIREMENT, _ASKED)]
    within = share([value >= 1 - _WITHIN for value in near.values()])
    single = best_single(results)
    record = ""
    if single:
        name, values = single
        record = (
            f"the best single setting, {name}: {percent(share([v >= 1 - _WITHIN for v in values]))} of {len(values)} cells, "
            f"worst {min(values):.2f}"
        )
    fractions = [quantile(list(near.values()), fraction) for fraction in (0.1, 0.5)]
    return [
        Row(
            _REQUIREMENT,
            f"{len(near)} random cells",
            _ASKED,
            f"in {percent(within)}, worst {min(near.values()):.2f}",
            record,
            at_least(within, _ASKED_SHARE),
            len(near),
            "share of the best: p10 {:.2f}, p50 {:.2f}".format(*fractions),
        )
    ]


PART = Part("sweep", "Against the best static setting of each cell", cells, rows)
