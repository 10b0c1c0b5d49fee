"""What one exchange with ШЭП costs in CPU, on our side and on the sandbox's: `python -m tests.gateways.measure`."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

from deploy.sandbox.people import crowd
from deploy.sandbox.systems.gbdfl import answer_about
from shared.gateways import soap
from shared.gateways.catalogue import FIND, PEOPLE, REGISTER, SERVICES, TEMP_FILES
from shared.gateways.schema import Plain
from shared.gateways.soap import Login
from tests.gateways.recorded import Server
from tests.gateways.wire import CLOCK, SENDER, channel, near
from tests.sandbox.crowds import NOW

ROUNDS = 200
ID = "00000000-0000-4000-8000-000000000001"
FILE = {"fileIdentifier": "f", "sha256": "0" * 64}
STATUS = {"code": "OK"}


def conversations() -> dict[str, tuple[Plain, Plain]]:
    """A question and an answer of each weight."""
    (citizen, *_) = crowd("measure", NOW.date(), 1)
    content = base64.b64encode(bytes(range(256)) * 600).decode()
    upload = {
        "type": "UPLOAD",
        "uploadRequest": {"fileUploadRequests": [{"fileProcessIdentifier": "f", "content": content}]},
        "credentials": {"senderId": SENDER, "password": ""},
    }
    uploaded = {
        "type": "UPLOAD",
        "uploadResponse": {
            "uploadFileResults": [{"fileProcessIdentifier": "f", "status": STATUS, "fileIdentifier": "i"}],
            "status": STATUS,
        },
    }
    person = {"messageId": "1", "messageDate": NOW.isoformat(), "senderCode": SENDER, "iin": citizen.iin}
    form = {
        "key": "k", "applicationId": ID, "iin": citizen.iin, "region": "71", "point": "71-01", "photo": FILE,
        "signatureSample": FILE, "formSha256": "0" * 64, "formSignature": base64.b64encode(bytes(1800)).decode(),
    }  # fmt: skip
    registered = {"registered": True, "talonNumber": "t", "documentationCode": "d", "registeredAt": NOW.isoformat()}
    tokens = {"kdpToken": "t", "publicKey": "k"}
    return {
        FIND: ({"applicationId": ID}, {"applicationId": ID}),
        PEOPLE: (person | tokens, answer_about(citizen.person, person, "1", NOW)),
        REGISTER: (form, registered),
        TEMP_FILES: ({"tempStorageRequest": upload}, {"tempStorageResponse": uploaded}),
    }


async def milliseconds(does: Callable[[], Awaitable[object]]) -> float:
    await does()
    begun = time.process_time()
    for _ in range(ROUNDS):
        await does()
    return (time.process_time() - begun) * 1000 / ROUNDS


async def main() -> None:
    print(f"{'service':24}{'ours, ms':>10}{'sandbox, ms':>14}{'question, bytes':>18}{'answer, bytes':>16}")
    for id, (asked, said) in conversations().items():
        service, end = SERVICES[id], channel()
        envelope = await soap.question(service, asked, ID, ID, Login(SENDER), CLOCK.machine_now(), near())
        question = await near().sign(envelope, ID)
        read = await end.read(question)
        answer = await end.answer(replace(read, message_id=""), said, ID)
        client = Server(answer).shep(CLOCK)
        ours = await milliseconds(lambda: client.exchange(service, asked, ID, CLOCK.machine_now()))  # noqa: B023

        async def answered() -> None:
            end.seen.clear()  # noqa: B023
            await end.answer(await end.read(question), said, ID)  # noqa: B023

        theirs = await milliseconds(answered)
        print(f"{id:24}{ours:10.2f}{theirs:14.2f}{len(question):18,}{len(answer):16,}")


if __name__ == "__main__":
    asyncio.run(main())
