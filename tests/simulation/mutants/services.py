"""Services that are wrong before the money: intake, identity, review, production, notices, coordinator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from services.identity_verification import domain as identity
from services.identity_verification.state import GiveUpIdentification
from services.intake import asking
from services.intake.domain import application, ending, form, registration, signing
from services.intake.domain.facts import Registering
from services.intake.domain.own import RegisterApplication
from services.notification import reactions as notices
from services.notification.state import Correspondence, notice_id
from services.production_dispatch import domain as production
from services.production_dispatch import progress
from services.production_dispatch.production import Production
from services.ums_review import deciding, leases
from services.ums_review import domain as review
from services.ums_review.review import Review, Standing
from shared.contracts.base import Message
from shared.engine.decision import Decision
from shared.engine.rows import Dependency
from shared.process import INTAKE
from tests.simulation import house
from tests.simulation.luck import BOUNDARIES, IDENTIFYING, PASSES, Luck
from tests.simulation.mutants.mutant import Mutant, Patch


def _instead(service: str, hears: type[Message], **changes: Any) -> Patch:
    """The service with another way to react on that message."""

    def changed(each: Any) -> Any:
        if each.name != service:
            return each
        reactions = (replace(one, **changes) if one.hears is hears else one for one in each.reactions)
        return replace(each, reactions=tuple(reactions))

    return house, "SERVICES", tuple(changed(each) for each in house.SERVICES)


def _one(of: Any, part: str, instead: Any) -> Callable[[], Sequence[Patch]]:
    return lambda: [(of, part, instead)]


def _place_kept() -> Sequence[Patch]:
    return [(ending, "person_key", lambda index: f"nobody:{index}")]


def _place_given_early() -> Sequence[Patch]:
    confirm = form.confirm_eligibility

    def early(state: Any, said: Any, given: Any) -> Any:
        turn = confirm(state, said, given)
        free: Any = Decision(turn.state, release=(f"iin:{turn.state.iin_index}",))
        return application.then(turn, lambda _: free)

    return [(form, "confirm_eligibility", early)]


def _recall_hasty() -> Sequence[Patch]:
    recall = registration.recall_registration

    def hasty(state: Any, command: Any) -> Any:
        landed = Registering.NO if state.registering is Registering.ASKING else state.registering
        return recall(replace(state, registering=landed), command)

    return [(registration, "recall_registration", hasty)]


def _late_talon_stays() -> Sequence[Patch]:
    registered = registration._registered

    def stays(state: Any, talons: Any) -> Any:
        return registered(state, talons) if state.may_register else Decision(state)

    return [(registration, "_registered", stays)]


def _ends_again() -> Sequence[Patch]:
    close = ending.close_application

    def again(state: Any, command: Any, given: Any) -> Any:
        if state.ending is not None:
            return ending.close(state, command.ending, given)
        return close(state, command, given)

    return [(ending, "close_application", again)]


def _registers_blindly() -> Sequence[Patch]:
    async def blindly(state: Any, said: Any, world: Any, given: Any) -> Any:
        if not state.may_register:
            return await asking.register_in_rpdrn(state, said, world, given)
        answer = await world.register.register(asking._registration(state))
        return registration.Found((answer,)) if isinstance(answer, registration.Talon) else answer

    return [_instead(INTAKE, RegisterApplication, asks=blindly)]


def _any_region() -> Sequence[Patch]:
    stranger = leases.stranger

    def anyone(review: Any, act: Any) -> Any:
        return stranger(review, act.model_copy(update={"officer_region": review.region}))

    return [(leases, "stranger", anyone), (deciding, "stranger", anyone), (deciding, "_holds", lambda case, act: True)]


def _window_not_judged() -> Sequence[Patch]:
    def due(self: Any, rules: Any) -> Any:
        if self.photo_accepted and self.photo_since is not None and not self.submitted and self.ending is None:
            return self.photo_since + rules.limits.signing
        return was(self, rules)

    was = application.Application.due
    return [(signing, "_outside", lambda state, at, rules: None), (application.Application, "due", due)]


def _withdrawal_loses() -> Sequence[Patch]:
    drop = review.drop

    def loses(case: Any, standing: Any) -> Any:
        return case if standing is Standing.WITHDRAWN and case.round else drop(case, standing)

    return [(review, "drop", loses)]


def _order_left_standing() -> Sequence[Patch]:
    return [(production, "_cancel", lambda card: ()), (progress, "mark_for_destruction", Decision)]


def _session_left_open() -> Sequence[Patch]:
    return [(identity, "CancelSession", lambda **about: GiveUpIdentification(application_id=about["application_id"]))]


def _another_notice() -> Sequence[Patch]:
    tries = iter(range(1_000_000))
    return [(notices, "notice_id", lambda id, key, channel: notice_id(id, f"{key}/{next(tries)}", channel))]


def _gives_up(luck: Luck) -> bool:
    """Somebody withdraws."""
    turned = luck.turns_to("gives up")
    return turned or luck.changes_mind is not None or any(p.conduct.withdraws for p in luck.personas)


def _ends_early(luck: Luck) -> bool:
    """While somebody is being identified, and no day leaps over the session."""
    leaps = luck.leaps or luck.turns_to(*BOUNDARIES, PASSES)
    early = any(turn.word == IDENTIFYING for turn in luck.every_turn)
    return not leaps and (early or luck.changes_mind is not None)


def _days_end(luck: Luck) -> bool:
    return luck.leaps or luck.late or luck.turns_to("window", "pilot")


def _starts_twice(luck: Luck) -> bool:
    return luck.meddling > 0.0 or any(p.conduct.starts_beside for p in luck.personas)


def _rivals(luck: Luck) -> bool:
    return luck.rivals > 0.0 or luck.walks_away


def _stopped_late(luck: Luck) -> bool:
    """A card is ordered, and then not to be made."""
    changed = luck.meddling > 0.0 or luck.turns_to("change")
    return changed or any(p.treatment.circumstance for p in luck.personas)


SERVICES = (
    Mutant("place never free", "The ending does not give the person's place back.", ("the_place_is_free",),
           _place_kept),
    Mutant("place free too early", "The person's place is free once eligibility is known.",
           ("one_live_application",), _place_given_early, _starts_twice),
    Mutant("recall too early", "A recall does not wait for the register in flight.", ("one_talon",), _recall_hasty,
           _gives_up),
    Mutant("late talon stays", "A talon that comes after closing is not undone.", ("one_talon",), _late_talon_stays,
           _gives_up),
    Mutant("ends again", "An ending ordered again is carried out again.", ("one_ending", "every_act_is_on_record"),
           _ends_again),
    Mutant("registers blindly", "S13 does not ask РП ДРН first which talons it has.",
           ("one_talon", "the_first_talon_is_kept"), _registers_blindly),
    Mutant("window not judged", "On receipt of the signature neither window nor pilot is looked at.",
           ("signed_in_time",), _window_not_judged, _days_end),
    Mutant("session left open", "A session of Digital-ID that outlives the application is not cancelled.",
           ("sessions_end_with_the_application",), _session_left_open, _ends_early),
    Mutant("no outage", "No system is ever out for long enough (p.12).", ("everybody_ends_as_they_must",),
           _one(Dependency, "in_outage", lambda self, now: False), lambda luck: any(p.outage for p in luck.personas)),
    Mutant("any lease", "A decision is taken whoever holds the case.", ("decided_by_who_may",),
           _one(Review, "held_by", lambda self, officer, token, at: True), _rivals),
    Mutant("any region", "An officer of any region may act.", ("decided_in_ones_region", "decided_by_who_may"),
           _any_region, _rivals),
    Mutant("withdrawal loses", "A withdrawal leaves the case in the officers' queue.",
           ("the_ending_says_what_was_decided",), _withdrawal_loses, _gives_up),
    Mutant("two orders", "Each round of approval orders a card under an id of its own.", ("one_card",),
           _one(Production, "order_id", property(lambda self: f"{self.application_id}/{self.round}"))),
    Mutant("order left standing", "What must not be made is neither taken back nor destroyed.", ("one_card",),
           _order_left_standing, _stopped_late),
    Mutant("SMS to anyone", "SMS go out before БМГ has confirmed the number.", ("no_sms_to_a_stranger",),
           _one(Correspondence, "may_be_sent", lambda self, errand: self.locale is not None)),
    Mutant("another notice", "A notice that is sent again bears another id.", ("one_notice",), _another_notice),
)  # fmt: skip
