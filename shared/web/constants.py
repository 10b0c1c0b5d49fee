"""Texts of templates that never vary are looked up when a template is compiled for its language, those of a number once
for the number; not at each page.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from babel.support import Translations
from jinja2 import Environment, nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

_MARKS: Final = ("_", "gettext")


class Fixed(Environment):
    """An environment of one language: `_("…")` without a variable is part of the page as its markup is."""

    texts: Translations | None = None

    def speak(self, texts: Translations) -> None:
        """From now on `_`, `gettext` and `ngettext` say these; needs the extension `jinja2.ext.i18n`."""
        installer: Any = self
        installer.install_gettext_translations(texts, newstyle=True)
        self.texts, self.globals["ngettext"] = texts, _counting(texts)

    def _generate(self, source: nodes.Template, *given: Any, **named: Any) -> str:
        if self.texts is not None:
            _Texts(self.texts).visit(source)
        return super()._generate(source, *given, **named)


def _counting(texts: Translations) -> Callable[[str, str, int], Markup]:
    """`ngettext` whose only variable is the number."""

    @lru_cache(maxsize=4096)
    def ngettext(one: str, many: str, num: int) -> Markup:
        return Markup(texts.ngettext(one, many, num)) % {"num": num}  # noqa: S704  our own catalogue

    return ngettext


class _Texts(NodeTransformer):
    def __init__(self, texts: Translations) -> None:
        self._texts = texts

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802  named by jinja
        self.generic_visit(node)
        called, given = node.node, node.args
        fixed = isinstance(called, nodes.Name) and called.name in _MARKS and not node.kwargs
        if not fixed or len(given) != 1 or not isinstance(given[0], nodes.Const):
            return node
        text = Markup(self._texts.gettext(given[0].value)) % {}  # noqa: S704  our own catalogue, as jinja's i18n has it
        return nodes.MarkSafe(nodes.Const(str(text), lineno=node.lineno), lineno=node.lineno)
