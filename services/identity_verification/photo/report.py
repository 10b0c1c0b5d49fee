"""A page that shows photos with what was found drawn on them, and every score beside its thresholds. Pure.

For support, which asks why a photo came back, and for whoever tunes the thresholds. The page holds the photos: it is
personal data as they are.
"""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Iterable
from html import escape

from services.identity_verification.photo.findings import Findings, Points
from services.identity_verification.photo.measures import CURVES, PhotoFault, score
from services.identity_verification.photo.measuring import LIMITS, measured
from services.identity_verification.photo.thresholds import THRESHOLDS, Thresholds, judged
from shared.security.images import ImageFault, opened

WIDE = 480
STYLE = """
:root { --ink: #1b1f24; --dim: #5a636e; --line: #d5dade; --back: #a81400; --told: #8a5200; --fine: #00663a }
body { font: 14px/1.45 "Noto Sans", "Segoe UI", Arial, sans-serif; margin: 1.2rem 1.5rem; color: var(--ink) }
h1 { font-size: 1.4rem; margin: 0 } h2 { font-size: 1.15rem; margin: 0 } p { margin: .3rem 0 } a { color: inherit }
nav ol { margin: .6rem 0 1.2rem; padding-left: 1.4rem } nav p { display: inline; margin-left: .6em }
section { display: grid; grid-template-columns: minmax(16rem, 22rem) 1fr; gap: 0 1.5rem; padding: 1.2rem 0 2rem }
section { border-top: 1px solid var(--line); break-inside: avoid } section > div { min-width: 0; overflow-x: auto }
figure { margin: 0; position: sticky; top: 1rem; align-self: start; color: var(--dim) }
figure div { position: relative } figure img { width: 100%; display: block; border-radius: 4px }
figure svg { position: absolute; inset: 0; width: 100%; height: 100% }
svg :not(text) { fill: none; stroke: currentColor; stroke-width: 2px; vector-effect: non-scaling-stroke }
svg text { fill: currentColor; stroke: #fff; stroke-width: .25em; paint-order: stroke; font-weight: 600 }
.faces { color: #0b6bcb } .eyes, .mouth { color: #d4351c } .wall { color: #6a4c93 }
.chin, .crown, .axis { color: #00703c }
.axis { stroke-dasharray: 4 4 } figcaption { font-size: 12px }
figcaption span { margin-right: .9em; display: inline-block; font-weight: 600 }
table { border-collapse: collapse; margin-top: .6rem } th { font-weight: 600; color: var(--dim) }
th, td { text-align: left; padding: .12rem .5rem .12rem .3rem; border-bottom: 1px solid #eef0f2 }
th, td { font-size: 13px; white-space: nowrap }
.n { text-align: right; font-variant-numeric: tabular-nums } .unit { color: var(--dim) }
.bar { display: block; width: 3.5rem; height: .5rem; border-radius: 3px; background: #e6e9ec }
.bar i { display: block; height: 100%; border-radius: 3px; background: var(--fine) }
.back { color: var(--back) } .told { color: var(--told) } .fine { color: var(--fine) }
.back, .told { font-weight: 600 }
tr.back td { background: #fdecea } tr.told td { background: #fff5e0 }
tr.back i { background: var(--back) } tr.told i { background: #c77800 }
@media (max-width: 60rem) { section { grid-template-columns: 1fr } figure { position: static; margin-bottom: 1rem } }
"""
F = PhotoFault
BESIDE = {
    "faces": (F.SINGLE_FACE,),
    "eyes": (F.INTER_EYE_DISTANCE, F.ROLL, F.EYES_OPEN),
    "mouth": (F.MOUTH_CLOSED,),
    "crown": (F.HEAD_SIZE,),
    "wall": (F.BACKGROUND_UNIFORMITY,),
}
"""Scores that are written on the photo, where they were measured; all stand in the table."""
LEGEND = {"faces": "face", "eyes": "eyes, mouth", "chin": "crown, axis, chin", "wall": "background"}


def page(photos: Iterable[tuple[str, bytes]], thresholds: Thresholds = THRESHOLDS[-1]) -> str:
    """HTML that needs nothing besides itself; `photos` are names and contents."""
    listed, sections = "", ""
    for number, (name, content) in enumerate(photos, 1):
        found = measured(content)
        words = _words(found, thresholds)
        listed += f'<li><a href="#p{number}">{escape(name)}</a> {words}</li>'
        told = f"<div><h2>{escape(name)}</h2>{words}{_table(found, thresholds)}</div>"
        sections += f'<section id="p{number}">{_figure(found, content)}{told}</section>'
    head = f'<meta charset="utf-8"><title>S10: photos measured</title><style>{STYLE}</style>'
    top = f"<h1>Photos measured</h1><nav><ol>{listed}</ol></nav>"
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{top}{sections}</body></html>\n'


