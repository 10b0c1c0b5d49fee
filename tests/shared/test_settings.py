"""Settings come from the environment or from files, and keep their secrets."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from shared.settings import MissingSetting, Settings


def test_a_setting_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUALIK_SMTP_PORT", "2525")
    monkeypatch.setenv("KUALIK_TRACES_FILE", ".local/traces/payment.jsonl")
    monkeypatch.setenv("KUALIK_LIMITS", '{"consent_minutes": 5}')
    settings = Settings()
    assert settings.smtp_port == 2525
    assert settings.traces_file == Path(".local/traces/payment.jsonl")
    assert settings.limits == {"consent_minutes": 5}


def test_a_secret_may_stand_in_a_file_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "kualik_amqp_url").write_text("amqp://payment:from-file@broker/\n", encoding="utf-8")
    (tmp_path / "kualik_database_url").write_text("postgresql://payment:from-file@db/", encoding="utf-8")
    monkeypatch.setenv("KUALIK_SECRETS", str(tmp_path))
    monkeypatch.setenv("KUALIK_DATABASE_URL", "postgresql://payment:from-environment@db/")
    settings = Settings()
    assert settings.amqp_url == "amqp://payment:from-file@broker/"
    assert settings.database_url == "postgresql://payment:from-environment@db/"


def test_passwords_show_neither_in_a_repr_nor_in_an_error() -> None:
    settings = Settings(amqp_url="amqp://payment:hush@broker/", database_url="postgresql://payment:hush@db/")
    assert "hush" not in repr(settings)
    with pytest.raises(ValidationError) as refused:
        Settings(http_port="hush")
    assert "hush" not in str(refused.value)


def test_a_missing_setting_is_named_by_its_variable() -> None:
    settings = Settings(amqp_url="amqp://broker/")
    settings.needs("amqp_url")
    with pytest.raises(MissingSetting, match="KUALIK_DATABASE_URL, KUALIK_SHEP_URL"):
        settings.needs("amqp_url", "database_url", "shep_url")
