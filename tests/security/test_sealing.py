"""Sealed data opens for its own application under its own key, and in no other case."""

from __future__ import annotations

import itertools
import stat
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.base import SealBroken, Sealer
from shared.security.keyring import Keyring, KeysUnusable, Nonces, generate, load, load_portal_public, system_nonces
from shared.security.sealing import KeyringSealer, PortalSealer, blind_index

KEYS = Keyring.derived(b"a seed for tests, thirty-two or so")
OTHER = Keyring.derived(b"another seed")
MINE, YOURS = UUID(int=1), UUID(int=2)


def counting() -> Nonces:
    count = itertools.count(1)
    return lambda size: next(count).to_bytes(size)


def service(keys: Keyring = KEYS, month: str = "2025-10") -> KeyringSealer:
    return KeyringSealer(keys, system_nonces, lambda: month)


def portal() -> PortalSealer:
    return PortalSealer(KEYS.portal_public(), system_nonces)


both = pytest.mark.parametrize("sealer", [service(), portal()], ids=["service", "portal"])


@both
@given(clear=st.binary(max_size=2000), application=st.uuids())
def test_what_was_sealed_opens_again(sealer: Sealer, clear: bytes, application: UUID) -> None:
    assert service().open(sealer.seal(clear, application), application) == clear


@both
@given(clear=st.binary(max_size=64), at=st.integers(min_value=0), character=st.sampled_from("AZaz09-_.=+ é"))
def test_an_altered_token_does_not_open(sealer: Sealer, clear: bytes, at: int, character: str) -> None:
    token = sealer.seal(clear, MINE)
    at %= len(token)
    altered = token[:at] + character + token[at + 1 :]
    if altered != token:
        with pytest.raises(SealBroken):
            service().open(altered, MINE)


@both
@given(cut=st.integers(min_value=1, max_value=60))
def test_a_shortened_or_lengthened_token_does_not_open(sealer: Sealer, cut: int) -> None:
    token = sealer.seal(b"900115390019", MINE)
    for altered in (token[:-cut], token + "A" * cut, token + "=" * cut):
        with pytest.raises(SealBroken):
            service().open(altered, MINE)


@both
def test_a_token_belongs_to_one_application(sealer: Sealer) -> None:
    with pytest.raises(SealBroken):
        service().open(sealer.seal(b"900115390019", MINE), YOURS)


@both
def test_another_installation_opens_nothing(sealer: Sealer) -> None:
    with pytest.raises(SealBroken):
        service(OTHER).open(sealer.seal(b"900115390019", MINE), MINE)


def test_a_token_renamed_to_another_month_does_not_open() -> None:
    token = service().seal(b"900115390019", MINE)
    for month in ("2025-11", "2025-13", "1999-10", "", "2025-1", "２０25-10"):
        with pytest.raises(SealBroken):
            service().open(token.replace("2025-10", month), MINE)


def test_any_month_opens_later() -> None:
    token = service(month="2025-10").seal(b"clear", MINE)
    assert service(month="2026-03").open(token, MINE) == b"clear"


def test_kinds_of_token_do_not_pass_for_each_other() -> None:
    for sealer in (service(), portal()):
        kind, key, body = sealer.seal(b"clear", MINE).split(".")
        with pytest.raises(SealBroken):
            service().open(".".join(("p1" if kind == "s1" else "s1", key, body)), MINE)


@given(st.text(max_size=80))
def test_nonsense_is_a_broken_seal_and_nothing_else(token: str) -> None:
    with pytest.raises(SealBroken):
        service().open(token, MINE)


@given(st.binary(max_size=120))
def test_forged_portal_tokens_do_not_open(body: bytes) -> None:
    kind, key, _ = portal().seal(b"clear", MINE).split(".")
    with pytest.raises(SealBroken):
        service().open(f"{kind}.{key}.{body.hex()}", MINE)


def test_the_portal_cannot_open_what_it_sealed() -> None:
    with pytest.raises(SealBroken):
        portal().open(portal().seal(b"clear", MINE), MINE)


def test_a_broken_seal_says_nothing_of_the_content() -> None:
    token = service().seal(b"900115390019", MINE)
    with pytest.raises(SealBroken) as caught:
        service().open(token, YOURS)
    assert token[12:] not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_the_same_source_of_nonces_gives_the_same_tokens() -> None:
    once, again = (KeyringSealer(KEYS, counting(), lambda: "2025-10") for _ in range(2))
    assert [once.seal(b"x", MINE) for _ in range(3)] == [again.seal(b"x", MINE) for _ in range(3)]
    first, second = (PortalSealer(KEYS.portal_public(), counting()) for _ in range(2))
    assert first.seal(b"x", MINE) == second.seal(b"x", MINE)


def test_an_unusable_month_is_never_sealed_under() -> None:
    with pytest.raises(KeyError):
        service(month="October").seal(b"x", MINE)


def test_the_blind_index_needs_its_key() -> None:
    index = blind_index(b"k" * 32, "900115390019")
    assert len(index) == 32
    assert int(index, 16) > 0
    assert index == blind_index(b"k" * 32, "900115390019")
    assert index != blind_index(b"j" * 32, "900115390019")
    assert index != blind_index(b"k" * 32, "900115391807")
    assert KEYS.blind_index("900115390019") == blind_index(KEYS.index_key, "900115390019")


def test_keys_are_made_once_and_kept_to_their_owner(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    generate(folder)
    first = load(folder)
    generate(folder)
    assert load(folder) == first
    assert first.portal_public() == load_portal_public(folder / "portal.pub")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    secret = [path for path in folder.iterdir() if path.suffix == ".key"]
    assert len(secret) == 4
    assert {stat.S_IMODE(path.stat().st_mode) for path in secret} == {0o600}
    assert len(list(folder.iterdir())) == 5


def test_keys_that_others_may_read_are_not_used(tmp_path: Path) -> None:
    generate(tmp_path / "keys")
    (tmp_path / "keys" / "objects.key").chmod(0o644)
    with pytest.raises(KeysUnusable, match=r"objects\.key"):
        load(tmp_path / "keys")


@pytest.mark.parametrize("content", ["", "zz", "00" * 31, "secret words"])
def test_a_file_that_is_no_key_is_not_used_nor_quoted(tmp_path: Path, content: str) -> None:
    generate(tmp_path / "keys")
    (tmp_path / "keys" / "seal-root.key").write_text(content)
    with pytest.raises(KeysUnusable, match=r"^seal-root\.key is not a key$"):
        load(tmp_path / "keys")


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeysUnusable, match="cannot be read"):
        load(tmp_path)


def test_no_key_shows_in_a_listing_of_the_ring() -> None:
    assert repr(KEYS) == "Keyring()"
