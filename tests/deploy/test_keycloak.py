"""The realm for Keycloak says to the console what the console reads: its roles, its region, its name of an account."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from services.production_dispatch.web.counter import HOME as DESK
from services.ums_review.web.console import HOME
from shared.law.regions import REGIONS
from shared.settings import Settings
from shared.web.officers import Role
from shared.web.oidc import Claims

FILE = Path("deploy/identity/keycloak-realm.json")
REALM: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
(CLIENT,) = REALM["clients"]
MAPPERS: dict[str, dict[str, Any]] = {each["config"]["claim.name"]: each for each in CLIENT["protocolMappers"]}


def test_its_roles_are_the_consoles() -> None:
    assert sorted(role["name"] for role in REALM["roles"]["realm"]) == sorted(Role)


def test_every_claim_that_is_read_of_a_person_stands_in_the_id_token() -> None:
    by_the_protocol = {"iss", "aud", "azp", "exp", "iat", "nonce", "acr"}
    assert {*MAPPERS} == {*Claims.model_fields} - by_the_protocol
    assert all(each["config"]["id.token.claim"] == "true" for each in MAPPERS.values())
    assert MAPPERS["roles"]["protocolMapper"] == "oidc-usermodel-realm-role-mapper"
    assert MAPPERS["roles"]["config"]["multivalued"] == "true"
    assert MAPPERS["preferred_username"]["config"]["user.attribute"] == "username"


def test_the_region_comes_from_the_group_of_the_region() -> None:
    assert MAPPERS["region"]["config"]["user.attribute"] == "region"
    assert {group["name"]: group["attributes"]["region"] for group in REALM["groups"]} == {
        f"region-{code}": [code] for code in REGIONS
    }


def test_its_one_client_is_public_with_pkce_and_comes_back_to_console_and_desk_alone() -> None:
    assert CLIENT["clientId"] == Settings.model_fields["issuer_client"].default
    assert CLIENT["publicClient"]
    assert CLIENT["standardFlowEnabled"]
    assert not any(CLIENT[f"{way}Enabled"] for way in ("implicitFlow", "directAccessGrants", "serviceAccounts"))
    assert CLIENT["attributes"] == {"pkce.code.challenge.method": "S256", "id.token.signed.response.alg": "RS256"}
    assert CLIENT["redirectUris"] == [
        f"${{KUALIK_CONSOLE_URL}}{HOME}/signed-in", f"${{KUALIK_ISSUE_DESK_URL}}{DESK}/signed-in",
    ]  # fmt: skip


def test_it_holds_no_account_and_no_secret_and_compose_hands_it_over() -> None:
    assert not {"users", "secret", "credentials"} & {*REALM, *CLIENT}
    assert not REALM["registrationAllowed"]
    assert REALM["bruteForceProtected"]
    keycloak = yaml.safe_load(Path("docker-compose.yml").read_text(encoding="utf-8"))["services"]["keycloak"]
    assert any(volume.startswith(f"./{FILE}:/opt/keycloak/data/import/") for volume in keycloak["volumes"])
    assert keycloak["environment"]["KUALIK_CONSOLE_URL"].startswith("${KUALIK_CONSOLE_URL:-")
    assert keycloak["secrets"] == ["keycloak"]
