"""What stands on the wire: every message has its example, and what was readable once stays readable."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin
from uuid import uuid4

import pytest
from pydantic import ValidationError

from shared.contracts import portal
from shared.contracts.base import Message, Own, SealBroken, Sealed, Value, read, routing_key, write
from shared.engine.codec import MOST_BYTES
from shared.process import MESSAGES
from tests.contracts.golden import APPLICATION, example, path_of, sealer, stored

KINDS = [pytest.param(kind, id=key) for key, kind in MESSAGES.items()]
STORED = [pytest.param(path, kind, id=f"{path.parent.name}/{path.stem}") for path, kind in stored()]
PERSONAL = {
    "iin", "authenticated_iin", "phone", "email", "contacts", "person", "consents", "refund_account", "cms",
    "birth_place", "document_number", "certified", "text",
}  # fmt: skip


def sealed_fields(kind: type[Message]) -> Iterator[str]:
    for name, field in kind.model_fields.items():
        if any(get_origin(part) is Sealed for part in (field.annotation, *get_args(field.annotation))):
            yield name


@pytest.mark.parametrize("kind", KINDS)
def test_every_message_has_an_example(kind: type[Message]) -> None:
    assert path_of(kind).is_file(), "python -m tests.contracts.golden"


@pytest.mark.parametrize(("path", "kind"), STORED)
def test_what_was_said_once_can_be_read_for_ever(path: Path, kind: type[Message]) -> None:
    body = path.read_bytes()
    message = read(kind, body, APPLICATION, sealer())
    for name in sealed_fields(kind):
        if (sealed := getattr(message, name)) is not None:
            assert sealed.is_open
    again = json.loads(write(message))
    assert json.loads(body).items() <= again.items(), "what is passed on is what was heard"


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_survives_the_wire(kind: type[Message]) -> None:
    said = example(kind)
    assert read(kind, write(said, sealer("wire")), APPLICATION, sealer()) == said


@pytest.mark.parametrize("kind", KINDS)
def test_a_field_of_a_later_version_is_passed_over(kind: type[Message]) -> None:
    body = {**json.loads(write(example(kind), sealer("later"))), "of_a_later_version": {"a": [1]}}
    assert read(kind, json.dumps(body).encode(), APPLICATION, sealer()) == example(kind)


@pytest.mark.parametrize("kind", [kind for kind in MESSAGES.values() if list(sealed_fields(kind))])
def test_personal_data_in_clear_is_refused(kind: type[Message]) -> None:
    body = json.loads(write(example(kind), sealer("clear")))
    for name in sealed_fields(kind):
        for clear in ("900101300017", {"phone": "900101300017"}, ["900101300017"]):
            with pytest.raises(ValidationError) as refused:
                read(kind, json.dumps({**body, name: clear}).encode(), APPLICATION, sealer())
            assert refused.value.errors(include_input=False)[0]["loc"][0] == name


@pytest.mark.parametrize("kind", [kind for kind in MESSAGES.values() if list(sealed_fields(kind))])
def test_what_is_sealed_opens_only_for_its_own_application(kind: type[Message]) -> None:
    other = uuid4()
    body = {**json.loads(write(example(kind), sealer("other"))), "application_id": str(other)}
    with pytest.raises((SealBroken, ValidationError)):
        read(kind, json.dumps(body).encode(), other, sealer())


@pytest.mark.parametrize("kind", [kind for kind in MESSAGES.values() if list(sealed_fields(kind))])
def test_personal_data_is_never_written_without_a_key_nor_shown(kind: type[Message]) -> None:
    said = example(kind)
    with pytest.raises(Exception, match="never written in clear"):
        write(said)
    for text in (repr(said), str(said)):
        assert not any(word in text for word in ("900101300017", "+77010000001", "citizen@example.kz"))


@pytest.mark.parametrize("kind", KINDS)
def test_what_names_a_person_is_sealed(kind: type[Message]) -> None:
    clear = PERSONAL & kind.model_fields.keys() - set(sealed_fields(kind))
    assert not [name for name in clear if portal.Text not in _parts_of(kind.model_fields[name].annotation)]


def _parts_of(annotation: Any) -> tuple[Any, ...]:
    """A text in two languages is a template's, with no personal data in it."""
    return (annotation, *get_args(annotation))


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_is_small_immutable_and_passes_over_what_it_does_not_know(kind: type[Message]) -> None:
    assert len(write(example(kind), sealer("small"))) < MOST_BYTES / 8
    assert kind.model_config["frozen"] is True
    assert kind.model_config["extra"] == "ignore"
    with pytest.raises(ValidationError):
        setattr(example(kind), "application_id", uuid4())  # noqa: B010 — the type checker refuses it too


def test_every_message_has_a_routing_key_of_its_own_and_a_kind_that_leaves_the_service() -> None:
    assert len({routing_key(kind) for kind in MESSAGES.values()}) == len(MESSAGES)
    for kind in MESSAGES.values():
        assert not issubclass(kind, Own)
        assert kind.exchange in ("portal", "events", "commands", "portal.status", "workstation", "workstation.status")


def test_no_message_and_no_part_is_named_by_a_pattern() -> None:
    forbidden = ("Event", "Command", "Message", "Data", "Info", "Dto", "DTO", "Entity", "Model", "Request")
    parts: list[type[Any]] = [*MESSAGES.values(), *_all_parts(Value)]
    assert not [part.__name__ for part in parts if part.__name__.endswith(forbidden) and part not in _bases()]


def _bases() -> set[type[Any]]:
    return {Message, *Message.__subclasses__()}


def _all_parts(of: type[Any]) -> Iterator[type[Any]]:
    for part in of.__subclasses__():
        if part.__module__.startswith("shared."):
            yield part
            yield from _all_parts(part)
