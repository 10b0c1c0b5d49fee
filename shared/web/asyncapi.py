"""`/asyncapi.json` and the page `/asyncapi`: the messages of a service for people; no script, no foreign host."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from html import escape
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from shared.asyncapi import document

Json = dict[str, Any]

_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;color:#1c2733}"
    "h2{margin-top:2.5rem;border-bottom:1px solid #d5dde5}h3{font-size:1.05rem;margin:1.75rem 0 .25rem}"
    "code{font-family:ui-monospace,monospace}table{border-collapse:collapse;width:100%}a{color:#0b5cad}"
    "td,th{text-align:left;vertical-align:top;padding:.2rem 1rem .2rem 0;border-top:1px solid #e8edf2}"
    "th{font-weight:600;white-space:nowrap}small{color:#566575}"
)
_DIGEST: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS: Final = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def asyncapi_routes(user: str) -> list[Route]:
    """The document and its page for one service, or for `portal`. Both are made once; nothing can be tried out."""
    made = document(user)
    page = asyncapi_page(made)

    async def as_json(_: Request) -> Response:
        return JSONResponse(made, headers={"X-Content-Type-Options": "nosniff"})

    async def as_page(_: Request) -> Response:
        return HTMLResponse(page, headers=_HEADERS)

    return [Route("/asyncapi.json", as_json), Route("/asyncapi", as_page)]


def asyncapi_page(made: Json) -> str:
    """The document as HTML: channels heard and said, messages with their fields, the parts they share."""
    title = escape(made["info"]["title"])
    by_action: dict[str, list[str]] = {"receive": [], "send": []}
    for operation in made["operations"].values():
        channel = made["channels"][operation["channel"]["$ref"].rpartition("/")[2]]
        by_action[operation["action"]].append(_channel(channel))
    messages, schemas = made["components"]["messages"], made["components"]["schemas"]
    shared = [name for name in schemas if name not in messages]
    return (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{title}</title>"
        "<meta name='viewport' content='width=device-width'>"
        f"<style>{_STYLE}</style></head><body><h1>{title}</h1><p>{escape(made['info']['description'])}</p>"
        "<p>The same as a document: <a href='/asyncapi.json'>asyncapi.json</a></p>"
        f"<h2>Hears</h2>{_channels('queue', by_action['receive'])}"
        f"<h2>Says</h2>{_channels('exchange and key', by_action['send'])}"
        f"<h2>Messages</h2>{''.join(_message(name, message, schemas) for name, message in messages.items())}"
        f"<h2>Parts</h2>{''.join(_part(name, schemas[name]) for name in shared)}</body></html>"
    )


def _channels(what: str, rows: Iterable[str]) -> str:
    return f"<table><tr><th>{what}</th><th>messages</th></tr>{''.join(rows)}</table>"


def _channel(channel: Json) -> str:
    links = ", ".join(_link(name) for name in channel["messages"]) or escape(channel["description"])
    return f"<tr><th><code>{escape(channel['title'])}</code></th><td>{links}</td></tr>"


def _message(name: str, message: Json, schemas: Json) -> str:
    return (
        f"<h3 id='{escape(name)}'>{escape(name)}</h3><p>{escape(message.get('summary', ''))}</p>"
        f"{_fields(schemas.get(name, {}))}<small>headers: {_type(message['headers'])}</small>"
    )


def _part(name: str, schema: Json) -> str:
    return f"<h3 id='{escape(name)}'>{escape(name)}</h3><p>{escape(schema.get('description', ''))}</p>{_fields(schema)}"


def _fields(schema: Json) -> str:
    if "enum" in schema:
        return f"<p>{', '.join(f'<code>{escape(str(value))}</code>' for value in schema['enum'])}</p>"
    needed = schema.get("required", [])
    rows = [
        f"<tr><th><code>{escape(name)}</code></th><td>{_type(field)}</td>"
        f"<td>{'needed' if name in needed else 'optional'}</td><td>{escape(field.get('description', ''))}</td></tr>"
        for name, field in schema.get("properties", {}).items()
    ]
    return f"<table>{''.join(rows)}</table>"


def _type(schema: Json) -> str:
    if "$ref" in schema:
        return _link(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"] if one.get("type") != "null")
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    if schema.get("format") == "sealed":
        return "<strong>sealed</strong>"
    limits = [
        f"{word} {schema[key]}"
        for key, word in (("minimum", "from"), ("maximum", "to"), ("maxLength", "at most"), ("pattern", "like"))
        if key in schema
    ]
    return escape(" ".join([schema.get("format") or schema.get("type", "anything"), *limits]))


def _link(name: str) -> str:
    return f"<a href='#{escape(name)}'>{escape(name)}</a>"
