"""The page of reconciliation: tables and links, without a script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Final

from shared.law.calendar import ALMATY

if TYPE_CHECKING:
    from services.payment.desk import LineShown, ReconciliationShown, RunShown

_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:80rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse}caption{text-align:left;font-weight:600;padding:.5rem 0}"
    "td,th{text-align:left;padding:.2rem .8rem .2rem 0;border-bottom:1px solid #ddd;vertical-align:top}"
    ".sum{text-align:right;font-variant-numeric:tabular-nums}.wrong{font-weight:600;color:#a00}"
)
_DIGEST: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY: Final = f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; frame-ancestors 'none'"


def page_of(shown: ReconciliationShown) -> str:
    """HTML; the lines of one run, with links to the others."""
    chosen = next((run for run in shown.runs if run.run_id == shown.run_id), None)
    body = "<p>Nothing has been reconciled yet.</p>" if chosen is None else _accounts(chosen) + _lines(shown)
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>Reconciliation</title>"
        f"<style>{_STYLE}</style></head><body><h1>Ledger, payment gateway, revenue authority</h1>"
        f"{_runs(shown)}{body}</body></html>"
    )


def _runs(shown: ReconciliationShown) -> str:
    names = ("run at", "days", "by", "lines", "in flight", "differences", "mended")
    return _table("The latest runs", names, (_run(run, run.run_id == shown.run_id) for run in shown.runs))


def _run(run: RunShown, chosen: bool) -> str:
    at = f"<a href='?run={run.run_id}'>{_moment(run.at)}</a>"
    wrong = " class='wrong'" if run.differences else ""
    return (
        f"<td>{'▸ ' if chosen else ''}{at}</td><td>{run.first} – {run.last}</td><td>{escape(run.by)}</td>"
        f"<td class='sum'>{run.lines}</td><td class='sum'>{run.in_flight}</td>"
        f"<td class='sum'><span{wrong}>{run.differences}</span></td><td class='sum'>{run.mended} of {run.mending}</td>"
    )


def _accounts(run: RunShown) -> str:
    rows = (
        f"<td>{escape(total.account)}</td>{_sum(total.moved)}{_sum(total.outside)}{_sum(total.balance)}"
        for total in run.totals
    )
    return _table("Accounts, in tenge", ("account", "moved in these days", "outside", "balance"), rows)


def _lines(shown: ReconciliationShown) -> str:
    names = ("what", "verdict", "difference", "side", "id", "application", "ours", "theirs", "day", "")
    links = [f"<a href='?run={shown.run_id}&amp;page={shown.page - 1}'>before</a>"] if shown.page > 1 else []
    links += [f"<a href='?run={shown.run_id}&amp;page={shown.page + 1}'>more</a>"] if shown.more else []
    return _table("Every line, differences first", names, map(_line, shown.lines)) + f"<p>{' · '.join(links)}</p>"


def _line(line: LineShown) -> str:
    wrong = " class='wrong'" if line.verdict != "EXISTS" and not line.in_flight else ""
    words = (line.difference or "", line.side or "", line.id, line.application_id or "")
    return (
        f"<td>{line.kind.value}</td><td><span{wrong}>{line.verdict.value}</span></td>"
        + "".join(f"<td>{escape(str(word))}</td>" for word in words)
        + f"{_sum(line.ours)}{_sum(line.theirs)}<td>{line.day or ''}</td><td>{_state(line)}</td>"
    )


def _state(line: LineShown) -> str:
    if line.mended_at is not None:
        return f"mended at {_moment(line.mended_at)}"
    return "in flight" if line.in_flight else "being mended" if line.mending else ""


def _table(caption: str, names: Iterable[str], rows: Iterable[str]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<table><caption>{escape(caption)}</caption><tr>{head}</tr>{body}</table>"


def _sum(amount: int | None) -> str:
    return f"<td class='sum'>{'' if amount is None else amount}</td>"


def _moment(at: datetime) -> str:
    """Almaty time."""
    return f"{at.astimezone(ALMATY):%Y-%m-%d %H:%M:%S}"
