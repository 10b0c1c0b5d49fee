"""The table of attacks on ЭЦП: what is sent, who is to have signed what, and the reason each is refused for.

`python -m tests.security.attack_table` prints it as it stands in tests/README.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from cryptography.hazmat.primitives.serialization import Encoding
from starlette.responses import JSONResponse, Response

from deploy.sandbox.authority import Standing
from deploy.sandbox.extensions import subject_of
from shared.security.canonical import CanonicalApplication
from shared.security.eds import ORGANISATION, Citizen, Officer, Signer
from shared.security.eds import SignatureFault as Fault
from shared.security.trust import Trust
from tests.security import attacks
from tests.security.places import AUTHORITY, BIN, FALSE_AUTHORITY, IIN, NOW, OTHER_BIN, OTHER_IIN, Place
from tests.security.test_canonical import form

PAYLOAD = b'{"kind":"application"}'
CITIZEN, OFFICER = AUTHORITY.citizen(IIN), AUTHORITY.officer(IIN, BIN)
GOOD, ATTACHED = CITIZEN.sign(PAYLOAD, NOW), CITIZEN.sign(PAYLOAD, NOW, attached=True)
EMPLOYEE = AUTHORITY._signatory(subject_of("ӨКІЛЕТСІЗ СЫНАҚ", IIN, BIN), [ORGANISATION], Standing.GOOD)
FIRST, SECOND = (CanonicalApplication.of(IIN, form(application_id=UUID(int=number))).canonical() for number in (1, 2))
THE_CITIZEN = Citizen(IIN)
LOCAL, X509, NCANODE = EVERY = ("local", "x509", "ncanode")


def usual(place: Place) -> None:
    """Nothing is wrong with the world."""


def only_lists(place: Place) -> None:
    """OCSP is not to be had: the lists decide."""
    place.responder = ""
    place.statuses = place.fresh_statuses()


def only_ocsp(place: Place) -> None:
    """The list is older than the revocation: OCSP alone tells. `Standing.REVOKED_LATELY` stands in no list."""


def no_word(place: Place) -> None:
    """Neither OCSP nor a list is to be had, by whomever."""
    unreachable = {"revoked": False, "reason": "Connection refused"}
    certificate = {
        "valid": True, "notBefore": "2025-01-01T00:00:00.000+00:00", "notAfter": "2026-01-01T00:00:00.000+00:00",
        "keyUsage": "SIGN", "keyUser": ["INDIVIDUAL"], "serialNumber": f"{CITIZEN.certificate.serial_number:x}",
        "subject": {"commonName": "ТЕСТОВ СЫНАҚ", "iin": IIN},
        "revocations": [{**unreachable, "by": "OCSP"}, {**unreachable, "by": "CRL"}],
    }  # fmt: skip
    verdict = {"status": 200, "message": "OK", "valid": True, "signers": [{"certificates": [certificate]}]}
    place.instead |= dict.fromkeys(("/ocsp", "/crl", "/crl/root"), lambda: Response(status_code=503))
    place.instead["/ncanode/cms/verify"] = lambda: JSONResponse(verdict)
    place.trust = Trust(place.trust.issuing, ())


def stale_list(place: Place) -> None:
    """OCSP is silent, and the list is two days old."""
    old = AUTHORITY.list_at(NOW - timedelta(days=2))
    place.trust = Trust.of([AUTHORITY.root], [AUTHORITY.issuing], [old])
    place.instead["/ocsp"] = lambda: Response(status_code=503)
    place.instead["/crl"] = lambda: Response(old.public_bytes(Encoding.DER))


@dataclass(frozen=True, slots=True)
class Attack:
    """`ncanode` is its reason where it can tell less; `by` are the adapters that are to refuse it."""

    name: str
    sent: str
    cms: bytes
    fault: Fault
    payload: bytes = PAYLOAD
    expects: Signer = THE_CITIZEN
    world: Callable[[Place], None] = usual
    ncanode: Fault | None = None
    by: tuple[str, ...] = EVERY

    def fault_of(self, adapter: str) -> Fault:
        return self.ncanode if adapter == NCANODE and self.ncanode else self.fault


def standing(standing: Standing) -> bytes:
    return AUTHORITY.citizen(IIN, standing).sign(PAYLOAD, NOW)


def at_office(*bins: str) -> Officer:
    return Officer(frozenset(bins), IIN)


F, S = Fault, Standing
TABLE = (
    Attack("payload changed", "a blank is added to what the signature encloses",
           attacks.changed(ATTACHED, attacks.with_content(PAYLOAD + b" ")), F.PAYLOAD_DIFFERS),
    Attack("other payload, beside", "a good signature of something else", CITIZEN.sign(b"other", NOW),
           F.PAYLOAD_DIFFERS, ncanode=F.BAD_SIGNATURE),
    Attack("other payload, enclosed", "the same with its content", CITIZEN.sign(b"other", NOW, attached=True),
           F.PAYLOAD_DIFFERS),
    Attack("replay, beside", "the citizen's own signature of an earlier application", CITIZEN.sign(FIRST, NOW),
           F.PAYLOAD_DIFFERS, SECOND, ncanode=F.BAD_SIGNATURE),
    Attack("replay, enclosed", "the same with its content", CITIZEN.sign(FIRST, NOW, attached=True),
           F.PAYLOAD_DIFFERS, SECOND),
    Attack("other IIN", "another person's good signature", AUTHORITY.citizen(OTHER_IIN).sign(PAYLOAD, NOW),
           F.OTHER_IIN),
    Attack("AUTH key", "the citizen's key to sign in", standing(S.TO_SIGN_IN), F.NOT_SIGNING_KEY),
    Attack("organisation key", "the citizen's key as an employee", OFFICER.sign(PAYLOAD, NOW), F.NOT_INDIVIDUAL),
    Attack("expired", "a key whose year is over", standing(S.EXPIRED), F.EXPIRED),
    Attack("not yet valid", "a key whose year begins tomorrow", standing(S.NOT_YET_VALID), F.NOT_YET_VALID),
    Attack("revoked, by CRL", "a key that stands in the list; OCSP is not asked", standing(S.REVOKED), F.REVOKED,
           world=only_lists),
    Attack("revoked, by OCSP", "a key revoked since the last list", standing(S.REVOKED_LATELY), F.REVOKED,
           world=only_ocsp, by=(X509, NCANODE)),
    Attack("no CRL", "a good signature; neither OCSP nor a list is to be had", GOOD, F.NO_REVOCATION_DATA,
           world=no_word),
    Attack("stale CRL", "a good signature; OCSP is silent, the list is two days old", GOOD, F.NO_REVOCATION_DATA,
           world=stale_list, by=(LOCAL, X509)),
    Attack("other CA with the same name", "a key of an authority that calls itself like ours",
           FALSE_AUTHORITY.citizen(IIN).sign(PAYLOAD, NOW), F.UNKNOWN_ISSUER),
    Attack("two signers", "the same signer twice", attacks.changed(GOOD, attacks.second_signer), F.TWO_SIGNERS),
    Attack("SHA-1", "made with SHA-1", CITIZEN.sign(PAYLOAD, NOW, digest="sha1"), F.WEAK_HASH),
    Attack("said to be SHA-1", "a good one that names SHA-1", attacks.changed(GOOD, attacks.digest_named("sha1")),
           F.WEAK_HASH),
    Attack("scheme of another key", "ECDSA that calls itself RSA",
           attacks.changed(GOOD, attacks.scheme_named("sha256_rsa")), F.UNSUPPORTED_KEY, by=(LOCAL, X509)),
    Attack("nothing signed of the content", "without signed attributes", attacks.changed(GOOD, attacks.no_attributes),
           F.NO_SIGNED_ATTRIBUTES, ncanode=F.BAD_SIGNATURE),
    Attack("huge CMS", "70 KB more than it needs", GOOD + bytes(70_000), F.TOO_LARGE),
    Attack("garbage", "zeros that begin like ASN.1", b"\x30\x82" + bytes(200), F.NOT_CMS),
    Attack("nothing", "no byte at all", b"", F.NOT_CMS),
    Attack("signature bytes", "its last bit turned", attacks.changed(GOOD, attacks.broken_signature), F.BAD_SIGNATURE),
    Attack("another's certificate", "the citizen's signature under another's certificate",
           attacks.changed(GOOD, attacks.with_certificate(
               AUTHORITY.citizen(OTHER_IIN).certificate.public_bytes(Encoding.DER))), F.BAD_SIGNATURE),
    Attack("certificate left out", "nobody knows whose it is", attacks.changed(GOOD, attacks.no_certificate),
           F.BAD_CERTIFICATE),
    Attack("officer without the right to sign", "a key of the right office that names no right",
           EMPLOYEE.sign(PAYLOAD, NOW), F.NOT_OFFICER, expects=at_office(BIN)),
    Attack("citizen as officer", "the officer's own key as a citizen", GOOD, F.NOT_OFFICER, expects=at_office(BIN)),
    Attack("officer of another office", "a BIN that the region's allow-list has not", OFFICER.sign(PAYLOAD, NOW),
           F.OTHER_ORGANISATION, expects=at_office(OTHER_BIN)),
    Attack("officer of a region without offices", "an empty allow-list", OFFICER.sign(PAYLOAD, NOW),
           F.OTHER_ORGANISATION, expects=at_office()),
    Attack("another officer", "a colleague's key", AUTHORITY.officer(OTHER_IIN, BIN).sign(PAYLOAD, NOW), F.OTHER_IIN,
           expects=at_office(BIN)),
)  # fmt: skip


def table() -> str:
    """As Markdown. `local` reads by itself, `x509` is pyHanko with it, `ncanode` asks the state's own software."""
    rows = ["| attack | what is sent | reason | refused by |", "|---|---|---|---|"]
    for attack in TABLE:
        reason = f"`{attack.fault}`" + (f"; NCANode `{attack.ncanode}`" if attack.ncanode else "")
        rows.append(f"| {attack.name} | {attack.sent} | {reason} | {', '.join(attack.by)} |")
    return "\n".join(rows)


if __name__ == "__main__":
    print(table())
