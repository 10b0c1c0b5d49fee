"""Officers and issue desks by the story; the key files they know each other by."""

from __future__ import annotations

import stat
from base64 import b64decode
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from deploy.sandbox import keys
from deploy.sandbox.authority import Authority
from deploy.sandbox.persona import APPROVE
from deploy.sandbox.personas import BY_NAME, PERSONAS
from deploy.sandbox.staff import (
    canonical_of,
    decision,
    desk_acts,
    other_point,
    signed_hand_over,
    verdict_on,
    watch_act,
)
from deploy.sandbox.systems.central_node import Order, Standing
from shared.contracts.production_dispatch import ProductionFault
from shared.law.reasons import foreign
from shared.law.registration_points import POINTS
from shared.security.canonical import CanonicalHandOver
from shared.security.eds import LocalVerifier, Officer, Verified
from shared.web.officers import Officers, Role
from tests.sandbox.crowds import NOW, person


def test_reasons_are_of_the_ground_they_stand_under() -> None:
    for persona in PERSONAS:
        for verdict in persona.verdicts:
            if verdict.ground is not None:
                assert verdict.reasons
                assert foreign(verdict.ground, verdict.reasons) == ()


def test_an_officer_decides_by_round_act_and_patience() -> None:
    again = BY_NAME["production-not-made"]
    assert verdict_on(again, 1, 0, 1) == APPROVE
    second = verdict_on(again, 2, 0, 1)
    assert second is not None
    assert second.word == "ANNUL"
    later = BY_NAME["ends-after-pilot"]
    assert [verdict_on(later, 1, 0, act) for act in (2, 3)] == [None, APPROVE]
    patient = BY_NAME["circumstance-undecided"]
    assert verdict_on(patient, 1, 119.9, 1) is None
    assert verdict_on(patient, 1, 0, 1, changed=True) is not None
    assert verdict_on(patient, 1, 120.0, 1) is not None
    assert verdict_on(BY_NAME["withdrawn-after-payment"], 1, 999, 9) is None
    assert verdict_on(None, 1, 0, 1) == APPROVE


def taken() -> dict[str, Any]:
    case = {
        "application_id": str(person("issued-paid").application_id(0)),
        "round": 1,
        "documentation_code": "7100000001",
        "images": {"photo_sha256": "1" * 64, "signature_sample_sha256": "2" * 64},
    }
    return {"lease_token": "lease", "case": case, "canonical_application_sha256": "3" * 64}


async def test_a_decision_is_signed_by_the_officer_over_its_canonical_bytes(tmp_path: Path) -> None:
    account = next(a for a in keys.write(tmp_path) if "inspector" in a.roles)
    authority = Authority.kept_in(tmp_path / keys.AUTHORITY, NOW)
    body = decision(taken(), APPROVE, account.id, account.signatory(authority), NOW)
    assert body == decision(taken(), APPROVE, account.id, account.signatory(authority), NOW)
    payload = canonical_of(taken(), APPROVE, account.id, NOW).canonical()
    expects = Officer(frozenset({account.bin}), account.iin)
    found = await LocalVerifier(authority.trust).verify(b64decode(body["cms"]), payload, NOW, expects)
    assert isinstance(found, Verified)


def test_the_desk_checks_a_card_in_and_serves_whoever_comes() -> None:
    def whats(name: str) -> list[tuple[str, bool]]:
        acts = desk_acts(BY_NAME[name], "71-251203-000001-1", "71-01")
        return [(act.what, act.point == "71-01") for act in acts]

    assert whats("issued-paid") == [("check-in", True), ("issue", True)]
    assert whats("not-collected") == [("check-in", True)]
    assert whats("wrong-point") == [("check-in", True), ("issue", False), ("issue", True)]
    proxy = desk_acts(BY_NAME["proxy-refused"], "t", "71-01")
    assert [act.body.get("by_proxy") for act in proxy] == [None, True, False]
    assert len({act.body["act_id"] for act in proxy}) == 3


@pytest.mark.parametrize(("proxy", "reason"), [(True, "PROXY"), (False, None)])
async def test_a_hand_over_is_signed_by_the_officer_over_what_the_desk_shows(
    tmp_path: Path, proxy: bool, reason: str | None
) -> None:
    account = next(a for a in keys.write(tmp_path) if "issue" in a.roles)
    authority = Authority.kept_in(tmp_path / keys.AUTHORITY, NOW)
    card = {"application_id": str(UUID(int=1)), "talon": "t", "point": "71-01", "photo_sha256": "4" * 64}
    stated = {"act_id": "a", "person_established": not proxy, "by_proxy": proxy, "old_card_taken": False}
    body = signed_hand_over(stated, card, account.id, account.signatory(authority), NOW)
    covered = CanonicalHandOver(
        application_id=UUID(int=1), talon="t", point="71-01", handed_over=not proxy, reason=reason,
        old_card_taken=False, photo_sha256="4" * 64, officer=account.id, moment=NOW,
    )  # fmt: skip
    expects = Officer(frozenset({account.bin}), account.iin)
    cms = b64decode(body["cms"])
    found = await LocalVerifier(authority.trust).verify(cms, covered.canonical(), NOW, expects)
    assert isinstance(found, Verified)


def test_an_act_that_was_refused_is_tried_again_under_another_id() -> None:
    act = desk_acts(None, "t", "71-01")[1]
    assert act.tried(0) == act.body
    assert len({act.tried(times)["act_id"] for times in range(3)}) == 3
    assert [act.fits(standing) for standing in ("SHIPPED", "READY", "ISSUED")] == [False, True, False]


def test_operations_move_what_nobody_else_can() -> None:
    def order(standing: Standing, fault: ProductionFault | None = None, spoiled: int = 0) -> Order:
        return Order("o", "a", "t", "71-01", 1, standing, fault, spoiled)

    again = watch_act(order(Standing.REFUSED, ProductionFault.TECHNICAL), 0)
    assert again is not None
    assert again.path == "/operations/orders/a/send-again"
    remake = watch_act(order(Standing.SPOILED, spoiled=3), 0)
    assert remake is not None
    assert remake.what == "remake"
    for quiet in (
        order(Standing.REFUSED, ProductionFault.SUBSTANTIVE),
        order(Standing.SPOILED, spoiled=2),
        order(Standing.ACCEPTED),
    ):
        assert watch_act(quiet, 0) is None


def test_there_is_another_point_in_every_region() -> None:
    for point in POINTS.values():
        assert POINTS[other_point(point.code)].region == point.region


def test_the_key_files_are_made_once_and_for_the_owner_only(tmp_path: Path) -> None:
    first = keys.write(tmp_path)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    assert set(made) == {
        "gateway.key", "production.key", "portal.token", "identity.key", "officers.json", "offices.json",
    }  # fmt: skip
    assert keys.write(tmp_path) == first
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == made
    for path in [*tmp_path.iterdir(), *(tmp_path / keys.AUTHORITY).iterdir()]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


def test_the_services_know_the_officers_and_never_their_tokens(tmp_path: Path) -> None:
    accounts = keys.write(tmp_path)
    officers = Officers(tmp_path)
    for account in accounts:
        known = officers.identify(account.token)
        assert known is not None
        assert (known.id, known.region, known.point) == (account.id, account.region, account.point)
        assert account.token not in (tmp_path / "officers.json").read_text()
    roles = {role for account in officers.all() for role in account.roles}
    assert roles == set(Role)
