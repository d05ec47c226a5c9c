"""The table for docs/lab.md, made from `results/lab.json`. Pure."""

from harness.markdown import table


def markdown(results: dict) -> str:
    machine = results["machine"]
    preface = (
        f"Measured with `{results['command']}` on {results['date']}, {results['runs']} runs: {machine['cores']} cores "
        f"({machine['cpu']}), Linux {machine['kernel']}. Medians of the runs, the worst run in parentheses."
    )
    delays = table(
        ["delay", "link", "error p50", "error p99", "largest", "within 0.3 ms at p99"],
        [_delay(row, results["promised"]["delay_error_ms"]) for row in results["delay"]],
    )
    rates = table(
        ["rate", "link", "error", "CPU of one core", "within 1 %"],
        [_rate(row, results["promised"]["rate_error"]) for row in results["rate"]],
    )
    most = [run["packets_per_second"] for run in results["capacity"]]
    return "\n\n".join([preface, delays, rates, f"At most {_median(most):,} packets of one flow went through in a second."])


def _median(values: list) -> float:
    return sorted(values)[len(values) // 2]


def _delay(row: dict, promised: float) -> list[str]:
    p99 = [run["error_ms"]["p99"] for run in row["runs"]]
    p50 = [run["error_ms"]["p50"] for run in row["runs"]]
    largest = max(run["error_ms"]["max"] for run in row["runs"])
    return [row["title"], f"`{row['link']}`", _ms(p50), _ms(p99), f"{largest:.2f} ms", _verdict(_median(p99) <= promised)]


def _rate(row: dict, promised: float) -> list[str]:
    errors = [abs(error) for run in row["runs"] for error in run["rate_error"].values()]
    cpu = _median([run["cpu_share_of_one_core"] for run in row["runs"]])
    if not all(run["queue_never_empty"] for run in row["runs"]):
        return [row["title"], f"`{row['link']}`", "the sender fell behind", f"{cpu:.2f}", "not measured"]
    text = f"{_median(errors):.3%} ({max(errors):.3%})"
    return [row["title"], f"`{row['link']}`", text, f"{cpu:.2f}", _verdict(_median(errors) <= promised)]


def _ms(values: list[float]) -> str:
    return f"{_median(values):.2f} ({max(values):.2f}) ms"


def _verdict(holds: bool) -> str:
    return "yes" if holds else "no"
