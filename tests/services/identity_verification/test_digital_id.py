"""Digital-ID's results as a stranger's server records them: who passed, who did not and why; never an image."""

from __future__ import annotations

from typing import Any

import pytest

from services.identity_verification.answers import Session
from services.identity_verification.digital_id import RestDigitalId
from shared.engine.rows import Unavailable
from shared.gateways.rest import Answer, Rest
from tests.services.identity_verification.outside import Outside, acts, begun

IIN = "900115390019"
FINISHED: dict[str, Any] = {
    "id": "s-1",
    "status": "FINISHED",
    "flow_session_result": True,
    "flow_session_failure_reasons": [],
    "finished_at": "2025-06-02T10:15:31.000+05:00",
    "technologies": ["LIVENESS", "FACE2FACE", "EDOCUMENT"],
    "liveness_result": {"result": True, "prediction": 0.973, "face_direction": "STRAIGHT", "eye_closed": False},
    "face2face_result": {"result": True, "prediction": 0.914, "prediction_percent": 91.4},
    "edocument_result": {
        "phone": "+77010000000",
        "docOwner": {"iin": IIN, "firstName": "СЫНАҚ", "lastName": "СЫНАҚОВ", "middleName": None},
        "photo": "aW1hZ2U=",
    },
}


class Recorded(Rest):
    """Answers what was recorded; keeps what was asked."""

    def __init__(self, answer: Answer) -> None:
        self.answer, self.asked = answer, list[tuple[str, Any]]()

    async def get(self, path: str) -> Answer:
        self.asked.append((path, None))
        return self.answer

    async def post(self, path: str, body: Any, *, once: bool = False) -> Answer:
        self.asked.append((path, body))
        return self.answer


def client(answer: Answer) -> RestDigitalId:
    return RestDigitalId(Recorded(answer), "https://id.example.kz/", "a&b")


async def seen(**changes: Any) -> Session:
    return await client({**FINISHED, **changes}).session("s-1", IIN)


async def test_a_session_is_created_as_its_api_says_and_the_page_is_the_persons() -> None:
    digital_id = client({"session_id": "s/1", "technologies": []})
    opened = await digital_id.open_session("a/1", IIN)
    assert opened == Session("s/1", "https://id.example.kz/flow/s/1?locale=kz")
    assert digital_id.rest.asked == [  # type: ignore[attr-defined]
        ("/api/v1/flows/session/create/", {"api_key": "a&b", "metadata": {"key": "a/1", "iin": IIN}})
    ]
    assert "a&b" not in repr(digital_id)


async def test_who_passed_comes_with_scores_and_nothing_else() -> None:
    session = await seen()
    assert session == Session("s-1", status="PASSED", liveness=97, likeness=91)
    assert session.told == "liveness 97, likeness 91"
    assert "aW1hZ2U=" not in repr(session)
    assert IIN not in repr(session)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"flow_session_result": False}, "NOT_PASSED"),
        ({"flow_session_result": None}, "NOT_PASSED"),
        ({"liveness_result": {"result": False, "prediction": 0.1}}, "NO_LIVENESS"),
        ({"liveness_result": None}, "NO_LIVENESS"),
        ({"face2face_result": {"result": False, "prediction": 0.2, "prediction_percent": 20}}, "NO_LIKENESS"),
        ({"face2face_result": None}, "NO_LIKENESS"),
        ({"edocument_result": {"docOwner": {"iin": "900101300017"}}}, "ANOTHER_PERSON"),
        ({"flow_session_failure_reasons": ["DEEPFAKE"]}, "DEEPFAKE"),
    ],
)
async def test_whatever_is_wrong_fails_and_says_why(changes: dict[str, Any], reason: str) -> None:
    session = await seen(**changes)
    assert (session.status, session.reasons) == ("FAILED", (reason,))


async def test_a_result_that_lags_is_still_in_progress() -> None:
    assert await client({"id": "s-1", "status": "PROGRESS"}).session("s-1", IIN) == Session("s-1")


async def test_one_that_expired_and_one_that_nobody_knows_have_expired() -> None:
    late = await seen(flow_session_result=False, flow_session_failure_reasons=["SESSION_EXPIRED"])
    assert late.status == "EXPIRED"
    assert (await client({}).session("s-1", IIN)).status == "EXPIRED"


@pytest.mark.parametrize(
    "changes",
    [
        {"status": None},
        {"flow_session_result": "perhaps"},
        {"liveness_result": {"prediction": 0.9}},
        {"face2face_result": {"result": True, "prediction_percent": 910}},
        {"flow_session_failure_reasons": ["X"] * 21},
    ],
)
async def test_a_result_that_does_not_read_is_none(changes: dict[str, Any]) -> None:
    with pytest.raises(Unavailable, match="digital-id"):
        await seen(**changes)


async def test_each_attempt_leaves_its_scores_and_decision_in_the_audit_trail() -> None:
    run = await begun(Outside(sessions=["FAILED", "PASSED"]))
    await run.let_pass(run.rules.poll * 10)
    told = [act for act in acts(run) if act.startswith("identification")]
    assert told == [
        "identification: attempt 1 FAILED: liveness 97, likeness 91",
        "identification: passed: liveness 97, likeness 91",
    ]
