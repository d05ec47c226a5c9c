"""2: bulk on a long fat path, with CAP_NET_ADMIN and without, beside other proxies."""

from policy.cell import HOSTS, Cell, Options, Part
from policy.row import Row, at_least, median, missing, percent, rate, span
from policy.trials import Comparison, warm_goodputs

_LINE = 800e6
_LINK = "rate=800mbit,delay=50ms,queue=0.5bdp"
# From here on a trial counts as warm.
_WARM_SECONDS = 6
_SECONDS = 14
_ROUNDS = 2
_PEERS = ("haproxy", "nginx", "envoy")
_CANDIDATES = ("kernel", "static-32M", "adaptive", "adaptive-unprivileged", *_PEERS)
_SHARE = 0.92
_TIMES = 3
_TIMES_UNPRIVILEGED = 2.2
_REQUIREMENT = "2 long fat path"
_ASKED_SHARE = f"at least {percent(_SHARE)} of the line once warm"
_ASKED_TIMES = f"at least {_TIMES} x HAProxy, nginx and Envoy"
_ASKED_UNPRIVILEGED = f"without CAP_NET_ADMIN at least {_TIMES_UNPRIVILEGED} x"


def cells(options: Options) -> list[Cell]:
    return [
        Comparison(
            key=hosts,
            scenario=("--link", _LINK, "--load", "download"),
            candidates=_CANDIDATES,
            rounds=options.rounds_of(_ROUNDS),
            duration=options.pick(_SECONDS, _WARM_SECONDS + 1),
            host_cc=hosts,
            keeps_series=True,
        )
        for hosts in HOSTS[: 1 if options.quick else None]
    ]


def rows(results: dict[str, dict]) -> list[Row]:
    found = [row for hosts, result in results.items() for row in _rows_of(hosts, result)]
    return found or [missing(_REQUIREMENT, asked) for asked in (_ASKED_SHARE, _ASKED_TIMES, _ASKED_UNPRIVILEGED)]


def _rows_of(hosts: str, result: dict) -> list[Row]:
    warm = {name: warm_goodputs(result, name, _WARM_SECONDS) for name in _CANDIDATES}
    medians = {name: median(values) for name, values in warm.items() if values}
    peers = {name: medians[name] for name in _PEERS if name in medians}
    if "adaptive" not in medians or not peers:
        return []
    where = f"800 Mbit/s, 100 ms, {hosts}"
    best = max(peers, key=peers.get)
    baseline = ", ".join(f"{name}: {rate(medians[name])}" for name in ("kernel", "static-32M", *_PEERS) if name in medians)

    def row(name: str, asked: str, value: float, text: str, least: float) -> Row:
        spread = span(warm[name], rate)
        return Row(_REQUIREMENT, where, asked, text, baseline, at_least(value, least), len(warm[name]), spread)

    adaptive = medians["adaptive"]
    times = adaptive / peers[best]
    found = [
        row("adaptive", _ASKED_SHARE, adaptive / _LINE, f"{rate(adaptive)}: {percent(adaptive / _LINE)}", _SHARE),
        row("adaptive", _ASKED_TIMES, times, f"{times:.1f} x {best}", _TIMES),
    ]
    if "adaptive-unprivileged" in medians:
        times = medians["adaptive-unprivileged"] / peers[best]
        text = f"{rate(medians['adaptive-unprivileged'])}: {times:.1f} x {best}"
        found.append(row("adaptive-unprivileged", _ASKED_UNPRIVILEGED, times, text, _TIMES_UNPRIVILEGED))
    return found


PART = Part("lfn", "Bulk on a long fat path, beside other proxies", cells, rows)
