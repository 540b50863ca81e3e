"""A reliability curve as a picture in a page: confidence across, truth upwards, each dot as large as its rows."""

from __future__ import annotations

from typing import Any

SIDE = 260  # pixels


def is_reliability(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"error", "bins"}


def drawn(value: dict[str, Any]) -> str:
    """An SVG of the bins, and the expected calibration error under it."""
    rows = sum(row["n"] for row in value["bins"]) or 1
    line = " ".join(f"{row['said'] * SIDE:.1f},{(1 - row['right']) * SIDE:.1f}" for row in value["bins"])
    dots = "".join(
        f"<circle cx='{row['said'] * SIDE:.1f}' cy='{(1 - row['right']) * SIDE:.1f}' r='{3 + 9 * row['n'] / rows:.1f}' "
        f"fill='#2463eb' fill-opacity='.6'><title>{row['low']:.1f}–{row['high']:.1f}: n = {row['n']}</title></circle>"
        for row in value["bins"]
    )
    return (
        f"<figure><svg width='{SIDE + 30}' height='{SIDE + 30}' viewBox='-15 -15 {SIDE + 30} {SIDE + 30}' role='img' "
        "aria-label='reliability curve'>"
        f"<rect width='{SIDE}' height='{SIDE}' fill='none' stroke='#d8dee8'/>"
        f"<line x1='0' y1='{SIDE}' x2='{SIDE}' y2='0' stroke='#9aa6b8' stroke-dasharray='4'/>"
        f"<polyline points='{line}' fill='none' stroke='#2463eb'/>{dots}</svg>"
        f"<figcaption>expected calibration error {value['error']:.4g} (n = {rows}): across, the confidence; "
        "upwards, the share that was right</figcaption></figure>"
    )
