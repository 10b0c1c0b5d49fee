"""HTTP at the processes themselves: too much is 413, another type 415, what does not hold 422 with every fault."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from shared.law.limits import LIMITS
from shared.process import INTAKE, REVIEW
from shared.security import keyring
from shared.security.grants import Grants
from tests.live.house import House

pytestmark = pytest.mark.live
PROBLEM = "application/problem+json"


def faults_of(answer: httpx.Response) -> dict[str, str]:
    """Field → problem, of a 422."""
    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM), answer.text
    return {fault["field"]: fault["problem"] for fault in answer.json()["faults"]}


def is_problem(answer: httpx.Response, status: int) -> bool:
    """Problem details that quote nothing of what was sent."""
    assert answer.headers["content-type"] == PROBLEM, answer.text
    assert answer.json()["status"] == answer.status_code
    return answer.status_code == status


def granted(house: House, id: UUID, media_type: str) -> dict[str, str]:
    key = keyring.load(house.stack.folder.data / "keys").grant_key
    grant = Grants(key).issue(id, datetime.now(UTC) + timedelta(minutes=5), bytes(12))
    return {"Authorization": f"Bearer {grant}", "Content-Type": media_type}


async def test_intake_takes_no_file_that_is_too_large_or_no_image(house: House) -> None:
    id = uuid4()
    url = f"{house.stage.url(INTAKE)}/applications/{id}/files/photo"
    too_large = b"\xff\xd8\xff" + b"\0" * LIMITS[-1].photo_max_bytes
    assert is_problem(await house.http.put(url, content=too_large, headers=granted(house, id, "image/jpeg")), 413)
    dropped = await house.http.put(url, content=_drop(too_large), headers=granted(house, id, "image/jpeg"))
    assert is_problem(dropped, 413)
    assert is_problem(await house.http.put(url, content=b"GIF89a", headers=granted(house, id, "image/gif")), 415)
    stranger = granted(house, uuid4(), "image/jpeg")
    assert is_problem(await house.http.put(url, content=b"x", headers=stranger), 401)
    assert is_problem(await house.http.put(url, content=b"x", headers={"Content-Type": "image/jpeg"}), 401)


async def test_intake_takes_no_push_that_shep_did_not_sign(house: House) -> None:
    url = f"{house.stage.url(INTAKE)}/shep/async"

    async def push(body: bytes, media_type: str = "text/xml") -> httpx.Response:
        return await house.http.post(url, content=body, headers={"Content-Type": media_type})

    for body, code in ((b"{", "Unreadable"), (b"<!DOCTYPE x><x/>", "DoctypeFound"), (b"<x/>", "NotAnEnvelope")):
        refused = await push(body)
        assert refused.status_code == 500
        assert f"<errorCode>{code}</errorCode>".encode() in refused.content
    assert is_problem(await push(b"<" * 300_000), 413)
    assert is_problem(await push(b"a=b", "application/x-www-form-urlencoded"), 415)


async def test_review_names_every_fault_of_a_decision(house: House) -> None:
    officer = next(account for account in house.officers if "inspector" in account.roles)
    url = f"{house.stage.url(REVIEW)}/reviews/{uuid4()}/decision"

    async def decide(body: Any = None, content: bytes | None = None, media_type: str = "") -> httpx.Response:
        headers = {**officer.bearer, **({"Content-Type": media_type} if media_type else {})}
        return await house.http.post(url, json=body, content=content, headers=headers)

    wrong = {"lease_token": "", "decision": "PERHAPS", "reasons": ["NO_SUCH"], "decided_at": "today", "cms": "*"}
    assert set(faults_of(await decide(wrong))) == {
        "lease_token", "decision_id", "decision", "reasons.0", "documentation_code", "decided_at", "cms",
    }  # fmt: skip
    assert is_problem(await decide(content=b" " * 200_000, media_type="application/json"), 413)
    assert is_problem(await decide(content=b"<xml/>", media_type="text/xml"), 415)


async def _drop(content: bytes) -> Any:
    """In pieces: no length is declared."""
    for at in range(0, len(content), 65536):
        yield content[at : at + 65536]
