"""КДП both ways: our client against the sandbox and against recorded answers; what the sandbox refuses of us."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from deploy.sandbox.http import Systems, system_routes
from deploy.sandbox.persona import Consent as Answer
from deploy.sandbox.systems.ground import Refused
from services.identity_verification.consents import KdpConsents
from services.identity_verification.state import ACCESS_NAMES
from shared.engine.rows import Unavailable
from shared.gateways.consents import Kdp
from shared.gateways.kdp import Company, Ovt
from shared.gateways.shep import Shep
from shared.security import jws
from tests.gateways.recorded import StoppedClock
from tests.gateways.wire import BIN, company, installation, sandbox, shep
from tests.sandbox.crowds import DAY, NOW, SECOND, kdp, person

LIFETIME = timedelta(hours=73)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def systems() -> Systems:
    found = sandbox()
    found.clock.set_offset(NOW - found.clock.machine_now())
    return found


@pytest.fixture
async def consents(systems: Systems) -> AsyncIterator[KdpConsents]:
    app = Starlette(routes=list(system_routes(systems)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as http:
        yield KdpConsents(Kdp(shep(http), company(), systems.clock.machine_now))


def pass_by(systems: Systems, time: timedelta) -> None:
    systems.clock.set_offset(NOW - systems.clock.machine_now() + time)


async def test_one_sms_and_then_a_token_for_each_system(systems: Systems, consents: KdpConsents) -> None:
    citizen = person("issued-paid")
    systems.state.admit([citizen])
    await consents.request("r", citizen.iin, LIFETIME)
    assert (await consents.status_of("r", citizen.iin, LIFETIME, NOW)).status == "PENDING"
    pass_by(systems, MINUTE)
    answer = await consents.status_of("r", citizen.iin, LIFETIME, NOW)
    assert answer.granted
    assert [token.access_name for token in answer.tokens] == list(ACCESS_NAMES)
    assert len({token.token for token in answer.tokens}) == len(ACCESS_NAMES)
    assert {token.expires_at for token in answer.tokens} == {NOW + LIFETIME}
    assert not any(character.isspace() for token in answer.tokens for character in token.token)
    assert [each.access_name for each in systems.state.consents.requests.values() if each.sms] == [ACCESS_NAMES[0]]
    assert await consents.status_of("r", citizen.iin, LIFETIME, NOW) == answer


@pytest.mark.parametrize(("name", "status"), [("consent-denied", "DENIED"), ("consent-expired", "EXPIRED")])
async def test_a_no_and_silence_are_answers(systems: Systems, consents: KdpConsents, name: str, status: str) -> None:
    citizen = person(name)
    systems.state.admit([citizen])
    await consents.request("r", citizen.iin, LIFETIME)
    pass_by(systems, 10 * MINUTE + SECOND)
    assert (await consents.status_of("r", citizen.iin, LIFETIME, NOW)).status == status
    await consents.request("r", citizen.iin, LIFETIME)
    assert (await consents.status_of("r", citizen.iin, LIFETIME, NOW)).status == status
    assert (await consents.status_of("r/2", citizen.iin, LIFETIME, NOW)).status == "PENDING"


async def test_the_code_of_the_sms_grants_and_the_third_wrong_one_denies(
    systems: Systems, consents: KdpConsents
) -> None:
    citizen, control = person("consent-expired"), systems.state.consents
    systems.state.admit([citizen])
    await consents.request("r", citizen.iin, LIFETIME)
    (sent,) = control.requests.values()
    assert not control.reply(citizen.iin, "no code", systems.clock.now())
    assert control.reply(citizen.iin, sent.sms, systems.clock.now())
    assert (await consents.status_of("r", citizen.iin, LIFETIME, NOW)).granted
    await consents.request("again", citizen.iin, LIFETIME)
    for _ in range(3):
        assert not control.reply(citizen.iin, "no code", systems.clock.now())
    assert (await consents.status_of("again", citizen.iin, LIFETIME, NOW)).status == "DENIED"


def asked(systems: Systems, name: str = "r", **changes: Any) -> str:
    """The refusal of a question, or how the request stands."""
    question = kdp("900101300017", ovt=company().ovt()) | changes
    try:
        return str(systems.state.shep("KDP_SERVICE", question, NOW, name)["status"])
    except Refused as refused:
        return refused.code


def token(**claims: Any) -> str:
    now = int(sandbox().clock.machine_now().timestamp())
    return jws.signed(company_key(), {"cbin": BIN, "mcheck": "Ds", "iat": now, "exp": now + 3600} | claims)


def company_key() -> Any:
    ovt = company().ovt
    assert isinstance(ovt, Ovt)
    return ovt.key


def test_who_asks_must_be_who_they_say(systems: Systems) -> None:
    now = int(systems.clock.machine_now().timestamp())
    assert asked(systems) == "PENDING"
    assert asked(systems, ovt="no token") == "OVT_UNREADABLE"
    assert asked(systems, ovt=jws.signed(installation("stranger").ours, {"cbin": BIN})) == "OVT_BADSIGNATURE"
    assert asked(systems, ovt=token(cbin="990240000022")) == "OVT_OF_ANOTHER"
    assert asked(systems, company_bin="990240000022") == "OVT_OF_ANOTHER"
    assert asked(systems, ovt=token(mcheck="Guess")) == "OVT_OF_ANOTHER"
    assert asked(systems, ovt=token(iat=now - 7200, exp=now - 3600)) == "OVT_EXPIRED"
    assert asked(systems, ovt=token(iat=now + 600, exp=now + 4200)) == "OVT_EXPIRED"
    assert asked(systems, ovt=token(exp=now + 60)) == "OVT_LIFETIME"
    assert asked(systems, ovt=token(exp=now + 11 * 3600)) == "OVT_LIFETIME"
    assert asked(systems, ovt=token(exp="tomorrow")) == "OVT_WITHOUT_DATES"


def test_what_is_asked_must_be_whole_and_somebodys(systems: Systems) -> None:
    assert asked(systems, access_name="ALL_OF_IT") == "UNKNOWN_ACCESS_NAME"
    assert asked(systems, expiresIn="0") == "BAD_EXPIRESIN"
    assert asked(systems, name="") == "NO_CORRELATION"
    assert asked(systems) == "PENDING"
    assert asked(systems, access_name="AIS_SIK") == "ANOTHER_REQUEST"
    assert asked(systems, "other", **{"omit-sms": "true"}) == "SMS_REQUIRED"


def test_a_grant_by_sms_is_no_grant_for_ever_and_none_of_another_person(systems: Systems) -> None:
    control = systems.state.consents
    assert asked(systems) == "PENDING"
    assert control.answer("900101300017", Answer.GRANTS, NOW) == 1
    assert asked(systems, "second", **{"omit-sms": "true"}) == "VALID"
    assert asked(systems, "third", **{"omit-sms": "true", "uin": "900115390019"}) == "SMS_REQUIRED"
    question = kdp("900101300017", sms=False, ovt=company().ovt())
    with pytest.raises(Refused, match="SMS_REQUIRED"):
        systems.state.shep("KDP_SERVICE", question, NOW + DAY, "fourth")


class Recorded(Shep):
    """ШЭП with the answers of a stranger's КДП."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers, self.questions = list(answers), list[tuple[Any, str]]()

    async def ask(self, service_id: str, data: Any, message_id: str, at: Any) -> dict[str, Any]:
        self.questions.append((data, message_id))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def client(*answers: dict[str, Any]) -> tuple[KdpConsents, Recorded]:
    recorded = Recorded(*answers)
    return KdpConsents(Kdp(recorded, Company("К", BIN, "e", lambda: "o"), lambda: NOW)), recorded


