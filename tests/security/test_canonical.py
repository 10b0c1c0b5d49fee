"""One value, one spelling: RFC 8785, and the forms that are signed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.contracts.base import Sealed
from shared.contracts.portal import FormFilled
from shared.contracts.values import Contacts, FileRef, Instruction, Locale, RefundAccount
from shared.security.canonical import (
    CanonicalApplication,
    CanonicalDecision,
    CanonicalHandOver,
    NotCanonical,
    canonical_json,
    withdrawal,
)

APPLICATION = UUID(int=7)
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), plain, max_size=5))
def test_canonical_json_reads_back_and_ignores_the_order_of_keys(value: dict[str, Any]) -> None:
    written = canonical_json(value)
    assert json.loads(written) == value
    assert canonical_json(dict(reversed(list(value.items())))) == written


def test_the_examples_of_the_standard() -> None:
    keys = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7}
    assert list(json.loads(canonical_json(keys)).values()) == [2, 4, 6, 7, 1, 5, 3]
    text = "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/"
    assert canonical_json({"s": text}) == '{"s":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'.encode()
    assert canonical_json({"l": [None, True, False], "a": {}}) == b'{"a":{},"l":[null,true,false]}'


@pytest.mark.parametrize("value", [1.0, float("nan"), 2**53, b"x", {1: 2}, {"a": {1, 2}}, "\ud800", {"\udfff": 1}])
def test_what_has_no_canonical_spelling_is_refused(value: Any) -> None:
    with pytest.raises(NotCanonical) as caught:
        canonical_json({"v": value})
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def form(**changes: Any) -> FormFilled:
    fields: dict[str, Any] = {
        "application_id": APPLICATION,
        "authenticated_iin": Sealed("900115390019"),
        "revision": 2,
        "region": "75",
        "point": "75-01",
        "contacts": Sealed(Contacts(phone="+77010000001", email="a@example.test")),
        "photo": FileRef(reference="a.jpg", sha256="a" * 64),
        "signature_sample": FileRef(reference="b.png", sha256="b" * 64),
        "refund_account": Sealed(RefundAccount(iban="KZ000000000000000000", holder_iin="900115390019")),
        "refund_application": True,
        "instruction": Instruction(version="1", language=Locale.RU),
    }
    return FormFilled(**{**fields, **changes})


def test_the_whole_form_is_in_what_the_citizen_signs() -> None:
    signed = json.loads(CanonicalApplication.of("900115390019", form()).canonical())
    assert signed == {
        "kind": "application",
        "application_id": str(APPLICATION),
        "iin": "900115390019",
        "revision": 2,
        "region": "75",
        "point": "75-01",
        "phone": "+77010000001",
        "email": "a@example.test",
        "photo_sha256": "a" * 64,
        "signature_sample_sha256": "b" * 64,
        "refund_iban": "KZ000000000000000000",
        "refund_holder_iin": "900115390019",
        "refund_application": True,
        "instruction_version": "1",
        "instruction_language": "ru",
    }


@pytest.mark.parametrize(
    "change",
    [
        {"application_id": UUID(int=8)},
        {"revision": 3},
        {"region": "71"},
        {"point": "75-02"},
        {"contacts": Sealed(Contacts(phone="+77010000002", email="a@example.test"))},
        {"contacts": Sealed(Contacts(phone="+77010000001"))},
        {"photo": FileRef(reference="a.jpg", sha256="c" * 64)},
        {"signature_sample": FileRef(reference="b.png", sha256="c" * 64)},
        {"refund_account": None},
        {"refund_application": False},
        {"instruction": Instruction(version="2", language=Locale.RU)},
        {"instruction": Instruction(version="1", language=Locale.KK)},
    ],
)
def test_no_field_can_change_under_the_signature(change: dict[str, Any]) -> None:
    before = CanonicalApplication.of("900115390019", form())
    assert CanonicalApplication.of("900115390019", form(**change)).sha256() != before.sha256()


def test_where_the_file_lies_is_not_signed_but_its_content_is() -> None:
    moved = form(photo=FileRef(reference="elsewhere.jpg", sha256="a" * 64))
    before = CanonicalApplication.of("900115390019", form())
    assert CanonicalApplication.of("900115390019", moved).canonical() == before.canonical()


def decision(**changes: Any) -> CanonicalDecision:
    fields: dict[str, Any] = {
        "application_id": APPLICATION,
        "decision": "ANNULLED",
        "ground": "PHOTO",
        "reasons": ("Sharpness", "LuminanceMean"),
        "application_sha256": "1" * 64,
        "photo_sha256": "2" * 64,
        "signature_sample_sha256": "3" * 64,
        "officer": "officer-7",
        "moment": datetime(2025, 10, 1, 15, 0, tzinfo=timezone(timedelta(hours=5))),
    }
    return CanonicalDecision(**{**fields, **changes})


def test_a_decision_names_its_moment_in_one_way() -> None:
    signed = json.loads(decision().canonical())
    assert signed["moment"] == "2025-10-01T10:00:00.000Z"
    assert signed["reasons"] == ["Sharpness", "LuminanceMean"]
    assert signed["kind"] == "decision"
    with pytest.raises(ValidationError):
        decision(moment=datetime(2025, 10, 1, 15, 0))  # noqa: DTZ001


def test_people_do_not_show_in_listings_or_errors() -> None:
    shown = repr(CanonicalApplication.of("900115390019", form())) + repr(decision())
    assert not any(personal in shown for personal in ("900115390019", "+7701", "example.test", "KZ00", "officer-7"))
    with pytest.raises(ValidationError) as caught:
        CanonicalApplication.of("900115390019", form(region="75")).model_validate({"iin": 900115390019})
    assert "900115390019" not in str(caught.value)


def test_a_withdrawal_names_its_application() -> None:
    assert withdrawal(APPLICATION) == f"withdraw:{APPLICATION}".encode()


def test_a_hand_over_is_spelled_once_and_passes_for_nothing_else() -> None:
    signed = CanonicalHandOver(
        application_id=UUID(int=1), talon="71-251006-000001-1", point="71-01", handed_over=True, old_card_taken=False,
        photo_sha256="a" * 64, officer="70", moment=datetime(2025, 10, 6, 5, 0, tzinfo=UTC),
    )  # fmt: skip
    assert json.loads(signed.canonical()) == {
        "application_id": str(UUID(int=1)), "handed_over": True, "kind": "hand-over",
        "moment": "2025-10-06T05:00:00.000Z", "officer": "70", "old_card_taken": False, "photo_sha256": "a" * 64,
        "point": "71-01", "reason": None, "talon": "71-251006-000001-1",
    }  # fmt: skip
    refused = signed.model_copy(update={"handed_over": False, "reason": "PROXY"})
    assert refused.sha256() != signed.sha256() != decision().sha256()
