"""What the sandbox shows of its exchanges is nobody's data, whatever is asked and answered."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.sandbox.__main__ import application
from deploy.sandbox.authority import Authority
from deploy.sandbox.http import Systems
from deploy.sandbox.masking import LONGEST, MASK, OPEN, masked
from deploy.sandbox.smtp import Mailbox
from tests.gateways.wire import CLOCK, company, sandbox, shep
from tests.sandbox.crowds import NOW, invoice, kdp, person

PERSONAL = st.one_of(
    st.from_regex(r"[0-9]{12}", fullmatch=True),
    st.from_regex(r"\+?7[0-9]{10}", fullmatch=True),
    st.from_regex(r"KZ[0-9A-Z]{18}", fullmatch=True),
)
NAMES = st.sampled_from([*sorted(OPEN), "iin", "phone", "name", "kdpToken", "code", "number"])
TREES: st.SearchStrategy[Any] = st.recursive(
    PERSONAL | st.booleans() | st.none() | st.integers(0, 10_000),
    lambda below: st.lists(below, max_size=5) | st.dictionaries(NAMES | PERSONAL, below, max_size=5),
    max_leaves=12,
)


def leaves(said: Any) -> list[str]:
    """Every text in it, names and values."""
    if isinstance(said, dict):
        return [text for name, value in said.items() for text in (name, *leaves(value))]
    if isinstance(said, list):
        return [text for each in said for text in leaves(each)]
    return [said] if isinstance(said, str) else []


@given(TREES)
def test_no_number_of_a_person_is_shown_under_any_name(said: Any) -> None:
    shown = masked(said)
    for text in leaves(said):
        if len(text) > 10 and (text[0] in "+K" or text.isdigit()):
            assert text not in shown


def test_the_form_stands_and_only_what_is_nobodys_is_read() -> None:
    said = {
        "status": "PAID", "amount": 786, "paid_at": "2025-10-07T10:00:00+05:00", "surname": "СЕРИКОВ",
        "engSurname": "SERIKOV", "kdpToken": "ABCDEF", "code": "123456", "found": True, "documents": [{"number": "1"}],
        "type": {"code": "001", "nameRu": "ПАСПОРТ РК"}, "account": "KZ86125KZT5004100100", "point": "900115390019",
    }  # fmt: skip
    assert json.loads(masked(said)) == {
        "status": "PAID", "amount": 786, "paid_at": "2025-10-07T10:00:00+05:00", "surname": MASK,
        "engSurname": MASK, "kdpToken": MASK, "code": MASK, "found": True, "documents": [{"number": MASK}],
        "type": {"code": MASK, "nameRu": MASK}, "account": MASK, "point": MASK,
    }  # fmt: skip


def test_however_long_and_deep_it_is_what_is_shown_is_short() -> None:
    deep: Any = "x"
    for _ in range(100):
        deep = {"status": deep}
    assert MASK in masked(deep)
    assert len(masked({f"name{at}": "x" * 10_000 for at in range(1_000)})) <= LONGEST + 1
    assert masked({"receipts": ["a", "b", "c", "d", "e"]}).endswith('"and 2 more"]}')
    assert (masked(None), masked({}), masked(b"raw")) == ("", "", f'"{MASK}"')


async def visit_all(systems: Systems, http: httpx.AsyncClient, iin: str, phone: str) -> None:
    """КДП, ГБД ФЛ, БМГ, ЗАГС, Digital-ID, SMS, gateway and revenue are asked about this person."""
    moment, tokens = CLOCK.machine_now(), {}
    for at, name in enumerate(("GBDFLUniversal_token", "MCDB_SERVICE", "ZAGS_RECORD")):
        asked = kdp(iin, name, sms=not at, ovt=company().ovt())
        if not at:
            await shep(http).ask("KDP_SERVICE", asked, name, moment)
            systems.clock.set_offset(systems.clock.offset + timedelta(seconds=1))
        answer = await shep(http).ask("KDP_SERVICE", asked, name, moment)
        tokens[name] = {"kdpToken": "".join(answer["code"].split()), "publicKey": answer["public-key"]}
    dated = {"messageId": "1", "messageDate": moment.isoformat(), "senderCode": "KUALIK", "iin": iin}
    await shep(http).ask("GBDFLUniversal_token", dated | tokens["GBDFLUniversal_token"], "m", moment)
    await shep(http).ask("MCDB_SERVICE", {"iin": iin, "phone": phone, **tokens["MCDB_SERVICE"]}, "m", moment)
    await shep(http).ask("ZAGS_RECORD", {"iin": iin, **tokens["ZAGS_RECORD"]}, "m", moment)
    session = {"api_key": "secret-key", "metadata": {"key": "s", "iin": iin}}
    await http.post("/digital-id/api/v1/flows/session/create/", json=session)
    await http.post("/sms/messages", json={"id": "1", "phone": phone, "text": f"{iin} {phone}"})
    case = {"key": "c", "iban": "KZ86125KZT5004100100", "holder_iin": iin, "receipt_id": "r"}
    await http.post("/revenue/refunds", json={**case, "ground": "g", "notice": "bm90aWNl", "amount": 1})


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_of_whoever_is_asked_about_neither_page_nor_json_tells_anything(seed: int) -> None:
    systems = sandbox()
    systems.clock.set_offset(NOW - systems.clock.machine_now())
    citizen = person("issued-paid", seed=seed)
    systems.state.admit([citizen])
    app = application(systems, Mailbox(systems), Authority(NOW, b"masking"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sandbox") as http:
        await visit_all(systems, http, citizen.iin, citizen.phone)
        invoice(systems.state, citizen)
        seen = [await http.get("/control/exchanges"), await http.get("/control")]
        seen += [await http.get(f"/control/systems/{system}") for system in ("kdp", "gbdfl", "digital-id", "revenue")]
    answered = {each["system"] for each in seen[0].json()["counts"] if each["outcome"] == "answered"}
    assert answered == {"kdp", "gbdfl", "bmg", "zags", "digital-id", "sms", "revenue"}
    about = citizen.person
    secrets = [
        citizen.iin, citizen.phone, about.surname, about.name, about.birth_date.isoformat(), "KZ86125KZT5004100100",
        "secret-key", "bm90aWNl", *(document.number for document in about.documents),
    ]  # fmt: skip
    for page in seen:
        assert page.status_code == 200
        assert not [secret for secret in secrets if secret and secret in page.text]
        assert "eyJ" not in page.text  # how every JSON web token begins
