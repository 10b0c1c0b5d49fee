"""What somebody on the way could make of a signed envelope without the key: each takes the bytes and gives others."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from copy import deepcopy

from lxml import etree

from shared.security.safe_xml import canonical
from shared.security.wsse import SOAP, WSSE, WSU
from shared.security.xmldsig import DS, EXCLUSIVE

Attack = Callable[[bytes], bytes]
FORGED = "forged"


class Taken:
    """An envelope taken apart."""

    def __init__(self, content: bytes) -> None:
        self.root = etree.fromstring(content)
        self.header, self.body = self._at(f"{{{SOAP}}}Header"), self._at(f"{{{SOAP}}}Body")
        self.security = self._at(f".//{{{WSSE}}}Security")
        self.signature, self.info, self.reference = (
            self._at(f".//{{{DS}}}{name}") for name in ("Signature", "SignedInfo", "Reference")
        )

    def _at(self, path: str) -> etree._Element:
        found = self.root.find(path)
        assert found is not None
        return found

    def at(self, name: str) -> etree._Element:
        """The first element of xmldsig by that name."""
        return self._at(f".//{{{DS}}}{name}")

    def forged_body(self, **attributes: str) -> etree._Element:
        """Another Body, as the attacker would have it read."""
        body = deepcopy(self.body)
        for name in list(body.attrib):
            del body.attrib[name]
        for text in body.iter("code", "messageId"):
            text.text = FORGED
        for attribute, value in attributes.items():
            body.set(attribute, value)
        return body

    def put(self) -> bytes:
        return etree.tostring(self.root)


def attack(change: Callable[[Taken], object]) -> Attack:
    def made(content: bytes) -> bytes:
        taken = Taken(content)
        change(taken)
        return taken.put()

    return made


def altered(taken: Taken) -> None:
    next(taken.body.iter("messageId")).text = FORGED


def altered_with_its_digest(taken: Taken) -> None:
    altered(taken)
    taken.at("DigestValue").text = base64.b64encode(hashlib.sha256(canonical(taken.body)).digest()).decode()


def wrong_value(taken: Taken) -> None:
    value = taken.at("SignatureValue")
    value.text = base64.b64encode(bytes(256)).decode()


def unsigned(taken: Taken) -> None:
    taken.header.remove(taken.security)


def unsigned_but_for_an_empty_header(taken: Taken) -> None:
    taken.security.remove(taken.signature)


def doubled_body(taken: Taken) -> None:
    taken.root.append(deepcopy(taken.body))


def forged_body_first(taken: Taken) -> None:
    taken.root.insert(1, taken.forged_body())


def wrapped_in_the_header(taken: Taken) -> None:
    forged = taken.forged_body()
    etree.SubElement(taken.header, "wrapper").append(taken.body)
    taken.root.append(forged)


def wrapped_under_the_same_id(taken: Taken) -> None:
    forged = taken.forged_body(**{f"{{{WSU}}}Id": taken.reference.get("URI", "")[1:]})
    etree.SubElement(taken.security, "wrapper").append(taken.body)
    taken.root.append(forged)


def wrapped_in_another_body(taken: Taken) -> None:
    forged = taken.forged_body()
    taken.root.append(forged)
    forged.append(taken.body)


def wrapped_in_an_object(taken: Taken) -> None:
    forged = taken.forged_body()
    etree.SubElement(taken.signature, f"{{{DS}}}Object").append(taken.body)
    taken.root.append(forged)


def the_id_stands_twice(taken: Taken) -> None:
    etree.SubElement(taken.header, "other").set("ID", taken.reference.get("URI", "")[1:])


def another_element_is_signed(taken: Taken) -> None:
    etree.SubElement(taken.header, "other").set(f"{{{WSU}}}Id", "other")
    taken.reference.set("URI", "#other")


def all_of_the_document_is_named(taken: Taken) -> None:
    taken.reference.set("URI", "")


def named_by_a_pointer(taken: Taken) -> None:
    taken.reference.set("URI", "#xpointer(/)")


def two_references(taken: Taken) -> None:
    taken.info.append(deepcopy(taken.reference))


def two_signatures(taken: Taken) -> None:
    taken.security.append(deepcopy(taken.signature))


def two_security_headers(taken: Taken) -> None:
    taken.header.append(deepcopy(taken.security))


def signature_beside_its_header(taken: Taken) -> None:
    taken.header.append(taken.signature)


def transform(algorithm: str) -> Callable[[Taken], None]:
    def change(taken: Taken) -> None:
        etree.SubElement(taken.at("Transforms"), f"{{{DS}}}Transform").set("Algorithm", algorithm)

    return change


def method(name: str, algorithm: str) -> Callable[[Taken], None]:
    def change(taken: Taken) -> None:
        taken.at(name).set("Algorithm", algorithm)

    return change


def parameter_of_a_transform(taken: Taken) -> None:
    etree.SubElement(taken.at("Transform"), f"{{{DS}}}XPath").text = "false()"


def prefixes_are_named(taken: Taken) -> None:
    """A PrefixList is an allowed parameter, but nobody signed this one."""
    inclusive = etree.SubElement(taken.at("Transform"), f"{{{EXCLUSIVE}}}InclusiveNamespaces")
    inclusive.set("PrefixList", "wsse soap S SOAP-ENV soapenv wsu typ q ns3")


def no_certificate(taken: Taken) -> None:
    key_info = taken.at("KeyInfo")
    key_info.remove(key_info[0])


def a_processing_instruction(taken: Taken) -> None:
    next(taken.body.iter("messageId")).append(etree.PI("say", "otherwise"))


def not_the_profile_of_x509(taken: Taken) -> None:
    identifier = taken.security.find(f".//{{{WSSE}}}KeyIdentifier")
    assert identifier is not None
    identifier.set("ValueType", "urn:another-token")
