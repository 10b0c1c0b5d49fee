"""The OpenAPI 3.1 document of declared endpoints."""

from __future__ import annotations

import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from shared.web.problems import PROBLEM_JSON, ProblemDetails

if TYPE_CHECKING:
    from shared.web.openapi import Endpoint

_PARAMETER = re.compile(r"\{(\w+)(?::(\w+))?\}")
_FORMATS = {"uuid": {"type": "string", "format": "uuid"}, "int": {"type": "integer"}}
_SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "signature": {"type": "apiKey", "in": "header", "name": "X-Signature"},
}
Json = dict[str, Any]


def document_of(endpoints: Sequence[Endpoint], title: str, version: str = "1.0.0") -> Json:
    """The document; component names are the models' class names."""
    models: list[type[BaseModel]] = [ProblemDetails]
    for endpoint in endpoints:
        models += [m for m in (endpoint.body, endpoint.answer) if m is not None and issubclass(m, BaseModel)]
    wanted = list(dict.fromkeys(models))
    _, schemas = models_json_schema([(m, "validation") for m in wanted], ref_template="#/components/schemas/{model}")
    paths: Json = {}
    for endpoint in endpoints:
        path = _PARAMETER.sub(r"{\1}", endpoint.path)
        paths.setdefault(path, {})[endpoint.method.lower()] = _operation(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version},
        "paths": paths,
        "components": {"schemas": schemas["$defs"], "securitySchemes": _SECURITY},
    }


def _operation(endpoint: Endpoint) -> Json:
    operation: Json = {"summary": endpoint.summary, "operationId": endpoint.handler.__name__}
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": _FORMATS.get(kind, {"type": "string"})}
        for name, kind in _PARAMETER.findall(endpoint.path)
    ]
    if parameters:
        operation["parameters"] = parameters
    if endpoint.secured:
        operation["security"] = [{endpoint.secured: []}]
    if endpoint.body is not None:
        schema = _schema(endpoint.body)
        operation["requestBody"] = {
            "required": True,
            "content": {media: {"schema": schema} for media in endpoint.media},
        }
    operation["responses"] = _responses(endpoint)
    return operation


def _responses(endpoint: Endpoint) -> Json:
    good: Json = {"description": "done"}
    status = endpoint.status
    if endpoint.answer is not None:
        good["content"] = {endpoint.gives: {"schema": _schema(endpoint.answer)}}
    elif endpoint.gives.startswith(("image/", "text/")):
        good["content"] = {endpoint.gives: {}}
    elif status == HTTPStatus.OK:
        status = HTTPStatus.NO_CONTENT
    expected = {413, 415, 422} if endpoint.body is not None else set()
    if endpoint.secured:
        expected.add(401)
    refusals = sorted(expected | set(endpoint.errors))
    problem = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
    return {str(int(status)): good} | {
        str(code): {"description": HTTPStatus(code).phrase, "content": problem} for code in refusals
    }


def _schema(model: type[BaseModel] | type[bytes]) -> Json:
    if issubclass(model, bytes):
        return {"type": "string", "format": "binary"}
    return {"$ref": f"#/components/schemas/{model.__name__}"}
