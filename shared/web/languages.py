"""The languages of the pages: catalogues (`kk.po`, `ru.po`, read as they are), plurals and dates."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from starlette.requests import Request

from shared.clock import ALMATY

Language = Literal["kk", "ru"]
LANGUAGES: Final[dict[Language, str]] = {"kk": "Қазақша", "ru": "Русский"}
COOKIE: Final = "language"


def catalogue(language: Language, folders: Sequence[Path]) -> Translations:
    """The texts of all folders in that language; a later one adds to those before it."""
    whole = Translations()
    for folder in folders:
        with (folder / f"{language}.po").open("rb") as source:
            compiled = io.BytesIO()
            write_mo(compiled, read_po(source, locale=language))
        compiled.seek(0)
        found = Translations(compiled)
        whole.merge(found)
        whole.plural = found.plural
    return whole


def language_of(request: Request) -> Language:
    """What the reader chose, else what the browser prefers, else Kazakh."""
    wanted = [request.query_params.get("ui_locales", ""), request.cookies.get(COOKIE, "")]
    wanted += [part.partition(";")[0] for part in request.headers.get("accept-language", "").split(",")[:8]]
    for word in wanted:
        for language in LANGUAGES:
            if word.strip().lower().partition("-")[0] == language:
                return language
    return "kk"


@lru_cache(maxsize=4096)
def day(value: date, language: Language) -> str:
    """As `6 октября 2025 г.`."""
    return format_date(value, "long", locale=language)


def moment(value: datetime, language: Language) -> str:
    """Date and time of Almaty."""
    return format_datetime(value.astimezone(ALMATY), "d MMMM y, HH:mm", locale=language)


def clock(value: datetime) -> str:
    return f"{value.astimezone(ALMATY):%H:%M:%S}"
