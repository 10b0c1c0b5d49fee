"""Stuck cases and one case as pages: tables, links and one form, without a script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from datetime import datetime
from html import escape
from typing import Final
from uuid import uuid5

from services.saga_coordinator.shown import CaseShown, LineShown, StuckShown, TimelineShown
from shared.law.calendar import ALMATY

_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:90rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse}caption{text-align:left;font-weight:600;padding:.75rem 0 .25rem}"
    "td,th{text-align:left;padding:.2rem .8rem .2rem 0;border-bottom:1px solid #ddd;vertical-align:top}"
    "code{font-family:ui-monospace,monospace;font-size:.9em}.wrong{font-weight:600;color:#a00}"
    "label{display:block;margin:.5rem 0}input[type=text]{width:30rem}"
)
_DIGEST: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
MARKED: Final = frozenset({"attempt", "stuck", "driven", "deadline"})


def stuck_page(shown: StuckShown) -> str:
    """HTML; the longest stuck first, each with why."""
    links = [f"<a href='?page={shown.page - 1}'>before</a>"] if shown.page > 1 else []
    links += [f"<a href='?page={shown.page + 1}'>more</a>"] if shown.more else []
    return _whole(
        "Cases that do not move",
        _cases("Stuck, or late with a person", shown.stuck)
        + _cases("An answer sent them to operations", shown.attention)
        + _cases("Nobody watches them: drive them", shown.unwatched)
        + f"<p>{' · '.join(links)}</p>",
    )


def case_page(case: CaseShown, timeline: TimelineShown, token: str, told: str = "") -> str:
    """HTML; where it stands, the form that drives it, and all that happened."""
    rows = ((name.replace("_", " "), _plain(getattr(case, name))) for name in CaseShown.model_fields)
    facts = "".join(f"<tr><th>{name}</th><td>{value}</td></tr>" for name, value in rows if value)
    more = f"<p><a href='?after={timeline.after}'>more</a></p>" if timeline.after else ""
    said = f"<p><strong>Told to go on: {escape(told)}.</strong></p>" if told else ""
    last = timeline.lines[-1].seq if timeline.lines else 0
    act_id = uuid5(case.application_id, f"page/{case.drives}/{last}")  # pressed twice, it is one act
    form = (
        "<form method='post' action='page'>"
        f"<input type='hidden' name='token' value='{token}'><input type='hidden' name='act_id' value='{act_id}'>"
        "<label>Why it is driven <input type='text' name='reason' required minlength='3' maxlength='300'></label>"
        "<button>Go on with this case now</button></form>"
    )
    return _whole(
        f"Case {case.application_id}",
        f"<p><a href='../../operations'>All that do not move</a></p>{said}<table>{facts}</table>"
        f"{form if case.waits_for else ''}{_lines(timeline.lines)}{more}",
    )


def _cases(caption: str, cases: Iterable[CaseShown]) -> str:
    names = ("application", "waits for", "in the hands of", "since", "stuck since", "driven", "why", "story")
    return _table(caption, names, map(_case, cases))


def _case(case: CaseShown) -> str:
    id = case.application_id
    stuck = f"<span class='wrong'>{_plain(case.stuck_since)}</span>{' late' if case.late else ''}"
    words = (case.waits_for, case.owner, case.since)
    return (
        f"<td><a href='cases/{id}/page'><code>{id}</code></a></td>"
        + "".join(f"<td>{_plain(word)}</td>" for word in words)
        + f"<td>{stuck}</td><td>{case.drives}</td><td>{escape(case.why or case.attention)}</td>"
        f"<td>{escape(case.story)}</td>"
    )


def _lines(lines: Iterable[LineShown]) -> str:
    names = ("#", "written", "said (business time)", "what", "name", "detail", "message", "trace")
    return _table("What happened", names, map(_line, lines))


def _line(line: LineShown) -> str:
    mark = " class='wrong'" if line.kind in MARKED else ""
    return (
        f"<td>{line.seq}</td><td>{_plain(line.at)}</td><td>{_plain(line.said_at)}</td>"
        f"<td><span{mark}>{escape(line.kind)}</span></td><td>{escape(line.name)}</td><td>{escape(line.detail)}</td>"
        f"<td><code>{line.message_id}</code></td><td><code>{escape(line.trace_id)}</code></td>"
    )


def _table(caption: str, names: Iterable[str], rows: Iterable[str]) -> str:
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    none = "" if body else "<p>None.</p>"
    return f"<table><caption>{escape(caption)}</caption><tr>{head}</tr>{body}</table>{none}"


def _whole(title: str, body: str) -> str:
    return (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{escape(title)}</title>"
        f"<style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>{body}</body></html>"
    )


def _plain(value: object) -> str:
    """Almaty time for a moment, nothing for what is not known."""
    if isinstance(value, datetime):
        return f"{value.astimezone(ALMATY):%Y-%m-%d %H:%M:%S}"
    return "" if value is None or value is False else escape(str(value))
