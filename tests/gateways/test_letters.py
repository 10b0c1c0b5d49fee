"""ШЭП's asynchronous channel: every letter goes there and back, is of its schema, and is refused when it is touched."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake.domain.own import RegistryStatus
from services.intake.pushed import report_of
from shared.clock import SystemIds
from shared.gateways import letters
from shared.gateways.catalogue import ASYNCHRONOUS, STATUSES_PUSHED
from shared.gateways.letters import Delivery, Kind, Letter, Receipt
from shared.gateways.mailbox import NotTaken, ShepMailbox
from shared.gateways.soap import Login
from shared.security.distrust import NotAnEnvelope, OutsideItsSchema
from shared.security.safe_xml import parse
from shared.security.wsse import body_of
from tests.engine.house import Quiet
from tests.gateways.invented import values
from tests.gateways.recorded import WHEN, StoppedClock, sample, sealed
from tests.gateways.test_attacks import SHAPES
from tests.gateways.wire import CLOCK, SENDER, far, installation, mailbox, near

SERVICE = ASYNCHRONOUS[STATUSES_PUSHED]
SAID = {
    "talonNumber": "t", "applicationId": "b6f9bd6e-0000-4000-8000-000000000001", "status": "CHANGED",
    "statusDate": "2025-06-02T09:00:00+05:00", "reasonCode": "DEATH",
}  # fmt: skip
AT = CLOCK.machine_now().replace(microsecond=0)
LETTER = Letter("m-1", "r-1", SERVICE, Kind.NOTIFICATION, AT, SAID)


async def sent(letter: Letter, space: str = letters.CLIENT) -> bytes:
    return await far().sign(await letters.written(letter, Login("SHEP"), far(), space), "x")


def ours(clock: StoppedClock) -> ShepMailbox:
    return ShepMailbox(near(clock.machine_now), clock, SystemIds(), Quiet())


@settings(max_examples=25, deadline=None)
@given(data=st.data(), kind=st.sampled_from(Kind), space=st.sampled_from(letters.SPACES))
async def test_every_letter_comes_back_as_it_went(data: st.DataObject, kind: Kind, space: str) -> None:
    form = SERVICE.request if kind is Kind.REQUEST else SERVICE.response
    names = ("", "") if kind is Kind.REQUEST else ("m", "r")
    letter = Letter(*names, SERVICE, kind, AT, data.draw(values(form.namespace, form.type)))
    written = await letters.written(letter, Login(SENDER, "p"), near(), space)
    assert await letters.letter_in(body_of(written), near()) == (letter, SENDER)


@settings(max_examples=25, deadline=None)
@given(told=st.builds(Delivery, st.just("m"), st.just("s"), st.booleans(), st.booleans(), st.sampled_from(("", "E"))))
def test_what_is_told_of_a_delivery_comes_back_as_it_went(told: Delivery) -> None:
    operation = letters.operation_in(body_of(letters.delivery(told, Login(SENDER), AT)), "sendDeliveryNotification")
    assert letters.delivery_in(operation) == told


async def test_a_letter_is_opened_and_its_receipt_is_signed_and_names_it() -> None:
    box = mailbox()
    opened = await box.open(await sent(LETTER))
    assert opened == LETTER
    answer = await box.receipt(opened)
    assert letters.receipt_in(await far().open(parse(answer), answer)) == Receipt("m-1", "r-1")


async def test_a_strangers_server_is_understood_whatever_its_prefixes() -> None:
    opened = await ours(StoppedClock()).open(sealed(sample("pushed")))
    assert (opened.kind, opened.correlation, opened.at) == (
        Kind.NOTIFICATION, SAID["applicationId"], WHEN + timedelta(milliseconds=500),
    )  # fmt: skip
    report = report_of(opened)
    assert (report.status, report.circumstance) == (RegistryStatus.CHANGED, "DEATH")
    assert report.registry_status_at == datetime.fromisoformat("2025-06-02T09:00:00+05:00")


@pytest.mark.parametrize(("change", "why"), SHAPES)
async def test_a_letter_that_was_touched_is_not_taken(change: object, why: type[Exception]) -> None:
    touched = change(sealed(sample("pushed")))  # type: ignore[operator]
    with pytest.raises(NotTaken) as refused:
        await ours(StoppedClock()).open(touched)
    assert refused.value.code == why.__name__


@pytest.mark.parametrize(
    "letter",
    [
        replace(LETTER, id=""),
        replace(LETTER, correlation=""),
        Letter("", "", SERVICE, Kind.REQUEST, AT, {"talonNumber": "t", "applicationId": "a"}),
    ],
    ids=["without a name", "without its request", "a request"],
)
async def test_what_nobody_may_push_is_not_taken(letter: Letter) -> None:
    with pytest.raises(NotTaken, match="OutsideItsSchema"):
        await mailbox().open(await sent(letter))


async def test_a_letter_is_never_too_old_but_never_from_the_future() -> None:
    await mailbox().open(await sent(replace(LETTER, at=AT - timedelta(days=30))))
    with pytest.raises(NotTaken, match="Stale"):
        await mailbox().open(await sent(replace(LETTER, at=CLOCK.machine_now() + timedelta(minutes=6))))


async def test_our_own_signature_is_not_sheps() -> None:
    own = await near().sign(await letters.written(LETTER, Login("SHEP"), near(), letters.CLIENT), "x")
    with pytest.raises(NotTaken, match="UnknownSigner"):
        await mailbox().open(own)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<status>CHANGED</status>", b"<status>HAPPY</status>"),
        (b"<messageType>NOTIFICATION<", b"<messageType>GOSSIP<"),
        (b"<serviceId>RPDRN_STATUS<", b"<serviceId>NO_SUCH<"),
        (b":StatusReport", b":WatchRequest"),
        (b"<reasonCode>", b"<extra/><reasonCode>"),
        (b"<correlationId>", b"<unheard/><correlationId>"),
    ],
)
async def test_what_is_outside_its_schema_is_not_taken(old: bytes, new: bytes) -> None:
    written = await letters.written(LETTER, Login("SHEP"), far(), letters.CLIENT)
    plain = (await far().sign(written, "x")).replace(old, new)
    unsigned = plain[: plain.index(b"<wsse:Security")] + plain[plain.index(b"</wsse:Security>") + 16 :]
    with pytest.raises(NotTaken, match="OutsideItsSchema"):
        await mailbox().open(sealed(unsigned, installation().theirs))


async def test_a_receipt_is_no_letter_and_a_letter_no_receipt() -> None:
    with pytest.raises(NotAnEnvelope):
        letters.receipt_in(body_of(parse(await sent(LETTER))))
    with pytest.raises(NotAnEnvelope):
        await letters.letter_in(body_of(letters.receipt(Receipt("m", "r"), AT)), near())
    with pytest.raises(OutsideItsSchema):
        letters.judge(letters.operation_in(body_of(letters.receipt(Receipt("m", "r"), AT)), "sendMessageResponse")[0])
