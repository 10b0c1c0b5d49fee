"""The texts in both languages (`texts/kk.toml`, `texts/ru.toml`) and how their placeholders are filled. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, datetime, time
from importlib.resources import files
from typing import Any

from shared.contracts.portal import Text
from shared.contracts.values import Locale
from shared.law.calendar import ALMATY
from shared.law.registration_points import POINTS

OTHER = "other"


def _flat(table: Mapping[str, Any], before: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in table.items():
        found |= _flat(value, f"{before}{name}/") if isinstance(value, dict) else {f"{before}{name}": value}
    return found


TEXTS: dict[Locale, dict[str, str]] = {
    locale: _flat(tomllib.loads(files(__package__).joinpath("texts", f"{locale}.toml").read_text("utf-8")))
    for locale in Locale
}


def text(key: str, **fields: str | int | Text) -> Text:
    """The text in both languages; a field may itself be in both. Raises `KeyError` for an unknown key or field."""
    return Text(kk=_filled(Locale.KK, key, fields), ru=_filled(Locale.RU, key, fields))


def sentence(group: str, code: str) -> Text:
    """The sentence for a code that another party gave; a code that is not known here has the group's general one."""
    key = f"{group}/{code}"
    return text(key if key in TEXTS[Locale.RU] else f"{group}/{OTHER}")


def sentences(*found: Text) -> tuple[Text, ...]:
    """Each once, in order."""
    return tuple(dict.fromkeys(found))


def short(code: str, locale: Locale) -> str:
    """What SMS and e-mail say of a status: no grounds, no numbers, no names."""
    texts = TEXTS[locale]
    return texts.get(f"short/{code}") or texts[f"status/{code}"]


def letter(key: str, locale: Locale, **fields: str) -> str:
    """A part of an SMS or an e-mail."""
    return TEXTS[locale][f"letter/{key}"].format(**fields)


def point(code: str) -> Text:
    """Name and address of a registration point; its code when the table does not know it."""
    known = POINTS.get(code)
    if known is None:
        return Text(kk=code, ru=code)
    return Text(kk=f"{known.kk}, {known.address_kk}", ru=f"{known.ru}, {known.address_ru}")


def day(date: date) -> str:
    return f"{date:%d.%m.%Y}"


def moment(at: datetime) -> str:
    """Date and time in Almaty."""
    return f"{at.astimezone(ALMATY):%d.%m.%Y %H:%M}"


def end_of(day: date) -> datetime:
    """The last second of a day in Almaty."""
    return datetime.combine(day, time(23, 59, 59), ALMATY)


def _filled(locale: Locale, key: str, fields: Mapping[str, str | int | Text]) -> str:
    own = {name: getattr(value, locale) if isinstance(value, Text) else value for name, value in fields.items()}
    return TEXTS[locale][key].format(**own)
