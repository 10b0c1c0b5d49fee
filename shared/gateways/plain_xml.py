"""Values as plain XML and back: a dict is elements, a list is `item`s, nothing is an absent element."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lxml import etree

Plain = dict[str, Any]
MOST_BYTES = 4 * 1024 * 1024


class NotPlain(ValueError):
    """The bytes are no XML that we read: malformed, with a DTD, or too large. Says which, never what stood there."""


def parse(content: bytes) -> etree._Element:
    """The root element. Entities stay unresolved, a DTD is refused. Raises `NotPlain`."""
    if len(content) > MOST_BYTES:
        raise NotPlain("the answer is too large")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError:
        raise NotPlain("the answer is not well-formed XML") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise NotPlain("the answer carries a DTD")
    return root


def fill(element: etree._Element, value: Any) -> None:
    """Write `value` into `element`."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if inner is not None:
                fill(etree.SubElement(element, name), inner)
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
        element.set("list", "true")
        for inner in value:
            fill(etree.SubElement(element, "item"), inner)
    else:
        element.text = str(value).lower() if isinstance(value, bool) else str(value)


def value_of(element: etree._Element) -> Any:
    """What `fill` wrote: dicts, lists and strings; an empty element without children is an empty string."""
    if element.get("list") == "true":
        return [value_of(child) for child in element]
    if len(element):
        return {etree.QName(child).localname: value_of(child) for child in element}
    return element.text or ""
