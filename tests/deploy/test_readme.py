"""What `deploy/README.md` says of the outside systems is so: each has its row, and settings and files are there."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.identity.settings import IdentitySettings
from deploy.local import workstations
from deploy.sandbox import channel, keys
from deploy.sandbox.authority import Authority
from deploy.sandbox.faults import KINDS, POSSIBLE
from deploy.sandbox.settings import SandboxSettings
from shared.gateways.catalogue import ASYNCHRONOUS, SERVICES
from shared.gateways.policies import POLICIES
from shared.security import keyring
from shared.settings import SECRETS, Settings

README = Path("deploy/README.md").read_text(encoding="utf-8")
SETTINGS = {*Settings.model_fields, *SandboxSettings.model_fields, *IdentitySettings.model_fields}
ROWS_OF = {
    "kdp": "КДП", "gbdfl": "ГБД ФЛ", "bmg": "БМГ", "zags": "ИС ЗАГС", "address-register": "address register",
    "aissik": "АИС СИК", "rpdrn": "ППО РП ДРН", "digital-id": "Digital-ID", "payment-gateway": "payment gateway",
    "revenue": "revenue authority", "central-node": "central node", "sms": "SMS gateway", "smtp": "e-mail",
    "eds": "НУЦ РК", "ncanode": "NCANode",
}  # fmt: skip
"""Dependency → how the table calls it."""
OURS = {"callbacks", "objects", "laboratory"}
"""Asked or switched like a system of the state's, and none."""


def rows(heading: str) -> list[list[str]]:
    """The cells of the table that follows this line."""
    lines = README[README.index(heading) :].splitlines()
    begins = next(at for at, line in enumerate(lines) if line.startswith("|"))
    table = []
    for line in lines[begins:]:
        if not line.startswith("|"):
            break
        table.append([cell.strip() for cell in line.strip("|").split("|")])
    return table


SYSTEMS = rows("## The state's systems")


def test_the_table_tells_of_each_system_what_an_integrator_asks() -> None:
    columns = ["system (service of ШЭП)", "address", "keys", "format", "source of the format", "what is ours"]
    assert SYSTEMS[0] == columns
    assert all(len(row) == 6 and all(row) for row in SYSTEMS)
    assert len({row[0] for row in SYSTEMS}) == len(SYSTEMS)


@pytest.mark.parametrize("system", sorted({*KINDS, *POLICIES} - OURS))
def test_every_system_that_is_asked_or_can_go_wrong_has_its_row(system: str) -> None:
    assert [row for row in SYSTEMS if ROWS_OF[system] in row[0]]


def test_every_setting_that_is_named_exists() -> None:
    named = set(re.findall(r"KUALIK_([A-Z_]+[A-Z])\b", README))
    assert named
    of_the_runner = {name.removeprefix("KUALIK_") for name in (SECRETS, workstations.SETTING)}
    assert {name.lower() for name in named - of_the_runner} <= SETTINGS


def test_every_address_of_an_outside_system_and_every_way_to_be_known_there_stands_in_the_table() -> None:
    addresses = " ".join(f"{row[1]} {row[2]}" for row in SYSTEMS[2:])
    ours = {"database_url", "sandbox_url"}
    outside = {name for name in Settings.model_fields if name.endswith(("_url", "_host"))} - ours - {"http_host"}
    outside |= {"shep_sender", "shep_password", "shep_signer", "digital_id_key", "company", "company_bin", "smtp_port"}
    assert {name for name in outside if f"KUALIK_{name.upper()}`" not in addresses.replace("=ncanode", "")} == set()


def test_every_key_that_is_named_lies_where_the_table_says(tmp_path: Path) -> None:
    inner, trust = tmp_path / "keys", tmp_path / "trust"
    keyring.generate(inner)
    keys.write(inner)
    authority = Authority.kept_in(inner / keys.AUTHORITY, datetime.now(UTC))
    authority.write_trust(trust)
    channel.write_keys(inner, trust, authority)
    lie = {"key": {path.name for path in inner.iterdir()}, "trust": {path.name for path in trust.iterdir()}}
    found = 0
    for row in SYSTEMS[2:]:
        for part in row[2].split(";"):
            where = part.strip().partition(":")[0]
            named = re.findall(r"`([a-z0-9-]+\.(?:pem|key|p12|password|token))`", part)
            if where in lie:
                found += len(named)
                assert set(named) <= lie[where], row[0]
    assert found >= 10


def test_every_schema_and_service_that_is_named_is_there() -> None:
    schemas = {path.name for path in Path("shared/gateways/schemas").iterdir()}
    for pattern in re.findall(r"`([a-z_*]+\.xsd)`", " ".join(map(" ".join, SYSTEMS))):
        assert [name for name in schemas if re.fullmatch(pattern.replace("*", ".*"), name)], pattern
    services = re.findall(r"\b[A-Za-z]+(?:_[A-Za-z]+)+\b", " ".join(row[0] for row in SYSTEMS[2:]))
    assert {*services} - {"RPDRN_"} <= {*SERVICES, *ASYNCHRONOUS}


def test_every_switch_of_the_sandbox_is_told_of() -> None:
    told = " ".join(row[1] for row in rows("## The sandbox's switches")[2:])
    assert [name for name in POSSIBLE if f"`{name}`" not in told] == ["services"]
    assert "`services` narrows" in README
