"""What stands in the certificates of the sandbox's authority: names and extensions as НУЦ РК writes them."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

_RESPONDER = "http://ocsp.sandbox.example/"
"""What certificates say of where to ask. Nobody listens there: services ask where their settings say."""


def subject_of(name: str, iin: str, bin: str | None = None) -> x509.Name:
    parts = [
        (NameOID.COMMON_NAME, name),
        (NameOID.SURNAME, name.split()[0]),
        (NameOID.GIVEN_NAME, "СЫНАҚҰЛЫ"),  # НУЦ РК puts the patronymic there
        (NameOID.SERIAL_NUMBER, f"IIN{iin}"),
        (NameOID.COUNTRY_NAME, "KZ"),
    ]
    if bin is not None:
        parts += [(NameOID.ORGANIZATION_NAME, "СЫНАҚ УМС"), (NameOID.ORGANIZATIONAL_UNIT_NAME, f"BIN{bin}")]
    return x509.Name([x509.NameAttribute(place, text) for place, text in parts])


def asked_at() -> x509.AuthorityInformationAccess:
    place = x509.UniformResourceIdentifier(_RESPONDER)
    return x509.AuthorityInformationAccess([x509.AccessDescription(AuthorityInformationAccessOID.OCSP, place)])


def made_by(key: ec.EllipticCurvePrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def usage(*, signs: bool = False, enciphers: bool = False, authority: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=signs,
        key_encipherment=enciphers,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )
