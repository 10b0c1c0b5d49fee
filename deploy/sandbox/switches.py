"""The pages of the switchboard: every system with what is wrong with it, one system's form, and the exchanges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Final

from deploy.sandbox.exchanges import Exchange
from deploy.sandbox.faults import KINDS, Fault
from deploy.sandbox.http import Systems
from shared.law.calendar import ALMATY

PERCENT: Final = " %"
GOOD: Final = ("answered", "200", "201", "204")


@dataclass(frozen=True, slots=True)
class Switch:
    """One field of the form; `most` in its unit. Without a unit it is on or off."""

    field: str
    label: str
    hint: str
    unit: str = PERCENT
    most: float = 100


SWITCHES: Final = (
    Switch("outage", "Outage", "every call fails", ""),
    Switch("delay", "Delay", "before each answer", " s", 120),
    Switch("error_rate", "Errors", "it fails before anything is done"),
    Switch("lost_rate", "Lost answers", "all is done, and the answer is an error"),
    Switch("wrong_signature_rate", "Wrong signature", "what is signed is signed wrongly"),
    Switch("truncated_rate", "Truncated answers", "half of it comes, as if it were all"),
    Switch("stale_rate", "Stale data", "an earlier answer; older news after newer"),
    Switch("duplicate_rate", "Double call-backs", "two at the same time"),
    Switch("late", "Late call-backs", "each by so much", " s", 3600),
    Switch("undelivered_rate", "Undelivered requests", "taken by ШЭП, brought to nobody"),
)


def overview(systems: Systems, most: int, notice: str = "") -> str:
    """All systems, and the latest exchanges of all."""
    switched = [system for system in KINDS if system in systems.faults.switched]
    count = len(switched)
    standing = (
        f"<p class='standing wrong'>Something is wrong with {count} system{'s' if count > 1 else ''}.</p>"
        if switched
        else "<p class='standing'>All is well: nothing is switched to go wrong.</p>"
    )
    rows = "".join(_line(systems, system) for system in KINDS)
    return _page(
        "The state's systems",
        f"{_notice(notice, 'wrong')}<div class='bar'>{standing}<form method='post' action='/control/well'>"
        f"<button{'' if switched else ' disabled'}>All well again</button></form></div>"
        "<table class='systems'><thead><tr><th>System</th><th>What goes wrong</th><th class='sum'>Calls</th>"
        "<th class='sum'>Not answered well</th><th><span class='hidden'>Switch</span></th></tr></thead>"
        f"<tbody>{rows}</tbody></table>"
        f"<h2>Latest exchanges</h2>{_exchanges(systems.exchanges.latest(most=most))}",
    )


def page_of(
    systems: Systems,
    system: str,
    most: int,
    typed: Mapping[str, str] | None = None,
    faults: Mapping[str, str] | None = None,
    *,
    saved: bool = False,
) -> str:
    """One system: as it is switched, or as it was `typed` with the `faults` of the fields."""
    kind, fault, faults = KINDS[system], systems.faults.of(system), faults or {}
    fields = "".join(
        _field(switch, typed.get(switch.field, "") if typed is not None else _value(fault, switch), faults)
        for switch in SWITCHES
        if switch.field in kind.faults
    )
    notice = _notice("Switched." if saved else "", "good") + _notice(
        "Nothing was switched: look at the marked fields." if faults else "", "wrong"
    )
    other = "".join(f"<p class='error'>{escape(faults[name])}</p>" for name in faults if name in ("", "system"))
    told = "<p>Its call-backs are listed with <a href='/control/systems/callbacks'>all call-backs</a>.</p>"
    return _page(
        kind.name,
        f"<p class='crumb'><a href='/control'>All systems</a></p>{notice}{other}"
        f"<form class='switches' method='post' action='/control/systems/{system}'>{fields}"
        f"{_services(kind.services, fault.services, faults.get('services'))}"
        "<p><button>Switch</button> <button class='quiet' form='well'>Well again</button></p></form>"
        f"<form id='well' method='post' action='/control/systems/{system}'></form>"
        f"<h2>Latest exchanges</h2>{told if 'late' in kind.faults and system != 'callbacks' else ''}"
        f"{_exchanges(systems.exchanges.latest(system, most), of_all=False)}",
    )


def _line(systems: Systems, system: str) -> str:
    fault, tally = systems.faults.of(system), systems.exchanges.tally(system)
    calls, good = tally.total(), sum(tally[outcome] for outcome in GOOD)
    chips = "".join(f"<span class='chip'>{escape(each)}</span>" for each in _wrong(fault))
    return (
        f"<tr><th scope='row'><a href='/control/systems/{system}'>{escape(KINDS[system].name)}</a>"
        f"<code>{system}</code></th><td>{chips or '<span class=well>nothing</span>'}</td>"
        f"<td class='sum'>{calls or '–'}</td><td class='sum'>{calls - good or '–'}</td>"
        f"<td><a class='button' href='/control/systems/{system}'>Switch<span class='hidden'> {system}</span></a></td>"
        "</tr>"
    )


def _wrong(fault: Fault) -> Iterable[str]:
    for switch in SWITCHES:
        value = _value(fault, switch)
        if value:
            yield f"{switch.label} {value}{switch.unit}" if switch.unit else switch.label
    if fault.services:
        yield f"only {', '.join(fault.services)}"


def _value(fault: Fault, switch: Switch) -> str:
    """As the form shows it; empty when it is well."""
    value = getattr(fault, switch.field)
    if not value:
        return ""
    return "on" if switch.unit == "" else f"{value * (100 if switch.unit == PERCENT else 1):g}"


def _field(switch: Switch, value: str, faults: Mapping[str, str]) -> str:
    name, error = switch.field, faults.get(switch.field)
    hint = f"<span class='hint' id='{name}-hint'>{switch.hint}</span>"
    fault = f"<span class='error' id='{name}-error'>{escape(error)}</span>" if error else ""
    described = f"{name}-hint{f' {name}-error' if error else ''}"
    marks = f"id='{name}' name='{name}' aria-describedby='{described}'{' aria-invalid=true' if error else ''}"
    if switch.unit == "":
        box = f"<input type='checkbox' value='on' {marks}{' checked' if value else ''}>"
    else:
        typed = escape(value, quote=True)
        box = f"<input inputmode='decimal' size='6' placeholder='0' value='{typed}' {marks}><i>{switch.unit}</i>"
    return f"<div class='field'><label for='{name}'>{switch.label}</label><div>{box}{hint}{fault}</div></div>"


def _services(names: tuple[str, ...], chosen: tuple[str, ...], error: str | None) -> str:
    if len(names) < 2:
        return ""
    boxes = "".join(
        f"<label><input type='checkbox' name='services' value='{name}'{' checked' if name in chosen else ''}>"
        f"<code>{name}</code></label>"
        for name in names
    )
    fault = f"<span class='error'>{escape(error)}</span>" if error else ""
    return f"<fieldset><legend>Only these (none: all)</legend>{boxes}{fault}</fieldset>"


def _exchanges(found: list[Exchange], *, of_all: bool = True) -> str:
    if not found:
        return "<p class='empty'>Nothing has been exchanged yet.</p>"
    rows = "".join(
        f"<tr><td class='when'>{each.at.astimezone(ALMATY):%d.%m %H:%M:%S}</td>"
        f"{f'<td>{_link(each.system)}</td>' if of_all else ''}<td>{escape(each.what)}</td>"
        f"<td class='{'well' if each.outcome in GOOD else 'ill'}'>{escape(each.outcome)}</td>"
        f"<td>{_said(each)}</td></tr>"
        for each in found
    )
    return (
        "<p class='hint'>Business time of Almaty. ••• stands for what may be somebody's data.</p>"
        f"<table class='exchanges'><thead><tr><th>When</th>{'<th>System</th>' if of_all else ''}<th>What</th>"
        f"<th>Outcome</th><th>Said</th></tr></thead><tbody>{rows}</tbody></table>"
    )


def _link(system: str) -> str:
    """Officers, and what ШЭП itself refuses, have no switches."""
    return f"<a href='/control/systems/{system}'>{system}</a>" if system in KINDS else escape(system)


def _said(each: Exchange) -> str:
    parts = [
        f"<dt>{name}</dt><dd><code>{escape(text)}</code></dd>"
        for name, text in (("asked", each.asked), ("answered", each.answered))
        if text
    ]
    return f"<details><summary>look</summary><dl>{''.join(parts)}</dl></details>" if parts else "–"


def _notice(text: str, kind: str) -> str:
    return f"<p class='notice {kind}' role='status'>{escape(text)}</p>" if text else ""


def _page(title: str, body: str) -> str:
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'><meta name='viewport' content='width=device-width'>"
        f"<title>{escape(title)} · Sandbox</title><link rel='stylesheet' href='/control/switchboard.css'></head>"
        f"<body><header><a href='/control'>Kuälik sandbox</a></header><main><h1>{escape(title)}</h1>{body}</main>"
        "</body></html>"
    )
