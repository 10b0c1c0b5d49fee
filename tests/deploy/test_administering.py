"""What an administrator may do with accounts: pure decisions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from deploy.identity.account import FAILURES, Account, State
from deploy.identity.administering import ONE_TIME_LIVES, POSSIBLE, Act, Code, done, made, refusal
from deploy.identity.listing import Filter, lines

NOW = datetime(2026, 1, 12, 5, 0, tzinfo=UTC)
CHANGES = tuple(act for act in Act if act is not Act.MAKE)


def an_account(id: str, role: str = "inspector", state: State = State.ACTIVE) -> Account:
    return Account(id=id, region="71", roles=frozenset({role}), password="kept", state=state)


def house(*accounts: Account) -> dict[str, Account]:
    return {account.id: account for account in accounts}


BOTH = house(an_account("a", "administrator"), an_account("b", "administrator"), an_account("i"))


@pytest.mark.parametrize("act", CHANGES)
def test_nobody_changes_their_own_account(act: Act) -> None:
    assert refusal(BOTH, "a", "a", act, NOW) is Code.OWN_ACCOUNT


def test_whatever_administrators_do_to_each_other_one_who_can_sign_in_is_left() -> None:
    closing, seen = (Act.LOCK, Act.DISABLE, Act.ROLES, Act.ENABLE), 0
    steps = [*product("abi", "abi", closing)]
    for course in product(steps, repeat=2):
        known = dict(BOTH)
        for actor, id, act in course:
            if refusal(known, actor, id, act, NOW) is None:
                known[id], seen = done(known[id], act, NOW, {"head"}), seen + 1
        assert any(each.state is State.ACTIVE and "administrator" in each.roles for each in known.values())
    assert seen > len(steps)


@pytest.mark.parametrize("state", State)
def test_what_makes_no_sense_is_refused_and_the_rest_leads_on(state: State) -> None:
    known = {**BOTH, "i": an_account("i", state=state)}
    for act in CHANGES:
        code = refusal(known, "a", "i", act, NOW)
        assert code is (None if act in POSSIBLE[state] else Code.STANDS_OTHERWISE)


def test_unknown_and_known_names_are_told_apart() -> None:
    assert refusal(BOTH, "a", "x", Act.LOCK, NOW) is Code.UNKNOWN_ACCOUNT
    assert refusal(BOTH, "a", "i", Act.MAKE, NOW) is Code.ACCOUNT_EXISTS
    assert refusal(BOTH, "a", "x", Act.MAKE, NOW) is None
    assert refusal(BOTH, "i", "x", Act.MAKE, NOW) is Code.NOT_ADMINISTRATOR


@pytest.mark.parametrize("act", [Act.LOCK, Act.DISABLE, Act.SIGN_OUT, Act.RESET, Act.ROLES])
def test_whatever_closes_an_account_or_changes_it_ends_its_sessions(act: Act) -> None:
    assert done(an_account("i"), act, NOW, {"head"}, "another").sessions_from == NOW


def test_failures_lock_an_account_for_a_while_and_an_administrator_unlocks_it_at_once() -> None:
    account = an_account("i")
    for _ in range(FAILURES):
        assert account.may_enter(NOW)
        account = account.having_failed(NOW)
    assert account.state_at(NOW) is State.LOCKED
    assert done(account, Act.UNLOCK, NOW).may_enter(NOW)
    assert done(account, Act.RESET, NOW, password="another").may_enter(NOW)
    locked = done(an_account("i"), Act.LOCK, NOW)
    assert not locked.may_enter(NOW + timedelta(days=365))


def test_a_one_time_password_serves_for_three_days_until_its_owner_has_chosen_another() -> None:
    account = made("x", "71", {"head"}, "kept", None, NOW)
    assert account.may_enter(NOW + ONE_TIME_LIVES - timedelta(seconds=1))
    assert not account.may_enter(NOW + ONE_TIME_LIVES)
    assert account.with_password("own").may_enter(NOW + ONE_TIME_LIVES)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [({}, "abi"), ({"find": "B"}, "b"), ({"role": "administrator"}, "ab"), ({"state": "locked"}, "b"),
     ({"region": "75"}, "i"), ({"after": "a"}, "bi"), ({"find": "b", "role": "head"}, "")],
)  # fmt: skip
def test_the_list_is_narrowed_by_every_word_of_the_filter(wanted: dict[str, str], found: str) -> None:
    accounts = [
        an_account("i").model_copy(update={"region": "75"}), an_account("b", "administrator", State.LOCKED),
        an_account("a", "administrator"),
    ]  # fmt: skip
    assert "".join(line.id for line in Filter.of(wanted).chosen(lines(accounts, (), NOW))) == found
