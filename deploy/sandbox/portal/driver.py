"""Invented citizens at the portal: each status that becomes current is reacted to, and the acts are carried out.

Acts of one application are done in order, each tried a bounded number of times; a repeat is the same message again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from deploy.sandbox.authority import Authority
from deploy.sandbox.people import Citizen
from deploy.sandbox.persona import Signing
from deploy.sandbox.portal import papers
from deploy.sandbox.portal.acts import BESIDE, Act, Correct, Fill, Identify, Pay, Praise, Resume, Sign, Start, Withdraw
from deploy.sandbox.portal.board import Board
from deploy.sandbox.portal.errand import Errand, begin, react, resume
from deploy.sandbox.portal.ways import Hindered, Way, Ways, way_of
from shared.clock import SystemClock
from shared.contracts.base import PortalMessage
from shared.contracts.portal import FormFilled, MessageRejected, StatusChanged
from shared.contracts.values import FileRef
from shared.security.canonical import CanonicalApplication

TRIES, PAUSE = 90, 1.0  # of one act; machine seconds between two tries


class NotNow(Exception):
    """The other side did not take it; it may later."""


class Never(Exception):
    """The other side will not take it."""


class Wires(Protocol):
    """What the portal reaches. Each raises `NotNow` or `Never`, and may be called again with the same arguments."""

    async def say(self, message: PortalMessage, message_id: UUID, headers: Mapping[str, str]) -> None: ...
    async def grant(self, application_id: UUID) -> str: ...
    async def upload(self, application_id: UUID, purpose: str, grant: str, content: bytes, media: str) -> FileRef: ...
    async def code(self, application_id: UUID) -> str | None: ...
    async def visit(self, link: str) -> None: ...
    async def pay(self, link: str, amount: int, key: str) -> None: ...


@dataclass(slots=True)
class Portal:
    """Everything the portal knows: citizens, their errands, what each is shown, the forms as they were filed."""

    wires: Wires
    authority: Authority
    clock: SystemClock
    citizens: dict[str, Citizen] = field(default_factory=dict)
    errands: dict[UUID, Errand] = field(default_factory=dict)
    boards: dict[UUID, Board] = field(default_factory=dict)
    forms: dict[tuple[UUID, int], FormFilled] = field(default_factory=dict)
    given_up: list[str] = field(default_factory=list)
    ways: Ways | None = None
    """How citizens sign otherwise than with a key at hand; without them all do."""
    _by_hand: int = 100
    """Numbers the signatures that a button asked for, above those of the stories."""
    _turns: dict[UUID, asyncio.Lock] = field(default_factory=dict)
    _hands: set[asyncio.Task[None]] = field(default_factory=set)

    def admit(self, citizens: Iterable[Citizen]) -> None:
        for citizen in citizens:
            self.citizens.setdefault(citizen.name, citizen)

    async def start(self, citizens: Iterable[Citizen], rate: float) -> int:
        """Let them begin, so many a second; who has begun already does not again. How many began."""
        begun = 0
        for citizen in citizens:
            if citizen.application_id(0) not in self.errands:
                self._set_out(Errand(citizen))
                begun += 1
                await asyncio.sleep(1 / rate)
        return begun

    def hear(self, status: StatusChanged | MessageRejected) -> None:
        """A status has come. What follows from it is done apart from this call."""
        board = self.boards.setdefault(status.application_id, Board(status.application_id))
        if isinstance(status, MessageRejected):
            board.rejected.append(status)
            return
        errand = self.errands.get(status.application_id)
        if board.take(status) and errand is not None:
            self.follow(*react(errand, status))

    async def sign_by(self, id: UUID, way: Way) -> None:
        """The person signs what lies there, in this way, now: what a button of the page does. Raises `NotNow`."""
        errand = self.errands.get(id)
        if errand is None or self.ways is None:
            raise NotNow("unknown")
        if way is Way.TELEPHONE:
            await self._scan(errand, self.ways)
            return
        revision = max((number for application, number in self.forms if application == id), default=None)
        if revision is None:
            raise NotNow("no form")
        self._by_hand += 1
        await self._ask_browser(errand, Sign(revision, Signing.GOOD, self._by_hand), self.ways)

    @property
    def in_hand(self) -> int:
        """How many acts are being carried out, or wait for their turn."""
        return len(self._hands)

    async def close(self) -> None:
        """Let go of what is in hand."""
        for hand in tuple(self._hands):
            hand.cancel()
        await asyncio.gather(*self._hands, return_exceptions=True)

    def shown(self) -> list[dict[str, Any]]:
        """Every application without personal data, for reports."""
        return [self._row(errand) for errand in self.errands.values()]

    def _set_out(self, errand: Errand) -> None:
        self.boards.setdefault(errand.application_id, Board(errand.application_id))
        self.follow(*begin(errand))

    def follow(self, errand: Errand, acts: Iterable[Act]) -> None:
        """The citizen has come so far, and these acts follow from it: they are carried out one after another."""
        self.errands[errand.application_id] = errand
        for act in acts:
            hand = asyncio.create_task(self._in_turn(errand, act))
            self._hands.add(hand)
            hand.add_done_callback(self._hands.discard)

    async def _in_turn(self, errand: Errand, act: Act) -> None:
        """One act at a time of one application, in the order in which they were decided."""
        async with self._turns.setdefault(errand.application_id, asyncio.Lock()):
            for _ in range(TRIES):
                try:
                    return await self._carry_out(errand, act)
                except NotNow:
                    await asyncio.sleep(PAUSE)
                except (Never, LookupError, TypeError, ValueError) as reason:
                    what = str(reason) if isinstance(reason, Never) else type(reason).__name__
                    self.given_up.append(f"{errand.citizen.name} {type(act).__name__}: {what}")
                    return None
            self.given_up.append(f"{errand.citizen.name} {type(act).__name__}: {TRIES} tries")
        return None

    async def _carry_out(self, errand: Errand, act: Act) -> None:
        match act:
            case Start() if act.course != errand.course:
                other = Errand(errand.citizen, course=act.course)
                if other.application_id not in self.errands:
                    self._set_out(other)
            case Resume():
                self.follow(*resume(self.errands[act.application_id]))
            case Identify():
                if act.link is None:
                    raise Never("no link")
                await self.wires.visit(act.link)
            case Pay():
                await self.wires.pay(act.link, act.amount, str(act.number))
            case Fill():
                await self._fill(errand, act)
            case Sign() if self.ways is not None and way_of(errand.citizen, act, errand.revision) is Way.TELEPHONE:
                await self._scan(errand, self.ways)
            case Sign() if self.ways is not None and way_of(errand.citizen, act, errand.revision) is Way.BROWSER:
                await self._ask_browser(errand, act, self.ways)
            case Start() | Sign() | Withdraw() | Correct() | Praise():
                await self._say(self._paper(errand, act), act)

    def _paper(self, errand: Errand, act: papers.Spoken) -> PortalMessage:
        key, now = self.authority.citizen(errand.citizen.iin), self.clock.now()
        match act:
            case Start():
                return papers.started(errand, act)
            case Sign():
                return papers.signed(errand, act, self.forms[errand.application_id, act.revision], key, now)
            case Withdraw():
                return papers.withdrawn(errand, act, key, now)
            case Correct():
                return papers.corrected(errand)
            case Praise():
                return papers.praised(errand, act)
            case Fill():
                return self.forms[errand.application_id, act.revision]

    async def _fill(self, errand: Errand, act: Fill) -> None:
        photo, sample = papers.images(errand, act)
        id = errand.application_id
        grant = await self.wires.grant(id)
        kept = (
            await self.wires.upload(id, "photo", grant, photo, "image/jpeg"),
            await self.wires.upload(id, "signature-sample", grant, sample, "image/png"),
        )
        form = self.forms[id, act.revision] = papers.filled(errand, act, *kept)
        await self._say(form, act)

    async def _scan(self, errand: Errand, ways: Ways) -> None:
        """Nothing is left to sign when it was signed by a try whose answer was lost."""
        code = await self.wires.code(errand.application_id)
        if code is not None:
            try:
                await ways.by_telephone(code, self.authority.citizen(errand.citizen.iin))
            except Hindered as why:
                raise NotNow(str(why)) from None

    async def _ask_browser(self, errand: Errand, act: Sign, ways: Ways) -> None:
        form, key = self.forms[errand.application_id, act.revision], self.authority.citizen(errand.citizen.iin)
        try:
            cms = await ways.in_browser(CanonicalApplication.of(errand.citizen.iin, form).canonical(), key)
        except Hindered as why:
            raise NotNow(str(why)) from None
        await self._say(papers.signed_with(errand, act, cms), act)

    async def _say(self, message: PortalMessage, act: papers.Spoken) -> None:
        await self.wires.say(message, papers.message_id(message, act), papers.headers(message, self.clock.now()))

    def _row(self, errand: Errand) -> dict[str, Any]:
        board = self.boards[errand.application_id]
        current = board.current
        expected = errand.persona.ending if errand.course != BESIDE else None
        return {
            "application_id": str(errand.application_id),
            "citizen": errand.citizen.name,
            "persona": errand.persona.name,
            "act": errand.persona.act,
            "course": errand.course,
            "expected": expected.value if expected else None,
            "ending": board.ending.value if board.ending else None,
            "code": current.code if current else None,
            "stage": current.stage.value if current else None,
            "next_action": current.next_action.value if current else None,
            "talon": current.talon if current else None,
            "statuses": len(board.history),
            "regressed": board.regressed,
            "repeated": board.repeated,
            "rejected": [{"reason": each.reason, "message_id": each.message_id} for each in board.rejected],
            "live_application": current.live_application if current else None,
        }
