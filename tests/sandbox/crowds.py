"""A state with people in it, for tests of the sandbox."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from deploy.sandbox.people import Citizen, crowd
from deploy.sandbox.personas import BY_NAME
from deploy.sandbox.systems.kdp import ACCESS_NAMES
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
    """What to send along to each register, by access name; consent was given a moment ago to whoever asked."""
    state.consents.judge, first = None, kdp(citizen.iin, ACCESS_NAMES[0])
    assert state.shep("KDP_SERVICE", first, now - timedelta(minutes=1), "r-1") == {"status": "PENDING"}
    if state.shep("KDP_SERVICE", first, now, "r-1")["status"] != "VALID":
        return {}
    answers = {
        name: state.shep("KDP_SERVICE", kdp(citizen.iin, name, sms=name == ACCESS_NAMES[0]), now, f"r-{at}")
        for at, name in enumerate(ACCESS_NAMES, 1)
    }
    return {name: {"kdpToken": "".join(a["code"].split()), "publicKey": a["public-key"]} for name, a in answers.items()}


def kdp(iin: str, access_name: str = "GBDFLUniversal_token", *, sms: bool = True, ovt: str = "ovt") -> dict[str, str]:
    """A question to КДП, good for an hour."""
    return {
        "uin": iin,
        "company": "КУАЛІК",
        "company_bin": "000140000011",
        "company_responsible": "x",
        "employee_name": "x",
        "access_name": access_name,
        "personal_data_name": "x",
        "expiresIn": "3600000",
        "omit-sms": "false" if sms else "true",
        "ovt": ovt,
    }


def register(state: State, citizen: Citizen, now: datetime = NOW, **other: Any) -> dict[str, Any]:
    """S13: the images go to the temporary files first."""
    return state.shep(
        "RPDRN_REGISTER",
        {
            "key": "k",
            "applicationId": str(citizen.application_id(0)),
            "iin": citizen.iin,
            "region": citizen.region,
            "point": citizen.point,
            "photo": uploaded(state, b"photo", now),
            "signatureSample": uploaded(state, b"sample", now),
            "formSha256": "0" * 64,
            "formSignature": "Q01T",
            **other,
        },
        now,
    )


def uploaded(state: State, content: bytes, now: datetime = NOW) -> dict[str, str]:
    """The file as a message names it."""
    file = {"fileProcessIdentifier": "f", "content": b64encode(content).decode(), "lifeTime": "28800000"}
    request = {"type": "UPLOAD", "uploadRequest": {"fileUploadRequests": [file]}}
    answer = state.shep("EDS_TEMP_FILES", {"tempStorageRequest": request}, now)
    (result,) = answer["tempStorageResponse"]["uploadResponse"]["uploadFileResults"]
    return {"fileIdentifier": result["fileIdentifier"], "sha256": sha256(content).hexdigest()}


def invoice(state: State, citizen: Citizen, now: datetime = NOW, key: str = "i") -> str:
    """The id of an open invoice."""
    talon = register(state, citizen, now)["talonNumber"]
    return str(state.shep("RPDRN_INVOICE", {"talonNumber": talon, "key": key}, now)["invoiceId"])
