"""Where the authority tells what is revoked: lists at `/crl` and `/crl/root`, OCSP (RFC 6960) at `/ocsp`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from deploy.sandbox.authority import Authority

ANSWER = "application/ocsp-response"


def certificate_routes(authority: Authority, now: Callable[[], datetime]) -> list[Route]:
    """`now` is business time: an answer is good for an hour of it."""

    def listed(*, of_root: bool) -> Response:
        made = authority.list_at(now(), of_root=of_root)
        return Response(made.public_bytes(Encoding.DER), media_type="application/pkix-crl")

    async def crl(_: Request) -> Response:
        return listed(of_root=False)

    async def root_crl(_: Request) -> Response:
        return listed(of_root=True)

    async def status(request: Request) -> Response:
        return Response(ocsp_answer(authority, await request.body(), now()), media_type=ANSWER)

    return [Route("/crl", crl), Route("/crl/root", root_crl), Route("/ocsp", status, methods=["POST"])]


def ocsp_answer(authority: Authority, asked: bytes, now: datetime) -> bytes:
    """DER of the answer for one certificate of the issuing authority; of another's the status is UNKNOWN."""
    try:
        request = ocsp.load_der_ocsp_request(asked)
        ours = _ours(authority, request)
        number, algorithm = request.serial_number, request.hash_algorithm
    except ValueError:
        return _der(ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.MALFORMED_REQUEST))
    revoked_at = authority.revoked_at(number) if ours else None
    status = ocsp.OCSPCertStatus.REVOKED if revoked_at else ocsp.OCSPCertStatus.GOOD
    answer = (
        ocsp.OCSPResponseBuilder()
        .add_response_by_hash(
            issuer_name_hash=request.issuer_name_hash,
            issuer_key_hash=request.issuer_key_hash,
            serial_number=number,
            algorithm=algorithm,
            cert_status=status if ours else ocsp.OCSPCertStatus.UNKNOWN,
            this_update=now,
            next_update=now + timedelta(hours=1),
            revocation_time=revoked_at,
            revocation_reason=x509.ReasonFlags.unspecified if revoked_at else None,
        )
        .responder_id(ocsp.OCSPResponderEncoding.HASH, authority.issuing)
    )
    return _der(authority.sign_ocsp(answer))


def _ours(authority: Authority, request: ocsp.OCSPRequest) -> bool:
    """Whether it asks about a certificate of the issuing authority: as one would ask about any that it issued."""
    one = authority.citizen("000000000000").certificate
    expected = ocsp.OCSPRequestBuilder().add_certificate(one, authority.issuing, request.hash_algorithm).build()
    return request.issuer_key_hash == expected.issuer_key_hash and request.issuer_name_hash == expected.issuer_name_hash


def _der(response: ocsp.OCSPResponse) -> bytes:
    return response.public_bytes(Encoding.DER)
