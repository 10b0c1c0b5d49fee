"""Pages for people: templates in two languages, no script or style inside them, and a strict policy for the browser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from babel.support import Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from shared.web import languages
from shared.web.constants import Fixed
from shared.web.languages import COOKIE, LANGUAGES, Language, catalogue, language_of
from shared.web.problems import HEADERS

HERE: Final = Path(__file__).parent
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src {connects}; "
    "form-action {forms}; frame-ancestors 'none'; base-uri 'none'"
)


class Site:
    """The pages of one web part, whose folder holds `templates/` and `languages/`.

    Its addresses begin with `home`. `links` are other origins to which its forms may lead, `connects` those that its
    scripts may speak to; `way_out` is where a page of refusal leads, when not to `home`.
    """

    def __init__(
        self, folder: Path, home: str, links: Sequence[str] = (), way_out: str = "", connects: Sequence[str] = ()
    ) -> None:
        self.home, self.way_out = home, way_out or home
        self._policy = POLICY.format(forms=" ".join(("'self'", *links)), connects=" ".join(("'self'", *connects)))
        folders = (HERE, folder)
        texts = [each / "languages" for each in folders]
        self._texts = {language: catalogue(language, texts) for language in LANGUAGES}
        self._environments = {
            language: _environment(language, folders, translations) for language, translations in self._texts.items()
        }

    def page(
        self, request: Request, template: str, status: int = 200, headers: Mapping[str, str] | None = None, **shown: Any
    ) -> Response:
        language = language_of(request)
        text = (
            self._environments[language]
            .get_template(template)
            .render(
                language=language,
                languages=LANGUAGES,
                home=self.home,
                here=request.url.path + (f"?{request.url.query}" if request.url.query else ""),
                session=getattr(request.state, "session", None),
                officer=getattr(request.state, "officer", None),
                **shown,
            )
        )
        return HTMLResponse(text, status, headers={**self.headers, **(headers or {})})

    def text(self, request: Request, message: str) -> str:
        """The message in the reader's language."""
        return self._texts[language_of(request)].gettext(message)

    @property
    def headers(self) -> dict[str, str]:
        return {
            **HEADERS,
            "Content-Security-Policy": self._policy,
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
        }

    def static(self, at: str = "/static") -> BaseRoute:
        return Mount(at, StaticFiles(directory=HERE / "static"))

    async def speak(self, request: Request) -> Response:
        """`…/language/{language}?back=…`: remember the choice and go back; only to a path of this site."""
        language = request.path_params["language"]
        answer = RedirectResponse(self.own(request.query_params.get("back", "")), 303, self.headers)
        if language in LANGUAGES:
            answer.set_cookie(COOKIE, language, max_age=365 * 86400, httponly=True, samesite="lax")
        return answer

    def own(self, path: str) -> str:
        """The path when it leads into this site, else its first page."""
        inside = path == self.home or path.startswith((f"{self.home}/", f"{self.home}?"))
        return path if inside and path.isascii() and path.isprintable() and "\\" not in path else self.home


def _environment(language: Language, folders: Sequence[Path], translations: Translations) -> Environment:
    environment = Fixed(
        loader=FileSystemLoader([folder / "templates" for folder in reversed(folders)]),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.speak(translations)
    environment.filters["day"] = partial(languages.day, language=language)
    environment.filters["moment"] = partial(languages.moment, language=language)
    environment.filters["clock"] = languages.clock
    return environment
