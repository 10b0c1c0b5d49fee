"""The generated documents are whole, up to date, and readable without a script."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from starlette.applications import Starlette

from deploy import generate
from deploy.picture import picture
from deploy.resilience import table
from shared.asyncapi import document
from shared.gateways.policies import POLICIES
from shared.process import PORTAL, SERVICES, WORKSTATION, heard_by, said_by
from shared.topology import portal_hears, portal_says, reads, workstation_hears, workstation_of, workstation_says
from shared.web.asyncapi import asyncapi_routes
from tests.contracts.golden import stored

USERS = (*SERVICES, PORTAL, WORKSTATION)
REFERENCE = {
    "type": "object",
    "required": ["$ref"],
    "additionalProperties": False,
    "properties": {"$ref": {"type": "string", "pattern": "^#/"}},
}
RULES = {
    "type": "object",
    "required": ["asyncapi", "info", "channels", "operations", "components"],
    "additionalProperties": False,
    "properties": {
        "asyncapi": {"const": "3.0.0"},
        "info": {"type": "object", "required": ["title", "version"]},
        "defaultContentType": {"const": "application/json"},
        "servers": {
            "type": "object",
            "additionalProperties": {"type": "object", "required": ["host", "protocol"]},
        },
        "channels": {
            "type": "object",
            "propertyNames": {"pattern": "^[A-Za-z0-9_-]+$"},
            "additionalProperties": {
                "type": "object",
                "required": ["address", "messages", "bindings"],
                "additionalProperties": False,
                "properties": {
                    "address": {"type": "string", "minLength": 1},
                    "title": {"type": "string"},
                    "description": {"type": "string"},
                    "parameters": {"type": "object"},
                    "messages": {"type": "object", "additionalProperties": REFERENCE},
                    "bindings": {
                        "type": "object",
                        "required": ["amqp"],
                        "properties": {
                            "amqp": {
                                "oneOf": [
                                    {"required": ["is", "queue"], "properties": {"is": {"const": "queue"}}},
                                    {"required": ["is", "exchange"], "properties": {"is": {"const": "routingKey"}}},
                                ]
                            }
                        },
                    },
                },
            },
        },
        "operations": {
            "type": "object",
            "propertyNames": {"pattern": "^[A-Za-z0-9_-]+$"},
            "additionalProperties": {
                "type": "object",
                "required": ["action", "channel", "messages"],
                "additionalProperties": False,
                "properties": {
                    "action": {"enum": ["send", "receive"]},
                    "channel": REFERENCE,
                    "messages": {"type": "array", "items": REFERENCE},
                    "bindings": {"type": "object"},
                },
            },
        },
        "components": {
            "type": "object",
            "required": ["messages", "schemas"],
            "additionalProperties": False,
            "properties": {
                "messages": {
                    "type": "object",
                    "propertyNames": {"pattern": "^[A-Za-z0-9_-]+$"},
                    "additionalProperties": {"type": "object", "required": ["name", "title", "headers", "payload"]},
                },
                "schemas": {"type": "object"},
                "securitySchemes": {"type": "object"},
            },
        },
    },
}


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for inner in part.values():
            yield from references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from references(inner)


def found(whole: Any, reference: str) -> Any:
    for name in reference.removeprefix("#/").split("/"):
        whole = whole[name]
    return whole


@pytest.mark.parametrize("user", USERS)
def test_a_document_follows_the_rules_of_asyncapi_three(user: str) -> None:
    made = document(user)
    jsonschema.validate(made, RULES)
    for reference in references(made):
        assert found(made, reference) is not None
    for operation in made["operations"].values():
        channel = operation["channel"]["$ref"]
        for message in operation["messages"]:
            assert message["$ref"].startswith(f"{channel}/messages/")
    for schema in made["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("user", USERS)
def test_a_document_names_what_is_heard_and_said_and_nothing_else(user: str) -> None:
    made = document(user)
    one = workstation_of("{region}") if user == WORKSTATION else user
    heard = set({PORTAL: portal_hears(), WORKSTATION: workstation_hears()}.get(user) or heard_by(user))
    said = set({PORTAL: portal_says(), WORKSTATION: workstation_says()}.get(user) or said_by(user))
    by_action: dict[str, set[str]] = {"receive": set(), "send": set()}
    queues = set()
    for operation in made["operations"].values():
        channel = found(made, operation["channel"]["$ref"])
        by_action[operation["action"]] |= set(channel["messages"])
        if operation["action"] == "receive":
            queues.add(channel["address"])
    assert by_action["receive"] == {kind.__name__ for kind in heard}
    assert by_action["send"] - {"DeadLetter"} == {kind.__name__ for kind in said}
    assert queues == set(reads(one))


@pytest.mark.parametrize("user", USERS)
def test_a_title_names_one_thing(user: str) -> None:
    schemas = document(user)["components"]["schemas"]
    titles = [title for schema in schemas.values() for title in _titles(schema)]
    assert len(titles) == len(set(titles)) == len(schemas)


def _titles(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("title"), str):
            yield schema["title"]
        for name, inner in schema.items():
            yield from _titles(inner) if name != "properties" else ()


def test_every_example_is_what_the_document_promises() -> None:
    schemas = {name: schema for user in USERS for name, schema in document(user)["components"]["schemas"].items()}
    for path, kind in stored():
        whole = {"$ref": f"#/components/schemas/{kind.__name__}", "components": {"schemas": schemas}}
        jsonschema.validate(json.loads(path.read_text(encoding="utf-8")), whole)


@pytest.mark.parametrize("user", USERS)
async def test_the_page_needs_no_script_and_no_foreign_host_and_sends_nothing(user: str) -> None:
    transport = httpx.ASGITransport(Starlette(routes=asyncapi_routes(user)))
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        page, made = await client.get("/asyncapi"), await client.get("/asyncapi.json")
        assert made.json() == document(user)
        assert (await client.post("/asyncapi/try", json={})).status_code == httpx.codes.NOT_FOUND
        assert (await client.post("/asyncapi")).status_code == httpx.codes.METHOD_NOT_ALLOWED
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert not re.search(r"<script|<form|<iframe|<link|src=|https?://", page.text)
    for name in made.json()["components"]["messages"]:
        assert f"id='{name}'" in page.text
    anchors = set(re.findall(r"href='#([^']+)'", page.text))
    assert anchors <= set(re.findall(r"id='([^']+)'", page.text))


def test_what_is_generated_is_up_to_date() -> None:
    assert not [str(path.relative_to(generate.ROOT)) for path in generate.stale()], "make docs"


def test_check_writes_nothing_and_ends_with_one_when_a_file_is_stale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    monkeypatch.setattr(generate.generated, "__defaults__", (tmp_path,))
    assert generate.main([]) == 2
    (tmp_path / "README.md").write_text(f"before\n{generate.BEGIN}\nold\n{generate.END}\nafter\n", encoding="utf-8")
    assert generate.main([]) == 2
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared/README.md").write_text("\n".join(generate.POLICIES), encoding="utf-8")
    assert generate.main(["--check"]) == 1
    assert sorted(each.name for each in tmp_path.iterdir()) == ["README.md", "shared"]
    assert generate.main([]) == 0
    assert generate.main(["--check"]) == 0
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert picture() in text
    assert "stale README.md" in capsys.readouterr().out


def test_the_picture_is_small_enough_to_be_read() -> None:
    lines = picture().splitlines()
    arrows = [line for line in lines if "-->" in line or "-.->" in line]
    assert len(arrows) <= 20
    for service in SERVICES:
        assert any(service in line for line in lines)


def test_the_table_of_policies_names_every_system_with_its_own_figures() -> None:
    """That the README holds this very table is the same check as for all generated files."""
    rows = {line.split("|")[1].strip(" `"): line for line in table().splitlines()[2:]}
    assert list(rows) == list(POLICIES)
    for name, policy in POLICIES.items():
        assert f"| {policy.timeout:g} s | {policy.leases} |" in rows[name]
        assert f"| {policy.per_second:g} a second |" in rows[name]
        assert ("ЦОН" in rows[name]) is policy.p12
        assert ("without end" in rows[name]) is (policy.deadline is None)
