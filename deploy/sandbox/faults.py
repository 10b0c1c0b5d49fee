"""What can be switched to go wrong while the sandbox runs, by system: slow, failing, lying or garbled answers, and
call-backs that come late, twice, or after newer ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from shared.gateways.catalogue import ASYNCHRONOUS, SERVICES

ANSWERS: Final = frozenset({"delay", "error_rate", "lost_rate", "outage"})
GARBLED: Final = ANSWERS | {"truncated_rate", "stale_rate"}
SIGNED: Final = GARBLED | {"wrong_signature_rate", "services"}
TOLD: Final = frozenset({"wrong_signature_rate", "duplicate_rate", "late"})


@dataclass(frozen=True, slots=True)
class Kind:
    """One system: its name for people, what can go wrong with it, and which of its services can be named."""

    name: str
    faults: frozenset[str]
    services: tuple[str, ...] = ()


def _by_shep(system: str, name: str, more: frozenset[str] = frozenset()) -> Kind:
    named = [id for id, service in {**SERVICES, **ASYNCHRONOUS}.items() if service.dependency == system]
    return Kind(name, SIGNED | more, tuple(named))


KINDS: Final[Mapping[str, Kind]] = {
    "kdp": _by_shep("kdp", "КДП, consents and SMS 1414"),
    "gbdfl": _by_shep("gbdfl", "ГБД ФЛ, persons"),
    "bmg": _by_shep("bmg", "БМГ, mobile numbers"),
    "zags": _by_shep("zags", "ИС ЗАГС, civil acts"),
    "address-register": _by_shep("address-register", "Address register"),
    "aissik": _by_shep("aissik", "АИС СИК, exemptions"),
    "rpdrn": _by_shep("rpdrn", "ППО РП ДРН, with temporary files and pushed statuses", TOLD | {"undelivered_rate"}),
    "digital-id": Kind("Digital-ID, identification by face", GARBLED),
    "payment-gateway": Kind("Payment gateway, with its call-backs", GARBLED | TOLD),
    "revenue": Kind("Revenue authority, refunds", GARBLED),
    "central-node": Kind("Central node and production centre, with its call-backs", GARBLED | TOLD),
    "sms": Kind("SMS gateway", ANSWERS | {"truncated_rate"}),
    "smtp": Kind("E-mail by SMTP", ANSWERS),
    "eds": Kind("НУЦ РК, OCSP and revocation lists", ANSWERS | {"truncated_rate", "wrong_signature_rate"}),
    "ncanode": Kind("NCANode, GOST signatures", ANSWERS | {"truncated_rate"}),
    "callbacks": Kind(
        "Every call-back, whoever makes it",
        GARBLED | TOLD | {"services"},
        ("intake", "payment", "production-dispatch"),
    ),
}
SYSTEMS: Final = tuple(KINDS)
POSSIBLE: Final = tuple(sorted(frozenset().union(*(kind.faults for kind in KINDS.values()))))


class Fault(BaseModel):
    """`delay` in machine seconds before each answer; the rates are shares of calls, 0–1.

    `error_rate` fails before anything is done, `lost_rate` after it was done; `outage`: every call fails.
    `wrong_signature_rate`: what is signed is signed wrongly; `truncated_rate`: half of the answer comes, as if it were
    all; `stale_rate`: what was answered earlier, or what is older is told after what is newer. Of call-backs:
    `duplicate_rate` come twice at the same time, each comes `late` by so many machine seconds. `undelivered_rate`: a
    REQUEST of the asynchronous channel is taken and never delivered. `services`: only these
    services of ШЭП (of `callbacks`: only those to these services of ours); none named: all of the system.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    system: str
    delay: float = Field(0.0, ge=0, le=120)
    error_rate: float = Field(0.0, ge=0, le=1)
    lost_rate: float = Field(0.0, ge=0, le=1)
    outage: bool = False
    wrong_signature_rate: float = Field(0.0, ge=0, le=1)
    truncated_rate: float = Field(0.0, ge=0, le=1)
    stale_rate: float = Field(0.0, ge=0, le=1)
    duplicate_rate: float = Field(0.0, ge=0, le=1)
    late: float = Field(0.0, ge=0, le=3600)
    undelivered_rate: float = Field(0.0, ge=0, le=1)
    services: tuple[str, ...] = ()

    @field_validator("system")
    @classmethod
    def _known(cls, system: str) -> str:
        if system not in KINDS:
            raise PydanticCustomError("unknown_system", "is none of the systems")
        return system

    @field_validator(*POSSIBLE)
    @classmethod
    def _possible(cls, value: Any, info: ValidationInfo) -> Any:
        """What a system does not do cannot go wrong with it."""
        kind = KINDS.get(info.data.get("system", ""))
        if value and kind is not None and info.field_name not in kind.faults:
            raise PydanticCustomError("not_of_this_system", "cannot go wrong with this system")
        return value

    @field_validator("services")
    @classmethod
    def _named(cls, services: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        kind = KINDS.get(info.data.get("system", ""))
        if kind is not None and not set(services) <= set(kind.services):
            raise PydanticCustomError("unknown_service", "names a service that this system has not")
        return services

    @property
    def wrong(self) -> bool:
        """Whether anything is wrong at all."""
        return any(getattr(self, name) for name in POSSIBLE if name != "services")


@dataclass(frozen=True, slots=True)
class Weather:
    """What happens to one call, or to one call-back."""

    delay: float = 0.0
    fails: bool = False
    lost: bool = False
    forged: bool = False
    truncated: bool = False
    stale: bool = False
    doubled: bool = False
    late: float = 0.0
    undelivered: bool = False

    def __or__(self, other: Weather) -> Weather:
        """Both at once."""
        return Weather(
            self.delay + other.delay,
            self.fails or other.fails,
            self.lost or other.lost,
            self.forged or other.forged,
            self.truncated or other.truncated,
            self.stale or other.stale,
            self.doubled or other.doubled,
            self.late + other.late,
            self.undelivered or other.undelivered,
        )

    @property
    def outcome(self) -> str:
        """The word for an answer that was worked out: the worst that befell it."""
        said = {"lost": self.lost, "truncated": self.truncated, "wrong signature": self.forged, "stale": self.stale}
        return next((word for word, so in said.items() if so), "answered")


@dataclass(slots=True)
class Faults:
    """The switches; the same seed and calls fail in the same places."""

    seed: int | str = 0
    switched: dict[str, Fault] = field(default_factory=dict)
    _chance: Random = field(init=False)

    def __post_init__(self) -> None:
        self._chance = Random(f"faults {self.seed}")

    def switch(self, fault: Fault) -> None:
        """From now on the system behaves so; a fault with nothing wrong heals it."""
        self.heal(fault.system)
        if fault.wrong:
            self.switched[fault.system] = fault

    def heal(self, system: str | None = None) -> None:
        """Nothing is wrong with this system any more; without one, with none."""
        if system is None:
            self.switched.clear()
        else:
            self.switched.pop(system, None)

    def of(self, system: str) -> Fault:
        """How it behaves now. Raises `ValidationError` for a system that is none."""
        return self.switched.get(system) or Fault(system=system)

    def weather(self, system: str, service: str = "") -> Weather:
        fault = self.switched.get(system)
        if fault is None or (fault.services and service not in fault.services):
            return Weather()
        fails = fault.outage or self._hits(fault.error_rate)
        return Weather(
            fault.delay,
            fails,
            not fails and self._hits(fault.lost_rate),
            self._hits(fault.wrong_signature_rate),
            self._hits(fault.truncated_rate),
            self._hits(fault.stale_rate),
            self._hits(fault.duplicate_rate),
            fault.late,
            self._hits(fault.undelivered_rate),
        )

    def shown(self) -> list[Mapping[str, Any]]:
        return [fault.model_dump() for fault in self.switched.values()]

    def _hits(self, rate: float) -> bool:
        return rate > 0 and self._chance.random() < rate
