"""Each service's schema.sql is what its dataclasses say."""

from __future__ import annotations

from pathlib import Path

import pytest

import services
from shared.engine.schema import service_named, tables_sql
from shared.process import SERVICES

HERE = Path(services.__file__ or "").parent
THERE = [name for name in SERVICES if (HERE / name.replace("-", "_") / "store.py").exists()]


@pytest.mark.parametrize("name", THERE)
def test_the_schema_that_is_kept_is_the_schema_that_is_declared(name: str) -> None:
    kept = (HERE / name.replace("-", "_") / "schema.sql").read_text(encoding="utf-8")
    assert kept == tables_sql(service_named(name))


@pytest.mark.parametrize("name", THERE)
def test_a_service_runs_under_the_name_that_the_process_gives_it(name: str) -> None:
    assert service_named(name).name == name
