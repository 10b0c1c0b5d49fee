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
body { font: 15px/1.4 "Noto Sans", "Segoe UI", Arial, sans-serif; margin: 2rem; color: #1b1f24; background: #fff }
section { display: flex; flex-wrap: wrap; gap: 2rem; border-top: 2px solid #1b1f24; padding: 1rem 0 2rem }
figure { margin: 0; position: relative; width: 480px } figure img { width: 100%; display: block }
figure svg { position: absolute; inset: 0; width: 100%; height: 100% }
svg * { fill: none; stroke-width: 2px; vector-effect: non-scaling-stroke }
.faces { stroke: #0b6bcb } .eyes { stroke: #d4351c } .mouth { stroke: #d4351c } .chin, .crown { stroke: #00703c }
.axis { stroke: #00703c; stroke-dasharray: 4 4 } .wall { stroke: #7b5ea7 }
table { border-collapse: collapse } th, td { text-align: left; padding: .1rem .7rem .1rem 0; vertical-align: top }
td.n { text-align: right; font-variant-numeric: tabular-nums } .back { color: #aa1100; font-weight: 600 }
.told { color: #8a5200; font-weight: 600 } meter { width: 6rem }
"""


def page(photos: Iterable[tuple[str, bytes]], thresholds: Thresholds = THRESHOLDS[-1]) -> str:
    """HTML that needs nothing besides itself; `photos` are names and contents."""
    sections = "".join(_section(name, content, thresholds) for name, content in photos)
    head = f'<meta charset="utf-8"><title>S10: photos measured</title><style>{STYLE}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body><h1>Photos measured</h1>{sections}</body></html>\n'


def _section(name: str, content: bytes, thresholds: Thresholds) -> str:
    found = measured(content)
    verdict = judged(found, thresholds)
    back, told = ", ".join(verdict.reasons), ", ".join(verdict.flags)
    words = f'<p class="back">Goes back: {back}</p>' if back else "<p>Accepted.</p>"
    words += f'<p class="told">The officer is told: {told}</p>' if told else ""
    rows = "".join(_row(measure, raw, thresholds) for measure, raw in found.raw.items())
    table = f"<table><tr><th>measure<th>found<th><th>score<th><th>wished<th>borne</tr>{rows}</table>" if rows else ""
    return f"<section>{_figure(found, content)}<div><h2>{escape(name)}</h2>{words}{table}</div></section>"


def _row(measure: PhotoFault, raw: float, thresholds: Thresholds) -> str:
    row = thresholds.rows.get(measure)
    points = score(measure, raw)
    wished, borne = (_bounds(row.wished), _bounds(row.borne)) if row else ("", "")
    kind = ""
    if row and not row.borne[0] <= raw <= row.borne[1]:
        kind = "back"
    elif row and not row.wished[0] <= raw <= row.wished[1]:
        kind = "told"
    return (
        f'<tr class="{kind}"><td>{measure}<td class="n">{raw:.3g}<td>{escape(CURVES[measure][0])}<td class="n">{points}'
        f'<td><meter min="0" max="100" value="{points}">{points}</meter><td>{wished}<td>{borne}</tr>'
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
    drawn = "".join(_drawn(name, points) for name, points in found.marks.items())
    width, height = found.size
    return f'<figure><img alt="" src="{source}"><svg viewBox="0 0 {width} {height}">{drawn}</svg></figure>'


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
