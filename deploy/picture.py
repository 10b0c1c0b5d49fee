"""The main way of an application as a Mermaid picture: services as boxes, what they say to each other as arrows."""

from __future__ import annotations

from collections.abc import Iterator

from shared.contracts.base import Message
from shared.process import COMMANDS, COORDINATOR, MAIN, NOTIFICATION, PORTAL, SERVICES, WORKSTATION, said_by
from shared.topology import portal_hears


def picture() -> str:
    """A Mermaid flowchart: solid arrows carry facts, dashed ones orders; what all hear is said in one word."""
    lines = ["flowchart LR"]
    lines += [f"    {_id(PORTAL)}([portal])"]
    lines += [f"    {_id(WORKSTATION)}([a region's workstation])"]
    lines += [f'    {_id(service)}["{service}{_steps(service)}"]' for service in SERVICES]
    for (sender, hearer), names in _facts().items():
        lines.append(f"    {_id(sender)} -->|{_label(names)}| {_id(hearer)}")
    for sender, hearer, names in _orders():
        lines.append(f"    {_id(sender)} -.->|{_label(names)}| {_id(hearer)}")
    told = [kind.__name__ for kind in portal_hears() if kind in said_by(NOTIFICATION)]
    lines.append(f"    every_event((every event)) --> {_id(COORDINATOR)}")
    lines.append(f"    told((what concerns the citizen)) --> {_id(NOTIFICATION)}")
    lines.append(f"    {_id(NOTIFICATION)} -->|{_label(told)}| {_id(PORTAL)}")
    return "\n".join(lines)


def _facts() -> dict[tuple[str, str], list[str]]:
    """Who says what to whom on the main way; a service's words to itself are left out."""
    facts: dict[tuple[str, str], list[str]] = {}
    for way in MAIN:
        sender = _sender(way.hears)
        if sender != way.service:
            names = facts.setdefault((sender, way.service), [])
            if way.hears.__name__ not in names:
                names.append(way.hears.__name__)
    return facts


def _orders() -> Iterator[tuple[str, str, list[str]]]:
    for service in SERVICES:
        names = [way.hears.__name__ for way in COMMANDS if way.service == service]
        if names:
            yield COORDINATOR, service, names


def _sender(kind: type[Message]) -> str:
    if kind.exchange in (PORTAL, WORKSTATION):
        return kind.exchange
    return next(service for service in SERVICES if kind in said_by(service))


def _steps(service: str) -> str:
    steps = [step for way in MAIN if way.service == service for step in way.steps.split()]
    ordered = sorted(set(steps), key=lambda step: int(step[1:]))
    return f"<br/>{' '.join(ordered)}" if ordered else ""


def _label(names: list[str]) -> str:
    return "<br/>".join(names)


def _id(name: str) -> str:
    return name.replace("-", "_")
