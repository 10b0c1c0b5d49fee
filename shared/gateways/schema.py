"""The forms of what goes through ШЭП, read from the XSDs in `schemas/`: the same file writes, reads and judges.

A value is plain: a dict by element names, a list where an element may repeat, text or a scalar at the leaves. Read
again, every leaf is text; what is unknown is passed over, what is absent is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final, cast

from lxml import etree

from shared.security.distrust import OutsideItsSchema

Plain = dict[str, Any]
FOLDER: Final = Path(__file__).parent / "schemas"
XS: Final = "http://www.w3.org/2001/XMLSchema"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
NIL: Final = f"{{{XSI}}}nil"


class Unsendable(Exception):
    """What was to be sent is not of its form: our own fault. Names the place, never what stands there."""


@dataclass(frozen=True, slots=True)
class Part:
    """An element of a sequence: a leaf with its simple type, or one with parts of its own."""

    name: str
    kind: str = ""
    parts: tuple[Part, ...] = ()
    many: bool = False
    optional: bool = False
    by_name: Mapping[str, Part] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Form:
    """One complex type of one schema, as the content of an element called `name`."""

    namespace: str
    type: str
    name: str
    root: Part
    schema: etree.XMLSchema = field(repr=False)

    def write(self, element: etree._Element, value: Mapping[str, Any]) -> None:
        """Fill the element and judge it. Raises `Unsendable`."""
        try:
            _write(element, self.root, value, "")
        except (ValueError, TypeError, AttributeError):
            raise Unsendable(f"{self.type}: text that XML cannot carry") from None
        fault = self.fault(element)
        if fault:
            raise Unsendable(f"{self.type}: {fault}")

    def read(self, element: etree._Element) -> Plain:
        """What stands in the element, whatever prefixes its parts have. Raises `OutsideItsSchema` for doubled parts."""
        found = _read(element, self.root)
        return found if isinstance(found, dict) else {}

    def fault(self, element: etree._Element) -> str:
        """Where the element is not of the form and which rule it breaks; empty when it is."""
        if self.schema.validate(element):
            return ""
        entry = cast(Any, self.schema.error_log).last_error
        return f"{entry.path} {entry.type_name}"


@cache
def form(namespace: str, type: str, name: str = "data", *, qualified: bool = False) -> Form:
    """The form, compiled once. `qualified`: the element stands in the namespace. Raises `KeyError` for none."""
    known = _known()
    file, _ = known[namespace, type]
    target = f' targetNamespace="{namespace}"' if qualified else ""
    bring = f'schemaLocation="{file.as_uri()}"'
    bring = f"<xs:include {bring}/>" if qualified else f'<xs:import namespace="{namespace}" {bring}/>'
    driver = (
        f'<xs:schema xmlns:xs="{XS}" xmlns:q="{namespace}"{target}>{bring}'
        f'<xs:element name="{name}" type="q:{type}"/></xs:schema>'
    )
    return Form(namespace, type, name, _part(name, namespace, type), etree.XMLSchema(etree.fromstring(driver)))


@lru_cache(maxsize=1)
def _known() -> Mapping[tuple[str, str], tuple[Path, etree._Element]]:
    """Every named type by namespace and name, with the file it stands in."""
    found = {}
    for file in sorted(FOLDER.glob("*.xsd")):
        root = etree.parse(str(file)).getroot()
        namespace = root.get("targetNamespace") or ""
        for each in root.iterchildren(f"{{{XS}}}complexType", f"{{{XS}}}simpleType"):
            found[namespace, each.get("name") or ""] = (file, each)
    return found


def _part(name: str, namespace: str, type: str, many: bool = False, optional: bool = False) -> Part:
    _, definition = _known()[namespace, type]
    return _defined(name, definition, many, optional)


def _defined(name: str, definition: etree._Element, many: bool, optional: bool) -> Part:
    if etree.QName(definition).localname == "simpleType":
        restriction = definition.find(f"{{{XS}}}restriction")
        assert restriction is not None
        return Part(name, kind=_type_of(restriction, "base")[1], many=many, optional=optional)
    parts: list[Part] = []
    extension = definition.find(f"{{{XS}}}complexContent/{{{XS}}}extension")
    if extension is not None:
        parts += _part(name, *_type_of(extension, "base")).parts
    for element in (definition if extension is None else extension).iterfind(f"{{{XS}}}sequence/{{{XS}}}element"):
        parts.append(_element(element))
    return Part(name, "", tuple(parts), many, optional, {part.name: part for part in parts})


def _element(element: etree._Element) -> Part:
    name, optional = element.get("name") or "", element.get("minOccurs") == "0"
    many = element.get("maxOccurs") == "unbounded"
    if element.get("type") is None:
        return _defined(name, element[0], many, optional)
    namespace, type = _type_of(element, "type")
    if namespace == XS:
        return Part(name, kind=type, many=many, optional=optional)
    return _part(name, namespace, type, many, optional)


def _type_of(element: etree._Element, attribute: str) -> tuple[str, str]:
    prefix, _, name = (element.get(attribute) or "").partition(":")
    return element.nsmap[prefix], name


def _write(element: etree._Element, part: Part, value: Any, path: str) -> None:
    if not part.parts:
        element.text = _text(value)
        return
    strange = value.keys() - part.by_name.keys()
    if strange:
        raise Unsendable(f"{path or '/'} has no {', '.join(sorted(strange))}")
    for each in part.parts:
        inner = value.get(each.name)
        if inner is None:
            continue
        for one in inner if each.many else (inner,):
            _write(etree.SubElement(element, each.name), each, one, f"{path}/{each.name}")


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _read(element: etree._Element, part: Part) -> Any:
    if not part.parts:
        return _leaf(element.text or "", part.kind)
    found: Plain = {}
    for child in element.iterchildren(etree.Element):
        each = part.by_name.get(etree.QName(child).localname)
        if each is None or child.get(NIL) in ("true", "1"):
            continue
        value = _read(child, each)
        if each.many:
            found.setdefault(each.name, []).append(value)
        elif each.name in found:
            raise OutsideItsSchema
        else:
            found[each.name] = value
    return found


def _leaf(text: str, kind: str) -> str:
    """The text of a leaf; a date loses the zone that some servers write after it, a boolean has one spelling."""
    if kind == "string":
        return text
    text = text.strip()
    if kind == "date":
        return text[:10]
    if kind == "boolean":
        return {"1": "true", "0": "false"}.get(text, text)
    return "".join(text.split()) if kind == "base64Binary" else text
