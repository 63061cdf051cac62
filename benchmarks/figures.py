"""How a benchmark states a figure: value, unit, peer, ratio, and what was wanted."""


def figure(
    what: str, value: float, unit: str, peer: tuple[str, float] | None = None, wanted="", ok=None
):
    """One row of benchmarks/latest.json. peer: (name, its value in the same unit)."""
    row: dict = {"what": what, "value": rounded(value), "unit": unit}
    if peer:
        row |= {"peer": peer[0], "peer_value": rounded(peer[1]), "ratio": rounded(value / peer[1])}
    if wanted:
        row |= {"wanted": wanted, "verdict": "reached" if ok else "NOT reached"}
    return row


def rounded(value: float) -> float:
    return float(f"{value:.4g}")


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
