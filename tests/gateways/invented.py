"""Values for every message, made from the XSDs themselves: whatever a schema allows may come."""

from __future__ import annotations

import base64
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from hypothesis import strategies as st
from lxml import etree

from shared.gateways.schema import FOLDER, XS

Values = st.SearchStrategy[Any]

TEXT = st.characters(exclude_categories=["Cs", "Cn", "Co", "Cc"]) | st.sampled_from("\t\n\r<>&'\" әңҚ")
_DAYS = st.dates(date(1900, 1, 1), date(2100, 1, 1)).map(date.isoformat)
_MOMENTS = st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat)
_SIMPLE: dict[str, Values] = {
    "string": st.text(TEXT, max_size=40),
    "date": _DAYS,
    "dateTime": _MOMENTS,
    "boolean": st.sampled_from(["true", "false"]),
    "int": st.integers(-(2**31), 2**31 - 1).map(str),
    "long": st.integers(-(2**63), 2**63 - 1).map(str),
    "base64Binary": st.binary(max_size=200).map(lambda content: base64.b64encode(content).decode()),
}


@cache
def types() -> dict[tuple[str, str], etree._Element]:
    """Every named type of every schema."""
    found = {}
    for file in FOLDER.glob("*.xsd"):
        root = etree.parse(str(file)).getroot()
        for each in root:
            if isinstance(each.tag, str) and each.get("name"):
                found[root.get("targetNamespace") or "", each.get("name") or ""] = each
    return found


@cache
def values(namespace: str, type: str) -> Values:
    """Of a named type."""
    return _of(types()[namespace, type])


def _of(definition: etree._Element) -> Values:
    if definition.tag == f"{{{XS}}}simpleType":
        return _restricted(definition[0])
    extension = definition.find(f".//{{{XS}}}extension")
    if extension is not None:
        return values(*_named(extension, "base"))
    parts: dict[str, Values] = {}
    required: dict[str, Values] = {}
    for element in definition.iterfind(f"{{{XS}}}sequence/{{{XS}}}element"):
        one = _element(element)
        several = st.lists(one, min_size=1, max_size=3) if element.get("maxOccurs") == "unbounded" else one
        (parts if element.get("minOccurs") == "0" else required)[element.get("name") or ""] = several
    return st.fixed_dictionaries(required, optional=parts)


def _element(element: etree._Element) -> Values:
    if element.get("type") is None:
        return _of(element[0])
    namespace, name = _named(element, "type")
    return _SIMPLE[name] if namespace == XS else values(namespace, name)


def _restricted(restriction: etree._Element) -> Values:
    facets = {str(etree.QName(each).localname): each.get("value") or "" for each in restriction}
    if "enumeration" in facets:
        return st.sampled_from([each.get("value") for each in restriction])
    if "pattern" in facets:
        return st.from_regex(facets["pattern"], fullmatch=True)
    most = min(int(facets.get("maxLength", 40)), 40)
    return st.text(TEXT, min_size=int(facets.get("minLength", 0)), max_size=most)


def _named(element: etree._Element, attribute: str) -> tuple[str, str]:
    prefix, _, name = (element.get(attribute) or "").partition(":")
    return element.nsmap[prefix], name
