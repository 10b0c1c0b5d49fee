"""An answer that somebody touched on the way, at our door and at the sandbox's: each shape has its own refusal."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from lxml import etree

from deploy.sandbox.soap import Declined
from shared.gateways import soap
from shared.gateways.catalogue import FIND, PEOPLE, SERVICES
from shared.gateways.schema import Plain
from shared.gateways.soap import Login
from shared.security import distrust
from shared.security.distrust import Distrusted
from shared.security.xmldsig import EXCLUSIVE, INCLUSIVE
from tests.gateways import attacks
from tests.gateways.attacks import Attack, Taken, attack
from tests.gateways.recorded import WHEN, Server, StoppedClock, sample, sealed
from tests.gateways.test_recorded import ASKED
from tests.gateways.wire import CLOCK, SENDER, channel, installation, near

SHAPES: list[tuple[Attack, type[Distrusted]]] = [
    (attack(attacks.altered), distrust.Altered),
    (attack(attacks.altered_with_its_digest), distrust.BadSignature),
    (attack(attacks.wrong_value), distrust.BadSignature),
    (attack(attacks.unsigned), distrust.Unsigned),
    (attack(attacks.unsigned_but_for_an_empty_header), distrust.Unsigned),
    (attack(attacks.doubled_body), distrust.SeveralBodies),
    (attack(attacks.forged_body_first), distrust.SeveralBodies),
    (attack(attacks.wrapped_in_the_header), distrust.Wrapped),
    (attack(attacks.wrapped_under_the_same_id), distrust.Wrapped),
    (attack(attacks.wrapped_in_another_body), distrust.Wrapped),
    (attack(attacks.wrapped_in_an_object), distrust.Wrapped),
    (attack(attacks.the_id_stands_twice), distrust.Wrapped),
    (attack(attacks.another_element_is_signed), distrust.Wrapped),
    (attack(attacks.all_of_the_document_is_named), distrust.Wrapped),
    (attack(attacks.named_by_a_pointer), distrust.Wrapped),
    (attack(attacks.two_references), distrust.Wrapped),
    (attack(attacks.two_signatures), distrust.SeveralSignatures),
    (attack(attacks.two_security_headers), distrust.SeveralSignatures),
    (attack(attacks.signature_beside_its_header), distrust.Wrapped),
    (attack(attacks.transform("http://www.w3.org/TR/1999/REC-xpath-19991116")), distrust.WrongAlgorithm),
    (attack(attacks.transform("http://www.w3.org/TR/1999/REC-xslt-19991116")), distrust.WrongAlgorithm),
    (attack(attacks.transform(EXCLUSIVE)), distrust.WrongAlgorithm),
    (attack(attacks.parameter_of_a_transform), distrust.WrongAlgorithm),
    (attack(attacks.method("CanonicalizationMethod", INCLUSIVE)), distrust.WrongAlgorithm),
    (attack(attacks.method("SignatureMethod", "http://www.w3.org/2000/09/xmldsig#rsa-sha1")), distrust.WrongAlgorithm),
    (attack(attacks.method("SignatureMethod", "http://www.w3.org/2000/09/xmldsig#hmac-sha1")), distrust.WrongAlgorithm),
    (attack(attacks.method("DigestMethod", "http://www.w3.org/2000/09/xmldsig#sha1")), distrust.WrongAlgorithm),
    (attack(attacks.prefixes_are_named), distrust.BadSignature),
    (attack(attacks.no_certificate), distrust.UnknownSigner),
    (attack(attacks.not_the_profile_of_x509), distrust.UnknownSigner),
    (attack(attacks.a_processing_instruction), distrust.Altered),
    (lambda content: content[: len(content) // 2], distrust.Unreadable),
    (lambda content: b"", distrust.Unreadable),
    (lambda content: b"<html><body>503</body></html>", distrust.NotAnEnvelope),
]


async def refused(answer: bytes) -> type[Distrusted]:
    with pytest.raises(Distrusted) as failed:
        await Server(answer).shep().exchange(SERVICES[PEOPLE], ASKED, "ask", WHEN)
    assert attacks.FORGED not in str(failed.value)
    return type(failed.value)


@pytest.mark.parametrize(("change", "expected"), SHAPES)
async def test_an_answer_that_was_touched_is_refused_for_its_own_reason(
    change: Attack, expected: type[Distrusted]
) -> None:
    assert await refused(change(sealed(sample("nobody")))) is expected


@pytest.mark.parametrize(("change", "expected"), SHAPES)
async def test_a_question_that_was_touched_is_refused_by_the_sandbox_for_the_same_reason(
    change: Attack, expected: type[Distrusted]
) -> None:
    with pytest.raises(Declined) as declined:
        await channel().read(change(await question()))
    assert declined.value.inner == expected.__name__
    unread = expected in (distrust.Unreadable, distrust.NotAnEnvelope)
    otherwise = "BAD_REQUEST" if unread else "IS_NOT_VALID"
    assert declined.value.code == ("SIGN_NOT_EXIST" if expected is distrust.Unsigned else otherwise)


async def question(id: str = "m-1", data: Plain | None = None, at: datetime | None = None) -> bytes:
    """As our client would send it."""
    moment, data = at or CLOCK.machine_now(), data or {"applicationId": "a"}
    asked = await soap.question(SERVICES[FIND], data, id, "ask", Login(SENDER), moment, near())
    return await near().sign(asked, id)


async def test_whoever_is_not_pinned_is_unknown_and_a_borrowed_certificate_does_not_help() -> None:
    stranger = installation("stranger").theirs
    answer = sealed(sample("nobody"), stranger)
    assert await refused(answer) is distrust.UnknownSigner
    borrowed = answer.replace(stranger.certificate64.encode(), installation().theirs.certificate64.encode())
    assert await refused(borrowed) is distrust.BadSignature


async def test_our_own_signature_is_not_theirs() -> None:
    assert await refused(sealed(sample("nobody"), installation().ours)) is distrust.UnknownSigner


async def test_a_certificate_that_has_run_out_is_not_believed() -> None:
    later = StoppedClock(datetime(2045, 1, 1, tzinfo=UTC))
    with pytest.raises(distrust.UnknownSigner):
        await Server(sealed(sample("nobody"))).shep(later).exchange(SERVICES[PEOPLE], ASKED, "ask", WHEN)


async def test_a_comment_in_what_was_signed_splits_no_text() -> None:
    def comment(taken: Taken) -> None:
        code = next(taken.body.iter("code"))
        code.text = "Suc"
        split = etree.Comment("x")
        code.append(split)
        split.tail = "cess"

    whole = attack(comment)(sealed(sample("nobody")))
    assert b"Suc<!--x-->cess" in whole
    assert (await Server(whole).shep().exchange(SERVICES[PEOPLE], ASKED, "ask", WHEN))["messageId"] == "1"


async def test_a_signed_body_with_two_answers_is_no_answer() -> None:
    body = sample("nobody")
    start, end = body.index(b"<q:SendMessageResponse"), body.index(b"</q:SendMessageResponse>")
    operation = body[start:end] + b"</q:SendMessageResponse>"
    assert await refused(sealed(body.replace(operation, operation + operation))) is distrust.NotAnEnvelope
    status = b"<status><code>x</code></status>"
    assert await refused(sealed(body.replace(b"<status>", status + b"<status>", 1))) is distrust.NotAnEnvelope
