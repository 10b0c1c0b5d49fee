"""The rates of the chain as a picture: one bar for each system, a tick for each round. Plain SVG, written by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from statistics import median

WIDTH, LEFT, RIGHT, ROW, TOP = 760, 110, 90, 40, 62
OURS, OTHERS, INK, GREY = "#0b6e75", "#9fb3b8", "#1c2b2d", "#5b6b6e"


def drawn(chain: Mapping[str, Sequence[float]], foot: str = "") -> str:
    """An SVG document; systems in their order, the engine in its own colour."""
    height = TOP + ROW * len(chain) + 36
    most = max((rate for rates in chain.values() for rate in rates), default=1.0) or 1.0
    scale = (WIDTH - LEFT - RIGHT) / most
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
            'font-family="Noto Sans, Segoe UI, Liberation Sans, Arial, sans-serif" role="img" aria-labelledby="title">'
        ),
        '<title id="title">Applications a second through a chain of twelve hops, by system</title>',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        _text(16, 28, "Applications a second through twelve hops", 17, INK, weight="600"),
        _text(16, 47, "bar: median of the rounds; line: one round", 12, GREY),
    ]
    for place, (system, rates) in enumerate(chain.items()):
        parts += _row(system, rates, TOP + place * ROW, scale)
    parts.append(_text(16, height - 14, foot, 11, GREY))
    return "\n".join([*parts, "</svg>", ""])


def keep(document: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(document, encoding="utf-8")


def _row(system: str, rates: Sequence[float], top: int, scale: float) -> list[str]:
    middle = median(rates) if rates else 0.0
    long, colour = middle * scale, OURS if system == "engine" else OTHERS
    ticks = [
        f'<line x1="{LEFT + rate * scale:.1f}" x2="{LEFT + rate * scale:.1f}" y1="{top + 4}" y2="{top + 30}" '
        f'stroke="{INK}" stroke-width="1.5"/>'
        for rate in rates
    ]
    return [
        _text(LEFT - 10, top + 22, system, 13, INK, anchor="end"),
        f'<rect x="{LEFT}" y="{top + 6}" width="{long:.1f}" height="22" rx="2" fill="{colour}"/>',
        *ticks,
        _text(LEFT + max([long, *(rate * scale for rate in rates)]) + 8, top + 22, f"{middle:.1f}", 13, INK),
    ]


def _text(x: float, y: float, words: str, size: int, fill: str, *, anchor: str = "start", weight: str = "400") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{fill}" text-anchor="{anchor}" '
        f'font-weight="{weight}">{escape(words)}</text>'
    )
