"""Digital-ID: a session in which the person shows their face (S3), and the likeness of a photo (S11)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from deploy.sandbox.systems.ground import Ground, Plain, Refused, Said, need


@dataclass(slots=True)
class Session:
    id: str
    iin: str
    opened_at: datetime
    visited_at: datetime | None = None
    cancelled: bool = False
    fails: bool = False


@dataclass(slots=True)
class DigitalId:
    """`api_key` is what callers must know; without one nobody is asked for it."""

    ground: Ground
    api_key: str = ""
    sessions: dict[str, Session] = field(default_factory=dict)
    compared: dict[str, Plain] = field(default_factory=dict)
    visits: dict[str, int] = field(default_factory=dict)
    comparisons: dict[str, int] = field(default_factory=dict)

    def ask(self, method: str, path: str, said: Said, now: datetime) -> Plain | None:
        """Sessions are created and their results told as in `api/v1/flows` (domain.md 5.1), the person's page is
        `flow/{id}`; `sessions/{id}/cancel` and `compare` are ours. None: not found.
        """
        match (method, *path.strip("/").split("/")):
            case ("POST", "api", "v1", "flows", "session", "create"):
                return self._open(said, now)
            case ("GET", "api", "v1", "flows", "session", "result"):
                return self._result(said, now)
            case ("POST", "compare"):
                return self._compare(said)
            case ("POST", "flow", id) if id in self.sessions:
                return self._visit(self.sessions[id], now)
            case ("POST", "sessions", id, "cancel") if id in self.sessions:
                self.sessions[id].cancelled = True
                return {"status": self._standing(self.sessions[id], now)}
        return None

    def _open(self, said: Said, now: datetime) -> Plain:
        """The same key in its metadata is the same session."""
        self._known(said.get("api_key"))
        key, iin = need(said.get("metadata") or {}, "key", "iin")
        id = self.ground.secret(f"session {key}")[:32]
        self.sessions.setdefault(id, Session(id, iin, now))
        return {"session_id": id, "technologies": ["LIVENESS", "FACE2FACE", "EDOCUMENT"]}

    def _result(self, said: Said, now: datetime) -> Plain | None:
        """It lags behind the page. Scores and decisions; no image, no template."""
        self._known(said.get("flow_api_key"))
        session = self.sessions.get(need(said, "session_id")[0])
        if session is None:
            return None
        standing = self._standing(session, now)
        if standing == "PROGRESS":
            return {"id": session.id, "status": "PROGRESS"}
        passed, seen = standing == "PASSED", standing in ("PASSED", "FAILED")
        score = (90 if passed else 20) + int(self.ground.secret(f"face {session.id}"), 16) % 10
        compared = {"result": passed, "prediction": score / 100, "prediction_percent": score}
        return {
            "id": session.id,
            "status": "FINISHED",
            "flow_session_result": passed,
            "flow_session_failure_reasons": [] if passed else ["FACE2FACE_FAILED" if seen else "SESSION_EXPIRED"],
            "finished_at": now.isoformat(),
            "liveness_result": {"result": True, "prediction": 0.97} if seen else None,
            "face2face_result": compared if seen else None,
            "edocument_result": {"docOwner": {"iin": session.iin}} if seen else None,
        }

    def _known(self, api_key: object) -> None:
        if self.api_key and api_key != self.api_key:
            raise Refused("UNKNOWN_KEY", 401)

    def _visit(self, session: Session, now: datetime) -> Plain:
        """The person comes to the page; whether they are known is decided once for the session."""
        if self._standing(session, now) == "PROGRESS" and session.visited_at is None:
            before = self.visits.get(session.iin, 0)
            self.visits[session.iin] = before + 1
            session.fails = before < self.ground.treatment(session.iin).identification_fails
            session.visited_at = now
        return {"status": self._standing(session, now)}

    def _standing(self, session: Session, now: datetime) -> str:
        if session.visited_at is not None and now >= session.visited_at + self.ground.pace.identification:
            return "FAILED" if session.fails else "PASSED"
        ended = session.cancelled or now >= session.opened_at + self.ground.pace.session_expires
        return "EXPIRED" if ended else "PROGRESS"

    def _compare(self, said: Said) -> Plain:
        """The same key is the same answer, whatever it is asked with."""
        key, iin, photo = need(said, "key", "iin", "photo")
        if key not in self.compared:
            if iin not in self.ground.people:
                raise Refused("UNKNOWN_PERSON", 404)
            before = self.comparisons.get(iin, 0)
            self.comparisons[iin] = before + 1
            alike = before >= self.ground.treatment(iin).likeness_misses
            score = int(self.ground.secret(f"score {key} {len(photo)}"), 16) % 12
            self.compared[key] = {"match": alike, "score": 86 + score if alike else 30 + score}
        return dict(self.compared[key])
