"""A dataclass becomes columns and comes back the same, whatever stands in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import Field

from shared.contracts.base import SealBroken, Sealed, Sealer
from shared.engine.columns import columns_of, from_row, to_row
from shared.engine.schema import ddl, engine_sql, tables_sql
from shared.engine.service import Audited, Log, Table
from tests.engine.store_beds import NOW, SCHEMA, SEALER, SERVICE, Account, Bed, Line, Stage

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
numbers = st.integers(-(2**63), 2**63 - 1)
sealed = words.map(Sealed)
moments = st.integers(-(10**15), 10**16).map(lambda micros: NOW + timedelta(microseconds=micros))
accounts = st.builds(
    Account,
    st.uuids(),
    stage=st.sampled_from(Stage),
    rounds=numbers,
    live=st.booleans(),
    expires=st.none() | st.dates(),
    heard_at=st.none() | moments,
    holder=st.none() | st.uuids(),
    note=words,
    iin=st.none() | sealed,
    lines=st.lists(st.builds(Line, st.integers(-(2**53), 2**53), st.none() | sealed), max_size=3).map(tuple),
    marks=st.dictionaries(words, st.integers(-(2**53), 2**53), max_size=3),
)


@given(accounts)
def test_a_state_comes_back_as_it_was(account: Account) -> None:
    row = dict(zip(columns_of(Account).names, to_row(account, SEALER), strict=True))
    assert from_row(Account, row, SEALER) == account


@given(account=accounts)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_a_state_comes_back_from_a_store_as_it_was(bed: Bed, account: Account) -> None:
    id = account.application_id
    async with bed.store.transaction() as transaction:
        await transaction.load({id})
        await transaction.save({id: account})
    assert await bed.store.read(id) == account


def test_what_was_sealed_once_keeps_its_token() -> None:
    account = Account(UUID(int=1), iin=Sealed("900101300123"), lines=(Line(1, Sealed("Asel")),))
    names = columns_of(Account).names
    first = to_row(account, SEALER)
    again = to_row(from_row(Account, dict(zip(names, first, strict=True)), SEALER), SEALER)
    assert first == again


def test_a_token_does_not_open_in_another_applications_row() -> None:
    row = dict(zip(columns_of(Account).names, to_row(Account(UUID(int=1), iin=Sealed("x")), SEALER), strict=True))
    with pytest.raises(ValueError, match="column iin does not read"):
        from_row(Account, {**row, "application_id": UUID(int=2)}, SEALER)


def test_without_a_key_a_state_can_be_passed_on_and_not_opened() -> None:
    names = columns_of(Account).names
    row = to_row(Account(UUID(int=1), iin=Sealed("x"), lines=(Line(1, Sealed("y")),)), SEALER)
    closed = from_row(Account, dict(zip(names, row, strict=True)), None)
    assert to_row(closed, None) == row
    with pytest.raises(SealBroken):
        _ = closed.iin.value


@pytest.mark.parametrize(
    "account",
    [Account(UUID(int=1), iin=Sealed("900101300123")), Account(UUID(int=1), lines=(Line(1, Sealed("Asel")),))],
)
def test_without_a_key_nothing_is_written_in_clear(account: Account) -> None:
    with pytest.raises(SealBroken) as broken:
        to_row(account, Sealer())
    assert "900101300123" not in str(broken.value)
    assert "Asel" not in str(broken.value)


@dataclass(frozen=True, slots=True)
class Odd:
    application_id: UUID
    locale: Literal["kk", "ru"] = "kk"
    phone: Annotated[str, Field(max_length=20)] | None = None
    hashed: bytes = b""
    either: int | str = 0
    pair: Sealed[tuple[int, int]] | None = None


def test_words_and_bounds_are_columns_of_what_they_are_made_of() -> None:
    assert [(column.sql, column.nullable) for column in columns_of(Odd).all] == [
        ("uuid", False), ("text", False), ("text", True), ("bytea", False), ("jsonb", False), ("text", True),
    ]  # fmt: skip
    odd = Odd(UUID(int=1), "ru", "+7", b"\xff", "five", Sealed((1, 2)))
    row = dict(zip(columns_of(Odd).names, to_row(odd, SEALER), strict=True))
    back = from_row(Odd, row, SEALER)
    assert back == odd
    assert back.pair.value == (1, 2)


def test_the_tables_of_a_service_are_written_from_its_dataclasses() -> None:
    text = tables_sql(SERVICE)
    assert f'create table {SCHEMA}.account (\n    "application_id" uuid primary key,\n    "stage" text not null' in text
    assert '"iin" text,' in text
    assert f"create unique index receipt_external_id on {SCHEMA}.receipt (external_id);" in text
    assert f"revoke update, delete, truncate on {SCHEMA}.receipt from {SCHEMA};" in text


def test_the_logs_that_every_service_keeps_are_made_as_they_are_declared() -> None:
    assert SERVICE.all_logs[-1] == Log(f"{SCHEMA}.audit", Audited, chained=True)
    for log in SERVICE.all_logs[len(SERVICE.logs) :]:
        assert ddl(log) in engine_sql(SCHEMA)


def test_a_state_begins_with_its_application() -> None:
    with pytest.raises(ValueError, match="first field"):
        ddl(Table("payment.audited", Line))
