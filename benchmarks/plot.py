"""The plot of what was measured, as SVG: a line for each tool, both scales logarithmic."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ours import Measured
from tools import Costs

_COLOURS = (
    "#4d4d4d", "#b00020", "#1f6fb2", "#2a8c55", "#8a5a00", "#6a3fa0", "#c2571a", "#008080", "#a0307a", "#5b7a00", "#00529b",
)  # fmt: skip


def drawn(tools: Costs, found: Measured) -> str:
    """The plot as SVG: seconds by rows, a line for each tool, on logarithmic scales."""
    lines = {
        tool.name.replace("`", ""): {rows: cost for (rows, faulty), cost in each.items() if not faulty}
        for tool, each in tools.items()
    }
    lines["probation-etl, run into DuckDB"] = {rows: run.cost for rows, run in found.runs.items()}
    return _chart({name: [(rows, cost.wall) for rows, cost in sorted(each.items())] for name, each in lines.items()})


def _chart(lines: dict[str, Sequence[tuple[int, float]]]) -> str:
    width, height, left, top, bottom = 860, 420, 60, 20, 370
    across = [math.log10(rows) for points in lines.values() for rows, _ in points]
    up = [math.log10(max(seconds, 1e-3)) for points in lines.values() for _, seconds in points]
    first, last, low, high = min(across), max(across), math.floor(min(up)), math.ceil(max(up))

    def at(rows: float, seconds: float) -> tuple[float, float]:
        x = left + (math.log10(rows) - first) / max(last - first, 1e-9) * 420
        return x, bottom - (math.log10(max(seconds, 1e-3)) - low) / max(high - low, 1) * (bottom - top)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12" role="img">',
        "<title>Seconds by the number of rows</title>", f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
    ]  # fmt: skip
    for power in range(low, high + 1):
        _, y = at(10**first, 10.0**power)
        parts.append(
            f'<path d="M{left} {y:.1f}H480" stroke="#dddddd"/><text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:g} s</text>'
        )
    for rows in sorted({rows for points in lines.values() for rows, _ in points}):
        x, _ = at(rows, 1)
        parts.append(f'<text x="{x:.1f}" y="{bottom + 20}" text-anchor="middle">{rows:,}</text>')
    parts.append(f'<text x="270" y="{bottom + 40}" text-anchor="middle">rows</text>')
    ends = sorted(lines.items(), key=lambda each: -each[1][-1][1])
    for number, (name, points) in enumerate(ends):
        colour = _COLOURS[number % len(_COLOURS)]
        places = [at(*point) for point in points]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
        y = top + 12 + 26 * number
        heavy = 3 if name.startswith("probation-etl") else 1.5
        parts.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="{heavy}"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y_:.1f}" r="3" fill="{colour}"/>' for x, y_ in places]
        parts.append(
            f'<path d="M500 {y - 4}h18" stroke="{colour}" stroke-width="{heavy}"/><text x="524" y="{y}">{name}</text>'
        )
    return "\n".join([*parts, "</svg>", ""])
