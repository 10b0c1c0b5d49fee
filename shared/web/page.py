"""The page `/docs`: the OpenAPI document for people, one table a call, without a script."""

from __future__ import annotations

import base64
import hashlib
import json
from html import escape
from typing import Any, Final

_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "h2{font-size:1.05rem;margin-top:2rem}code,pre{font-family:ui-monospace,monospace}"
    "pre{overflow:auto;background:#f4f4f4;padding:.75rem}td,th{text-align:left;padding:.15rem 1rem .15rem 0}"
)
_DIGEST: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY: Final = f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; frame-ancestors 'none'"
"""The page's Content-Security-Policy: nothing but its own style."""


def page_of(document: dict[str, Any]) -> str:
    title = escape(document["info"]["title"])
    calls = [
        _call(path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    schemas = [
        f"<h2 id='{escape(name)}'>{escape(name)}</h2><pre>{escape(_pretty(schema))}</pre>"
        for name, schema in document["components"]["schemas"].items()
    ]
    return (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{title}</title>"
        f"<style>{_STYLE}</style></head><body><h1>{title}</h1>"
        f"<p>The same as a document: <a href='/openapi.json'>openapi.json</a></p>{''.join(calls)}"
        f"<h1>Bodies</h1>{''.join(schemas)}</body></html>"
    )


def _pretty(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=1, ensure_ascii=False)


def _call(path: str, method: str, operation: dict[str, Any]) -> str:
    rows = []
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        rows.append(("takes", _body(media, content)))
    for status, response in operation["responses"].items():
        bodies = [_body(media, content) for media, content in response.get("content", {}).items()]
        rows.append((escape(status), ", ".join(bodies) or escape(response["description"])))
    table = "".join(f"<tr><th>{name}</th><td>{text}</td></tr>" for name, text in rows)
    return (
        f"<h2><code>{method.upper()} {escape(path)}</code></h2><p>{escape(operation['summary'])}</p>"
        f"<table>{table}</table>"
    )


def _body(media: str, content: dict[str, Any]) -> str:
    name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
    return f"<a href='#{escape(name)}'>{escape(name)}</a>" if name else escape(media)
