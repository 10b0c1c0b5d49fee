"""КДП's look at `ovt`: signed by the company's own AUTH key, of now, and about that company."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from deploy.sandbox.systems.ground import Refused
from shared.security import jws
from shared.security.distrust import Distrusted
from shared.security.xmldsig import Now

KDP_SENDERS = "kdp-senders.pem"
"""In `authority/`: the certificate of the company that КДП knows."""

SHORTEST, LONGEST, SKEW = timedelta(hours=1), timedelta(hours=10), timedelta(minutes=1)
HOW = ("Bio", "Ds")


@dataclass(frozen=True, slots=True)
class OvtJudge:
    """`now` is machine time."""

    key: rsa.RSAPublicKey
    now: Now

    @classmethod
    def load(cls, path: Path, now: Now) -> OvtJudge:
        key = x509.load_pem_x509_certificate(path.read_bytes()).public_key()
        if not isinstance(key, rsa.RSAPublicKey):
            raise ValueError(f"{path.name} holds no RSA key")
        return cls(key, now)

    def __call__(self, ovt: str, bin: str) -> None:
        """Raises `Refused`."""
        try:
            claims = jws.claims_of(ovt, self.key)
        except Distrusted as fault:
            raise Refused(f"OVT_{type(fault).__name__.upper()}", 401) from None
        made, ends, now = claims.get("iat"), claims.get("exp"), self.now().timestamp()
        if not isinstance(made, int) or not isinstance(ends, int):
            raise Refused("OVT_WITHOUT_DATES", 401)
        if made > now + SKEW.total_seconds() or ends <= now:
            raise Refused("OVT_EXPIRED", 401)
        if not SHORTEST.total_seconds() <= ends - made <= LONGEST.total_seconds():
            raise Refused("OVT_LIFETIME", 401)
        if claims.get("cbin") != bin or claims.get("mcheck") not in HOW:
            raise Refused("OVT_OF_ANOTHER", 403)
