"""EDS_TEMP_FILES: files go to ШЭП's own storage, and business messages carry only their identifiers (domain.md 2.5)."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from shared.engine.rows import Unavailable
from shared.gateways.catalogue import TEMP_FILES, dependency_of
from shared.gateways.shep import Shep

LIFE_TIME: Final = 28_800_000
"""Milliseconds: eight hours, as the public clients ask for."""

DONE: Final = "OK"


class _Read(BaseModel):
    model_config = ConfigDict(
        extra="ignore", alias_generator=to_camel, populate_by_name=True, hide_input_in_errors=True
    )


class _Result(_Read):
    file_process_identifier: str
    file_identifier: str = Field(min_length=1, max_length=128)


class _Upload(_Read):
    upload_file_results: tuple[_Result, ...]


class _Response(_Read):
    upload_response: _Upload


class _Answer(_Read):
    temp_storage_response: _Response


@dataclass(frozen=True, slots=True)
class TempFiles:
    """Uploads; a file put there again under its name is another copy of the same bytes. Raises `Unavailable`."""

    shep: Shep

    async def put(self, name: str, mime: str, content: bytes, ask: str, at: datetime) -> str:
        """The identifier under which whoever is told of it fetches the file, for eight hours."""
        file: dict[str, Any] = {
            "fileProcessIdentifier": name,
            "content": base64.b64encode(content).decode(),
            "name": name,
            "mime": mime,
            "lifeTime": LIFE_TIME,
            "needToBeConfirmed": False,
        }
        request = {
            "type": "UPLOAD",
            "uploadRequest": {"fileUploadRequests": [file]},
            "credentials": {"senderId": self.shep.login.sender, "password": self.shep.login.password},
        }
        answer = await self.shep.ask(TEMP_FILES, {"tempStorageRequest": request}, ask, at)
        try:
            results = _Answer.model_validate(answer).temp_storage_response.upload_response.upload_file_results
            (identifier,) = (each.file_identifier for each in results if each.file_process_identifier == name)
        except (ValidationError, ValueError):
            raise Unavailable(dependency_of(TEMP_FILES)) from None
        return identifier
