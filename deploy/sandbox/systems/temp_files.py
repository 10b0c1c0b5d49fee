"""EDS_TEMP_FILES: files wait here for whoever is told their identifiers, and are forgotten after their life time."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from deploy.sandbox.systems.ground import Ground, Plain, Refused, Said, need

DONE: Plain = {"code": "OK", "message": "OK"}
LONGEST = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class File:
    """`until` in business time."""

    content: bytes = field(repr=False)
    until: datetime


@dataclass(slots=True)
class TempFiles:
    ground: Ground
    files: dict[str, File] = field(default_factory=dict)
    put: int = 0

    def ask(self, said: Said, now: datetime) -> Plain:
        """UPLOAD and DOWNLOAD, each of one or more files."""
        asked = said.get("tempStorageRequest") or {}
        (kind,) = need(asked, "type")
        self.files = {id: file for id, file in self.files.items() if file.until > now}
        if kind == "UPLOAD":
            results = [self._keep(each, now) for each in _listed(asked, "uploadRequest", "fileUploadRequests")]
            return _response(kind, "uploadResponse", {"uploadFileResults": results, "status": DONE})
        if kind == "DOWNLOAD":
            found = [self._give(str(each)) for each in _listed(asked, "downloadRequest", "fileIdentifiers")]
            return _response(kind, "downloadResponse", {"fileDownloadResults": found, "status": DONE})
        raise Refused("UNKNOWN_REQUEST", 422)

    def take(self, identifier: str, sha256: str) -> None:
        """A system behind ШЭП fetches a file that it was told of, for good. Raises `Refused` when it is not the one."""
        file = self.files.pop(identifier, None)
        if file is None or hashlib.sha256(file.content).hexdigest() != sha256:
            raise Refused("UNKNOWN_FILE", 404)

    def _keep(self, said: Said, now: datetime) -> Plain:
        name, content = need(said, "fileProcessIdentifier", "content")
        try:
            clear = base64.b64decode(content, validate=True)
            life = timedelta(milliseconds=int(said.get("lifeTime") or 0))
        except (binascii.Error, ValueError, OverflowError):
            raise Refused("BAD_FILE", 422) from None
        self.put += 1
        identifier = self.ground.id(f"file {self.put} {name}")
        self.files[identifier] = File(clear, now + min(life or LONGEST, LONGEST))
        return {"fileProcessIdentifier": name, "status": DONE, "fileIdentifier": identifier}

    def _give(self, identifier: str) -> Plain:
        file = self.files.get(identifier)
        if file is None:
            return {"status": {"code": "NOT_FOUND"}, "fileIdentifier": identifier}
        content = base64.b64encode(file.content).decode()
        return {"status": DONE, "fileIdentifier": identifier, "content": content}


def _response(kind: str, name: str, response: Plain) -> Plain:
    return {"tempStorageResponse": {"type": kind, name: response}}


def _listed(asked: Said, request: str, name: str) -> list[Said]:
    found = (asked.get(request) or {}).get(name) or []
    if not found:
        raise Refused(f"MISSING_{name.upper()}", 422)
    return list(found)
