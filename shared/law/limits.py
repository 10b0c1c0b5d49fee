"""The limits that the order leaves open, in one dated table: how long a step waits and how often it may be tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import ClassVar

from pydantic import ConfigDict, NonNegativeInt, PositiveInt, TypeAdapter

from shared.law.dated import row_in_force


@dataclass(frozen=True, slots=True)
class Limits:
    """Durations are business time unless said otherwise; sizes are bytes and pixels."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    valid_from: date = date.min
    valid_until: date | None = None

    consent: timedelta = timedelta(minutes=10)  # S1: answer to the SMS of 1414
    consent_sends: PositiveInt = 3  # S1
    identification: timedelta = timedelta(minutes=15)  # S3: one Digital-ID session
    identification_attempts: PositiveInt = 5  # S3
    unidentified: timedelta = timedelta(minutes=30)  # S1–S3: an application whose person is not yet established
    identity_refusals: PositiveInt = 3  # S3: per ИИН within the next line, then ЦОН
    identity_refusals_within: timedelta = timedelta(hours=24)  # S3
    form: timedelta = timedelta(hours=24)  # S8, S9
    photo_attempts: PositiveInt = 5  # S10
    likeness_attempts: PositiveInt = 3  # S11
    signing: timedelta = timedelta(hours=24)  # S12; ends early with the window (p.7)
    payment: timedelta = timedelta(hours=24)  # S15; extended by an outage of ПЭП or app (p.12)
    outage: timedelta = timedelta(minutes=10)  # p.12: "more than 10 minutes" is the order's own
    outage_last_try: timedelta = timedelta(minutes=1)  # p.12: the outage is real only if tried within

    review_lease: timedelta = timedelta(minutes=15)  # S17, machine time: how long an officer holds a case untouched
    assigned_lease: timedelta = timedelta(hours=9)  # S17, machine time: a case that the head gave waits so long
    decision_undo: timedelta = timedelta(seconds=10)  # S17, p.11, machine time: the signed decision can be taken back
    spoiled_cards: PositiveInt = 3  # S18: made again this often, then operations
    reminder_days: tuple[PositiveInt, ...] = (10, 30, 60)  # S19: calendar days after the card is ready
    uncollected_days: PositiveInt = 90  # S19: calendar days after the card is ready

    money_in_flight: timedelta = timedelta(hours=1)  # S15: how long one side may know of a receipt or pay-out alone
    refund_claimed: timedelta = timedelta(days=1095)  # after filing: so long the authority is asked about an account
    reconciled_at: timedelta = timedelta(hours=3)  # S15: after midnight in Almaty the days before are reconciled

    photo_max_side: PositiveInt = 6000  # S9: a picture is never unpacked beyond this
    photo_max_bytes: PositiveInt = 1_048_576  # S9
    signature_max_side: PositiveInt = 4000  # S9
    signature_max_bytes: PositiveInt = 524_288  # S9
    image_min_bytes: NonNegativeInt = 1024  # S9: anything smaller is no picture
    image_max_pixels: PositiveInt = 16_000_000  # S9: more is never decoded
    signing_link: timedelta = timedelta(seconds=180)  # S12, machine time: how long a code for eGov Mobile serves
    upload_grant: timedelta = timedelta(minutes=15)  # S9, machine time: how long a grant to upload serves
    images_kept: timedelta = timedelta(days=90)  # law 94-V: images of an ended application are removed after that

    @property
    def consent_lifetime(self) -> timedelta:
        """S1: for how long consent is asked: until the last system has been asked, at the slowest."""
        return self.unidentified + self.form + self.signing * 2


LIMITS = (Limits(),)
_LIMITS: TypeAdapter[Limits] = TypeAdapter(Limits)


def limits_on(day: date, table: tuple[Limits, ...] = LIMITS) -> Limits:
    """The limits of that day; when they change, the line in force gets an end and the next one a beginning."""
    return row_in_force(table, day)


def limits_from(settings: Mapping[str, object], base: Limits = LIMITS[-1]) -> Limits:
    """`base` with some lines set anew: durations as seconds or ISO 8601 (`PT24H`), the rest as numbers.

    Raises pydantic's `ValidationError` for an unknown line or an impossible value.
    """
    return _LIMITS.validate_python({**asdict(base), **settings})