VALID = {"status": "VALID", "code": " QUJD\nREVG\n", "public-key": "MIIB"}


async def test_each_system_is_asked_for_by_its_name_and_only_the_first_with_an_sms() -> None:
    consents, recorded = client(VALID)
    answer = await consents.status_of("a/1", "900101300017", LIFETIME, NOW)
    assert {(token.token, token.public_key) for token in answer.tokens} == {("QUJDREVG", "MIIB")}
    assert [each["access_name"] for each, _ in recorded.questions] == list(ACCESS_NAMES)
    assert [each["omit-sms"] for each, _ in recorded.questions] == [False, True, True, True, True]
    assert {each["expiresIn"] for each, _ in recorded.questions} == {262_800_000}
    assert len({name for _, name in recorded.questions}) == len(ACCESS_NAMES)


@pytest.mark.parametrize("status", ["DENIED", "EXPIRED", "PENDING"])
async def test_one_system_that_is_not_granted_is_not_granted_at_all(status: str) -> None:
    consents, _ = client(VALID, VALID, {"status": status})
    answer = await consents.status_of("a/1", "900101300017", LIFETIME, NOW)
    assert (answer.status, answer.tokens) == (status, ())


@pytest.mark.parametrize("lacking", ["code", "public-key"])
async def test_a_grant_without_its_token_is_none_yet(lacking: str) -> None:
    consents, _ = client(VALID, {name: value for name, value in VALID.items() if name != lacking})
    assert not (await consents.status_of("a/1", "900101300017", LIFETIME, NOW)).granted


@pytest.mark.parametrize("answer", [{}, {"status": "PERHAPS"}, {"code": "x"}])
async def test_an_answer_that_nobody_knows_is_no_answer(answer: dict[str, Any]) -> None:
    consents, _ = client(answer)
    with pytest.raises(Unavailable, match="kdp"):
        await consents.status_of("a/1", "900101300017", LIFETIME, NOW)


def test_the_ovt_is_made_anew_before_it_ends_and_shows_nowhere() -> None:
    clock = StoppedClock()
    ovt = Ovt(company_key(), BIN, clock.machine_now)
    first = ovt()
    clock.at += timedelta(minutes=54)
    assert ovt() == first
    clock.at += timedelta(minutes=2)
    assert ovt() != first
    assert first not in repr(ovt)
    assert jws.claims_of(ovt(), company_key().private.public_key())["cbin"] == BIN