def _words(found: Findings, thresholds: Thresholds) -> str:
    verdict = judged(found, thresholds)
    back, told = ", ".join(verdict.reasons), ", ".join(verdict.flags)
    words = f'<p class="back">Goes back: {back}</p>' if back else '<p class="fine">Accepted.</p>'
    return words + (f'<p class="told">The officer is told: {told}</p>' if told else "")


def _table(found: Findings, thresholds: Thresholds) -> str:
    rows = "".join(_row(measure, raw, thresholds) for measure, raw in found.raw.items())
    head = '<th>measure<th class="n">found<th><th class="n">score<th><th>wished<th>borne'
    return f"<table><tr>{head}</tr>{rows}</table>" if rows else ""


def _row(measure: PhotoFault, raw: float, thresholds: Thresholds) -> str:
    row = thresholds.rows.get(measure)
    points = score(measure, raw)
    wished, borne = (_bounds(row.wished), _bounds(row.borne)) if row else ("", "")
    kind = ""
    if row and not row.borne[0] <= raw <= row.borne[1]:
        kind = "back"
    elif row and not row.wished[0] <= raw <= row.wished[1]:
        kind = "told"
    bar = f'<span class="bar"><i style="width:{points}%"></i></span>'
    return (
        f'<tr class="{kind}"><td>{measure}<td class="n">{raw:.3g}<td class="unit">{escape(CURVES[measure][0])}'
        f'<td class="n">{points}<td>{bar}<td>{wished}<td>{borne}</tr>'
    )


def _bounds(bounds: tuple[float, float]) -> str:
    least, most = bounds
    if math.isinf(least):
        return "" if math.isinf(most) else f"≤ {most:g}"
    return f"≥ {least:g}" if math.isinf(most) else f"{least:g} … {most:g}"


def _figure(found: Findings, content: bytes) -> str:
    image = opened(content, LIMITS, enough=WIDE)
    if isinstance(image, ImageFault):
        return "<figure>No picture to show.</figure>"
    image = image.convert("RGB")
    image.thumbnail((WIDE, 4 * WIDE))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85)
    source = f"data:image/jpeg;base64,{base64.b64encode(out.getvalue()).decode()}"
    width, height = found.size
    drawn = "".join(_drawn(name, points) for name, points in found.marks.items())
    drawn += "".join(_written(name, points, found) for name, points in found.marks.items())
    legend = "".join(f'<span class="{name}">{words}</span>' for name, words in LEGEND.items() if name in found.marks)
    svg = f'<svg viewBox="0 0 {width} {height}" font-size="{width / 32:g}">{drawn}</svg>'
    return f'<figure><div><img alt="" src="{source}">{svg}</div><figcaption>{legend}</figcaption></figure>'


def _written(name: str, points: Points, found: Findings) -> str:
    """The scores beside what they are of: below the background's strip and the eyes, above the rest."""
    scores = [
        f"{measure} {score(measure, found.raw[measure])}" for measure in BESIDE.get(name, ()) if measure in found.raw
    ]
    width, at = found.size[0], [*points]
    x, y = min(x for x, _ in at), min(y for _, y in at)
    below = {"wall": 1.3, "eyes": 3.2}.get(name, -0.4) * width / 32
    lines = [
        f'<text class="{name}" x="{max(x, 0) + width / 90:g}" y="{y + below + line * width / 28:g}">{words}</text>'
        for line, words in enumerate(scores)
    ]
    return "".join(lines)


def _drawn(name: str, points: Points) -> str:
    if name in ("faces", "wall"):
        return "".join(
            f'<rect class="{name}" x="{x:g}" y="{y:g}" width="{u - x:g}" height="{v - y:g}"/>'
            for (x, y), (u, v) in zip(points[::2], points[1::2], strict=True)
        )
    if name == "eyes":
        (x, y), (u, v) = points
        radius = math.hypot(u - x, v - y) / 10
        circles = "".join(f'<circle class="eyes" cx="{a:g}" cy="{b:g}" r="{radius:g}"/>' for a, b in points)
        return f'{circles}<path class="eyes" d="M{x:g} {y:g}L{u:g} {v:g}"/>'
    return f'<path class="{name}" d="M{"L".join(f"{x:g} {y:g}" for x, y in points)}"/>'
