"""A text that is looked up when the template is compiled reads as one that is looked up when the page is made."""

from __future__ import annotations

from typing import Any

import pytest
from babel.support import Translations
from jinja2 import Environment

from shared.web.constants import Fixed


class Texts(Translations):
    """`<i>b</i>` is what "a" means here; how often a text was looked up stands in `asked`."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = self.counted = 0

    def gettext(self, message: str) -> str:
        self.asked += 1
        return {"a": "<i>b</i>", "of": "%(n)s of 100 %%", "all": "100 %%"}.get(message, message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        self.counted += 1
        return msgid1 if n == 1 else msgid2

    ugettext, ungettext = gettext, ngettext


def made(environment: Environment, texts: Texts) -> Environment:
    if isinstance(environment, Fixed):
        environment.speak(texts)
        return environment
    installer: Any = environment
    installer.install_gettext_translations(texts, newstyle=True)
    return environment


def both() -> tuple[Environment, Environment, Texts]:
    settings: dict[str, Any] = {"autoescape": True, "extensions": ["jinja2.ext.i18n"]}
    texts = Texts()
    return made(Fixed(**settings), texts), made(Environment(**settings), Texts()), texts


@pytest.mark.parametrize(
    "template",
    [
        "{{ _('a') }}",
        "<p title=\"{{ gettext('a') }}\">",
        "{% set title = _('a') %}{{ title }} {{ title | length }}",
        "{% set titles = {'x': _('a')} %}{{ titles.x }}{{ titles['x'] | upper }}",
        "{{ _('a') if more else _('all') }} {{ name or _('a') }}",
        "{{ _('of', n=name) }}",
        "{{ _(name) }} {{ ngettext('%(num)s a', '%(num)s as', 2) }} {{ ngettext('%(num)s <b>', '%(num)s', 1) }}",
        "{% macro m(x) %}{{ x }}{{ _('all') }}{% endmacro %}{{ m(_('a')) }}",
    ],
)
def test_it_reads_the_same(template: str) -> None:
    fixed, usual, _ = both()
    for shown in ({"more": True, "name": "<u>"}, {"more": False, "name": ""}):
        assert fixed.from_string(template).render(shown) == usual.from_string(template).render(shown)


def test_it_is_looked_up_once_however_often_the_page_is_made() -> None:
    fixed, _, texts = both()
    page = fixed.from_string("{{ _('a') }}{{ _('a') }}")
    assert {page.render() for _ in range(3)} == {"<i>b</i>" * 2}
    assert texts.asked == 2


def test_a_text_of_a_number_is_looked_up_once_for_the_number() -> None:
    fixed, _, texts = both()
    page = fixed.from_string("{% for n in (1, 2, 2, 1) %}{{ ngettext('%(num)s a', '%(num)s as', n) }} {% endfor %}")
    assert {page.render() for _ in range(2)} == {"1 a 2 as 2 as 1 a "}
    assert texts.counted == 2
