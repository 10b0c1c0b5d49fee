"""Business XML as text with its own signature: the exact text is what was signed, by whom it may be."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cryptography import x509
from lxml import etree
from signxml.signer import XMLSigner
from signxml.verifier import SignatureConfiguration, XMLVerifier

from shared.security import distrust
from shared.security.distrust import Distrusted
from shared.security.signed_text import LocalTextSeal
from shared.security.xmldsig import DS, INCLUSIVE, INCLUSIVE_WITH_COMMENTS, Pinned
from tests.gateways.wire import CLOCK, installation

MOST = 100_000
DOCUMENT = (
    '<b:document xmlns:b="urn:b" xmlns:unused="urn:u"><one b:x="&lt;&#13;"> ә </one><!-- two --><two/>\n</b:document>'
)


def seal() -> LocalTextSeal:
    """Whoever signs with our key, and believes it."""
    key = installation().ours
    return LocalTextSeal(key, Pinned([x509.load_der_x509_certificate(key.certificate)]), CLOCK.machine_now)


async def signed() -> str:
    return await seal().sign_text(etree.fromstring(DOCUMENT))


async def test_a_document_comes_back_as_it_was_signed() -> None:
    root = await seal().open_text(await signed(), MOST)
    assert [each.tag for each in root] == ["one", "two"]
    assert (root[0].text, root[0].get("{urn:b}x")) == (" ә ", "<\r")


async def test_another_implementation_verifies_ours_and_we_verify_its() -> None:
    key = installation().ours
    certificate = x509.load_der_x509_certificate(key.certificate)
    verified = XMLVerifier().verify(
        (await signed()).encode(), x509_cert=certificate, expect_config=SignatureConfiguration(location="./")
    )
    assert not isinstance(verified, list)
    assert verified.signed_xml is not None
    assert verified.signed_xml.tag == "{urn:b}document"
    for algorithm in (INCLUSIVE, INCLUSIVE_WITH_COMMENTS, "http://www.w3.org/2001/10/xml-exc-c14n#"):
        signer = XMLSigner(c14n_algorithm=algorithm)
        other = signer.sign(etree.fromstring(DOCUMENT), key=key.private, cert=[certificate])
        root = await seal().open_text(etree.tostring(other, encoding="unicode"), MOST)
        assert root[0].text == " ә "


def change(does: Callable[[etree._Element], object]) -> Callable[[str], str]:
    def changed(text: str) -> str:
        root = etree.fromstring(text.encode())
        does(root)
        return etree.tostring(root, encoding="unicode")

    return changed


def at(root: etree._Element, name: str) -> etree._Element:
    found = root.find(f".//{{{DS}}}{name}")
    assert found is not None
    return found


def forge(root: etree._Element) -> None:
    root[0].text = "forged"


def wrap(root: etree._Element) -> None:
    etree.SubElement(root, "wrapper").append(at(root, "Signature"))


def twice(root: etree._Element) -> None:
    root.append(etree.fromstring(etree.tostring(at(root, "Signature"))))


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (change(forge), distrust.Altered),
        (change(lambda root: root.set("b", "1")), distrust.Altered),
        (change(lambda root: root.remove(at(root, "Signature"))), distrust.Unsigned),
        (change(wrap), distrust.Wrapped),
        (change(twice), distrust.SeveralSignatures),
        (change(lambda root: at(root, "Reference").set("URI", "#one")), distrust.Wrapped),
        (change(lambda root: at(root, "Transform").set("Algorithm", INCLUSIVE)), distrust.WrongAlgorithm),
        (change(lambda root: at(root, "SignatureMethod").set("Algorithm", f"{DS}rsa-sha1")), distrust.WrongAlgorithm),
        (change(lambda root: at(root, "X509Data").clear()), distrust.UnknownSigner),
        (lambda text: text.replace("> ә <", ">\n ә <"), distrust.Altered),
        (lambda text: text.replace("<!-- two -->", "<!-- 2 -->"), distrust.Altered),
        (lambda text: f"<!DOCTYPE b>{text}", distrust.DoctypeFound),
        (lambda text: text + " " * MOST, distrust.TooLarge),
        (lambda text: text[:-1], distrust.Unreadable),
        (lambda text: "", distrust.Unreadable),
    ],
)
async def test_a_touched_document_is_refused(changed: Callable[[str], str], expected: type[Distrusted]) -> None:
    with pytest.raises(Distrusted) as refused:
        await seal().open_text(changed(await signed()), MOST)
    assert type(refused.value) is expected


async def test_a_document_of_another_is_not_believed() -> None:
    stranger = installation("stranger")
    foreign = LocalTextSeal(stranger.ours, seal().pinned, CLOCK.machine_now)
    text = await foreign.sign_text(etree.fromstring(DOCUMENT))
    with pytest.raises(distrust.UnknownSigner):
        await seal().open_text(text, MOST)
    borrowed = text.replace(stranger.ours.certificate64, installation().ours.certificate64)
    with pytest.raises(distrust.BadSignature):
        await seal().open_text(borrowed, MOST)


async def test_text_after_the_signature_is_signed_too() -> None:
    text = (await signed()).replace("</ds:Signature>", "</ds:Signature>tail")
    with pytest.raises(distrust.Altered):
        await seal().open_text(text, MOST)
