"""XML from strangers: size, encoding, DTD and entities are settled before a parser sees it, so memory is bounded."""

from __future__ import annotations

import re
from typing import Final

from lxml import etree

from shared.security.distrust import DoctypeFound, EntitiesFound, TooLarge, Unreadable

MOST_BYTES: Final = 1024 * 1024
MOST_MARKS: Final = 60_000
"""Opening angle brackets: a message of the state's systems has a few thousand."""

_ENCODING = re.compile(rb"""\s*<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)["']""")
_BOM = b"\xef\xbb\xbf"

_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
_READER = etree.XMLParser(
    resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
)


def parse(content: bytes, most: int = MOST_BYTES) -> etree._Element:
    """The root element, comments and all, as a signature needs it. Raises `Distrusted`."""
    _admit(content, most)
    return _parsed(content, _PARSER)


def parse_for_reading(canonical: bytes) -> etree._Element:
    """The root of what was signed: canonical bytes that were parsed before. Comments split no text here."""
    return _parsed(canonical, _READER)


def canonical(element: etree._Element, *, prefixes: list[str] | None = None) -> bytes:
    """Exclusive C14N without comments."""
    return etree.tostring(
        element, method="c14n", exclusive=True, with_comments=False, inclusive_ns_prefixes=prefixes or None
    )


def _admit(content: bytes, most: int) -> None:
    if len(content) > most or content.count(b"<") > MOST_MARKS:
        raise TooLarge
    declared = _ENCODING.match(content.removeprefix(_BOM))
    if b"\0" in content or (declared and declared.group(1).lower() not in (b"utf-8", b"utf8")):
        raise Unreadable
    if b"<!ENTITY" in content:
        raise EntitiesFound
    if b"<!DOCTYPE" in content:
        raise DoctypeFound


def _parsed(content: bytes, parser: etree.XMLParser) -> etree._Element:
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise Unreadable from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise DoctypeFound
    return root
