"""The folder in which lists and answers lie that were fetched: it outlives every process, and several may share it.

`lists/` holds the newest list of each authority, `answers/` one OCSP answer a certificate, `archive/` every list that
an accepted signature ever stood on, under its SHA-256. Files are 0600 and put into place whole.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from shared.security.revocation import RevocationList, StatusAnswer, read_answer, read_list

LISTS, ANSWERS, ARCHIVE = "lists", "answers", "archive"


class Shelf:
    """What is read is checked as if it had just come: without its authority's signature a file is nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[Path, tuple[int, RevocationList | None]] = {}
        for part in (LISTS, ANSWERS, ARCHIVE):
            (folder / part).mkdir(mode=0o700, parents=True, exist_ok=True)

    def lists(self, authorities: Iterable[x509.Certificate]) -> tuple[RevocationList, ...]:
        """The lists of these authorities."""
        named = ((self._list_path(each), each) for each in authorities)
        found = (self._list(path, authority) for path, authority in named)
        return tuple(each for each in found if each is not None)

    def put_list(self, fetched: RevocationList) -> bool:
        """False, and nothing is done, when a newer list of that authority is here: nobody turns it back."""
        path = self._list_path(fetched.authority)
        known = self._list(path, fetched.authority)
        if known is not None and known.since > fetched.since:
            return False
        if known is None or known.der != fetched.der:
            _put(path, fetched.der)
        return True

    def answer(self, certificate: x509.Certificate, issuer: x509.Certificate) -> StatusAnswer | None:
        try:
            return read_answer(self._answer_path(certificate).read_bytes(), certificate, issuer)
        except OSError:
            return None

    def put_answer(self, certificate: x509.Certificate, answer: StatusAnswer) -> None:
        _put(self._answer_path(certificate), answer.der)

    def keep(self, relied_on: RevocationList) -> None:
        """For ever, so that what stood on it can be proved."""
        path = self._folder / ARCHIVE / f"{relied_on.sha256}.crl"
        if not path.exists():
            _put(path, relied_on.der)

    def kept(self, sha256: str, authorities: Iterable[x509.Certificate]) -> RevocationList | None:
        """A list that was relied on."""
        try:
            content = (self._folder / ARCHIVE / f"{sha256}.crl").read_bytes()
        except OSError:
            return None
        return read_list(content, authorities) if hashlib.sha256(content).hexdigest() == sha256 else None

    def sweep(self, before: float) -> int:
        """Throw away answers written before that moment (seconds of the epoch); how many."""
        swept = 0
        for path in (self._folder / ANSWERS).iterdir():
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before:
                    path.unlink()
                    swept += 1
        return swept

    def _list(self, path: Path, authority: x509.Certificate) -> RevocationList | None:
        try:
            written = path.stat().st_mtime_ns
            if path not in self._read or self._read[path][0] != written:
                self._read[path] = (written, read_list(path.read_bytes(), [authority]))
        except OSError:
            return None
        return self._read[path][1]

    def _list_path(self, authority: x509.Certificate) -> Path:
        return self._folder / LISTS / f"{_name(authority)}.crl"

    def _answer_path(self, certificate: x509.Certificate) -> Path:
        return self._folder / ANSWERS / f"{_name(certificate)}.ocsp"


def _name(certificate: x509.Certificate) -> str:
    return certificate.fingerprint(SHA256()).hex()


def _put(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
