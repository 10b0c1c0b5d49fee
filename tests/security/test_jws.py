"""RS256 in its compact form: what we sign others read, what others forge we refuse."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.security import jws
from shared.security.distrust import BadSignature, Distrusted, Unreadable, WrongAlgorithm
from tests.gateways.wire import installation

KEY = installation().ours
PUBLIC = KEY.private.public_key()
CLAIMS = {"cbin": "000140000011", "mcheck": "Ds", "iat": 1_764_700_000, "exp": 1_764_703_600}


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@settings(max_examples=10, deadline=None)
@given(st.dictionaries(st.text(max_size=8), st.integers() | st.text(max_size=8) | st.booleans(), max_size=5))
def test_what_is_claimed_comes_back(claims: dict[str, object]) -> None:
    assert jws.claims_of(jws.signed(KEY, claims), PUBLIC) == claims


def test_the_header_is_as_everyone_writes_it_and_nothing_is_padded() -> None:
    token = jws.signed(KEY, CLAIMS)
    header, _, _ = token.split(".")
    assert json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4))) == {"alg": "RS256", "typ": "JWT"}
    assert "=" not in token


def test_another_key_another_claim_and_no_key_at_all_are_refused() -> None:
    header, claims, signature = jws.signed(KEY, CLAIMS).split(".")
    with pytest.raises(BadSignature):
        jws.claims_of(jws.signed(installation("stranger").ours, CLAIMS), PUBLIC)
    with pytest.raises(BadSignature):
        jws.claims_of(f"{header}.{part(CLAIMS | {'mcheck': 'Bio'})}.{signature}", PUBLIC)
    with pytest.raises(WrongAlgorithm):
        jws.claims_of(f"{part({'alg': 'none'})}.{claims}.", PUBLIC)
    said = f"{part({'alg': 'HS256'})}.{claims}"
    secret = PUBLIC.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    forged = base64.urlsafe_b64encode(hmac.new(secret, said.encode(), hashlib.sha256).digest()).decode().rstrip("=")
    with pytest.raises(WrongAlgorithm):
        jws.claims_of(f"{said}.{forged}", PUBLIC)


@pytest.mark.parametrize("token", ["", "a.b", "*.*.*", f"{part([])}.{part({})}.x", "..", "a.b.c.d"])
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(Distrusted) as refused:
        jws.claims_of(token, PUBLIC)
    assert type(refused.value) in (Unreadable, BadSignature)
