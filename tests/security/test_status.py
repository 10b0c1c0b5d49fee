"""Lists and OCSP answers: fetched within bounds, believed only when signed and not stale, there after a restart."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from starlette.responses import RedirectResponse, Response

from deploy.sandbox.authority import Standing
from deploy.sandbox.certificates import ocsp_answer
from shared.security.eds import Citizen, SignatureFault, Verified
from shared.security.eds_x509 import Chain, X509Verifier
from shared.security.revocation import Known, question, read_answer
from shared.security.status import AGAIN, ANSWER_BYTES, REST
from tests.security.places import AUTHORITY, FALSE_AUTHORITY, IIN, NOW, OTHER_IIN, Place

PAYLOAD = b"payload"
CITIZEN = AUTHORITY.citizen(IIN)
GOOD = CITIZEN.sign(PAYLOAD, NOW)
CHAIN = (AUTHORITY.issuing, AUTHORITY.root)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "shelf")


async def ask(place: Place, cms: bytes = GOOD) -> Verified | SignatureFault:
    return await place.x509.verify(cms, PAYLOAD, place.clock.now(), Citizen(IIN))


def silent() -> Response:
    return Response(status_code=503)


async def test_ocsp_is_relied_on_first_and_asked_once(place: Place) -> None:
    for _ in range(3):
        answer = await ask(place)
        assert isinstance(answer, Verified)
        assert [proof.kind for proof in answer.evidence.proofs] == ["OCSP", "CRL"]
    assert place.asked == ["/ocsp", "/crl", "/crl/root"]


async def test_where_ocsp_is_silent_the_list_serves_and_it_is_left_alone_for_a_while(place: Place) -> None:
    place.instead["/ocsp"] = silent
    for _ in range(3):
        answer = await ask(place)
        assert isinstance(answer, Verified)
        assert [proof.kind for proof in answer.evidence.proofs] == ["CRL", "CRL"]
    assert place.asked.count("/ocsp") == 1
    del place.instead["/ocsp"]
    place.clock.ticks += REST
    assert isinstance(await ask(place), Verified)
    assert place.asked.count("/ocsp") == 2


async def test_with_neither_nothing_is_accepted_and_lists_are_tried_again_after_a_pause(place: Place) -> None:
    place.instead |= dict.fromkeys(("/ocsp", "/crl", "/crl/root"), silent)
    for _ in range(3):
        assert await ask(place) is SignatureFault.NO_REVOCATION_DATA
    assert place.asked.count("/crl") == 1
    place.instead.clear()
    place.clock.ticks += max(AGAIN, REST)
    assert isinstance(await ask(place), Verified)


async def test_a_stale_list_or_answer_is_fetched_anew_and_nothing_is_accepted_without(place: Place) -> None:
    assert isinstance(await ask(place), Verified)
    place.clock.stands += 2 * DAY
    place.clock.ticks += 60
    assert isinstance(await ask(place), Verified)
    assert place.asked.count("/crl/root") == 2
    place.instead |= dict.fromkeys(("/ocsp", "/crl", "/crl/root"), silent)
    place.clock.stands += 2 * DAY
    place.clock.ticks += 60
    assert await ask(place) is SignatureFault.NO_REVOCATION_DATA


async def test_what_was_fetched_outlives_the_process_and_serves_its_neighbours(place: Place) -> None:
    assert isinstance(await ask(place), Verified)
    place.instead |= dict.fromkeys(("/ocsp", "/crl", "/crl/root"), silent)
    place.asked.clear()
    another = Place(place.folder)
    another.http = place.http
    another.statuses = another.fresh_statuses()
    assert isinstance(await ask(another), Verified)
    assert place.asked == []


def list_of(authority: object = AUTHORITY, *, of_root: bool = False, moved: timedelta = timedelta()) -> Response:
    made = authority.list_at(NOW + moved, of_root=of_root)  # type: ignore[attr-defined]
    return Response(made.public_bytes(Encoding.DER))


BAD_LISTS: dict[str, Callable[[], Response]] = {
    "garbage": lambda: Response(b"<html>"),
    "of another authority of the same name": lambda: list_of(FALSE_AUTHORITY),
    "stale": lambda: list_of(moved=-2 * DAY),
    "of the future": lambda: list_of(moved=2 * HOUR),
    "too large": lambda: Response(bytes(40 * 1024 * 1024)),
    "elsewhere": lambda: RedirectResponse("http://elsewhere/crl"),
}


@pytest.mark.parametrize("answer", BAD_LISTS.values(), ids=BAD_LISTS)
async def test_a_bad_list_is_none(place: Place, answer: Callable[[], Response]) -> None:
    place.instead |= {"/ocsp": silent, "/crl": answer}
    assert await ask(place) is SignatureFault.NO_REVOCATION_DATA
    assert [path for path in place.asked if "crl" in path] == ["/crl", "/crl/root"]


async def test_a_newer_list_is_not_turned_back(place: Place) -> None:
    place.instead["/ocsp"] = silent
    place.instead["/crl"] = lambda: list_of(moved=-HOUR)
    await place.statuses.refresh()
    assert len(place.shelf.lists(CHAIN)) == 2
    del place.instead["/crl"]
    for moved in (timedelta(), -HOUR):
        place.clock.ticks += 60
        place.instead["/crl"] = lambda moved=moved: list_of(moved=moved)  # type: ignore[misc]
        await place.statuses.refresh()
    assert Known(place.shelf.lists(CHAIN)).list_of(CHAIN[0], NOW).since == NOW  # type: ignore[union-attr]


def answered(about: bytes, **_: object) -> Callable[[], Response]:
    return lambda: Response(about)


BAD_ANSWERS = {
    "garbage": b"\x30\x03\x0a\x01\x00",
    "too large": bytes(ANSWER_BYTES + 1),
    "about another": ocsp_answer(AUTHORITY, question(AUTHORITY.citizen(OTHER_IIN).certificate, AUTHORITY.issuing), NOW),
    "of another authority": ocsp_answer(
        FALSE_AUTHORITY, question(FALSE_AUTHORITY.citizen(IIN).certificate, FALSE_AUTHORITY.issuing), NOW
    ),
    "refused": ocsp_answer(AUTHORITY, b"garbage", NOW),
}


@pytest.mark.parametrize("answer", BAD_ANSWERS.values(), ids=BAD_ANSWERS)
async def test_a_bad_answer_is_none_and_the_list_serves(place: Place, answer: bytes) -> None:
    place.instead["/ocsp"] = answered(answer)
    good = await ask(place)
    assert isinstance(good, Verified)
    assert [proof.kind for proof in good.evidence.proofs] == ["CRL", "CRL"]
    assert read_answer(answer, CITIZEN.certificate, AUTHORITY.issuing) is None


async def test_any_word_of_a_revocation_counts_whatever_ocsp_says(place: Place) -> None:
    revoked = AUTHORITY.citizen(IIN, Standing.REVOKED)
    place.instead["/ocsp"] = silent
    assert await ask(place, revoked.sign(PAYLOAD, NOW)) is SignatureFault.REVOKED


class Liar:
    """Says that the one who was asked about is not revoked, with an answer about another."""

    def __init__(self, place: Place) -> None:
        self._place = place

    async def about(self, certificate: object, chain: Chain, moment: object) -> Known:
        other = AUTHORITY.citizen(OTHER_IIN).certificate
        known = await self._place.statuses.about(other, chain, NOW)
        assert known.answer is not None
        return replace(known, answer=replace(known.answer, until=NOW + DAY))


async def test_pyhanko_has_a_say_of_its_own(place: Place) -> None:
    verifier = X509Verifier(lambda: place.trust, Liar(place), place.shelf)
    assert await verifier.verify(GOOD, PAYLOAD, NOW, Citizen(IIN)) is SignatureFault.BAD_SIGNATURE


async def test_lists_that_were_relied_on_are_kept_for_ever_and_answers_are_swept(place: Place) -> None:
    place.instead["/ocsp"] = silent
    answer = await ask(place)
    assert isinstance(answer, Verified)
    for proof in answer.evidence.proofs:
        kept = place.shelf.kept(proof.sha256, CHAIN)
        assert kept is not None
        assert (hashlib.sha256(kept.der).hexdigest(), kept.until) == (proof.sha256, proof.until)
    place.instead.clear()
    place.clock.ticks += REST
    await ask(place)
    assert (place.shelf.sweep(0.0), place.shelf.sweep(2e10), place.shelf.sweep(2e10)) == (0, 1, 0)


async def test_nothing_of_a_signer_stands_on_the_shelf_in_clear(place: Place) -> None:
    await ask(place)
    files = [path for path in place.folder.rglob("*") if path.is_file()]
    assert files
    assert not any(IIN.encode() in path.read_bytes() or IIN in path.name for path in files)
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
