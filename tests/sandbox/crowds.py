"""A state with people in it, for tests of the sandbox."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from deploy.sandbox.people import Citizen, crowd
from deploy.sandbox.personas import BY_NAME
from deploy.sandbox.systems.state import State

NOW = datetime(2025, 12, 3, 6, 0, tzinfo=UTC)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def person(name: str, seed: int = 1) -> Citizen:
    """The citizen who lives that story."""
    return crowd(seed, NOW.date(), personas=[BY_NAME[name]])[0]


def state_of(*citizens: Citizen) -> State:
    state = State(seed=1, base="http://sandbox")
    state.admit(citizens)
    return state


def consent(state: State, citizen: Citizen, now: datetime = NOW) -> dict[str, dict[str, str]]:
    """What to send along to each register, by access name; consent was given a moment ago."""
    asked = now - timedelta(minutes=1)
    request = {
        "action": "REQUEST",
        "request_id": "r-1",
        "uin": citizen.iin,
        "phone": citizen.phone,
        "access_names": ["GBDFLUniversal_token", "MCDB_SERVICE", "ZAGS_RECORD", "ADDRESS_REGISTER", "AIS_SIK"],
        "lifetime_minutes": "60",
    }
    assert state.shep("KDP_SERVICE", request, asked) == {"status": "PENDING"}
    tokens = state.shep("KDP_SERVICE", {"action": "STATUS", "request_id": "r-1"}, now)["tokens"]
    return {t["access_name"]: {"kdpToken": t["code"], "publicKey": t["public_key"]} for t in tokens}


def register(state: State, citizen: Citizen, now: datetime = NOW, **other: Any) -> dict[str, Any]:
    """S13."""
    return state.shep(
        "RPDRN_REGISTER",
        {
            "key": "k",
            "application_id": str(citizen.application_id(0)),
            "iin": citizen.iin,
            "region": citizen.region,
            "point": citizen.point,
            "photo": "p",
            "signature_sample": "s",
            "canonical_sha256": "0" * 64,
            "cms": "c",
            **other,
        },
        now,
    )


def invoice(state: State, citizen: Citizen, now: datetime = NOW, key: str = "i") -> str:
    """The id of an open invoice."""
    talon = register(state, citizen, now)["talon"]
    return str(state.shep("RPDRN_INVOICE", {"talon": talon, "key": key}, now)["invoice_id"])
