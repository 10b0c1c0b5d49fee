"""What `make images` made: small, for an ordinary user, and in each the program that its name promises."""

from __future__ import annotations

import json
import secrets
import subprocess
from pathlib import Path

import asyncpg
import pytest
from testcontainers.core.container import DockerContainer

from deploy.containers.composed import IMAGE, image_is_fresh
from deploy.containers.prepare import INSIDE, MADE
from deploy.local.child import until
from shared.process import SERVICES

SMALL = 350e6  # bytes, uncompressed
LOCKED = ("--rm", "--read-only", "--network", "none", "--cap-drop", "ALL", "--tmpfs", "/tmp")


def docker(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["docker", *words], capture_output=True, text=True, timeout=120, check=False)


def test_the_services_image_is_small_runs_as_nobody_and_says_when_it_is_well() -> None:
    (image,) = json.loads(docker("image", "inspect", IMAGE).stdout)
    assert image["Size"] < SMALL
    assert image["Config"]["User"] == f"{INSIDE}:{INSIDE}"
    assert image["Config"]["Healthcheck"]["Test"] == ["CMD", "/usr/local/bin/healthy"]
    assert not [entry for entry in image["Config"]["Env"] if "PASSWORD" in entry or "://" in entry]


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_starts_from_it_on_a_read_only_root_and_names_what_it_lacks(service: str) -> None:
    told = docker("run", *LOCKED, IMAGE, f"services.{service.replace('-', '_')}")
    assert told.returncode == 1
    assert "KUALIK_AMQP_URL, KUALIK_DATABASE_URL" in told.stderr


def test_it_is_of_the_source_that_lies_here() -> None:
    assert image_is_fresh()


def test_nothing_in_it_installs_packages_and_its_tests_are_not_there() -> None:
    shell = "command -v apt-get pip gcc; ls -d /opt/kualik/app/*; touch /opt/kualik/x"
    told = docker("run", *LOCKED, "--entrypoint", "bash", IMAGE, "-c", shell)
    assert told.stdout.split() == [f"/opt/kualik/app/{name}" for name in ("deploy", "services", "shared")]
    assert "Read-only file system" in told.stderr


def test_faces_are_found_with_the_libraries_that_stayed() -> None:
    look = (
        "import numpy, cv2\n"
        "from services.identity_verification.photo import face\n"
        "assert not face._cascade('frontalface_alt2').empty()\n"
        "print(cv2.solve(numpy.eye(3) * 2, numpy.ones((3, 1)), flags=cv2.DECOMP_SVD)[1].ravel().tolist())"
    )
    told = docker("run", *LOCKED, "--entrypoint", "python3", IMAGE, "-c", look)
    assert told.stdout.strip() == "[0.5, 0.5, 0.5]", told.stderr


def test_dates_are_written_in_both_languages_of_the_pages_and_people_can_sign_in() -> None:
    look = (
        "from datetime import date\n"
        "import deploy.identity.__main__\n"
        "from shared.web.languages import LANGUAGES, day\n"
        "print(*(day(date(2025, 10, 6), language) for language in LANGUAGES), sep='|')"
    )
    told = docker("run", *LOCKED, "--entrypoint", "python3", IMAGE, "-c", look)
    assert told.stdout.split("|") == ["2025\u202fж. 6 қазан", "6 октября 2025\u202fг.\n"], told.stderr


def test_papers_are_made_with_the_parts_of_the_font_library_that_stayed() -> None:
    look = (
        "from datetime import UTC, datetime\n"
        "from shared.documents.paper import Paper, Row, pdf_of\n"
        "rows = [Row('Әріптер', 'Буквы', 'ӘҒҚҢӨҰҮҺІ', '₸')]\n"
        "made = pdf_of(Paper('Тақырып', 'Заголовок', rows, 'Соңы', 'Конец', datetime(2025, 10, 6, tzinfo=UTC)))\n"
        "print(made[:5], b'DejaVuSans' in made)"
    )
    told = docker("run", *LOCKED, "--entrypoint", "python3", IMAGE, "-c", look)
    assert told.stdout.split() == ["b'%PDF-'", "True"], told.stderr


async def test_the_database_image_keeps_its_administrators_word(tmp_path: Path) -> None:
    word = secrets.token_urlsafe(12)
    (tmp_path / "word").write_text(word)
    (tmp_path / "word").chmod(0o444)
    container = DockerContainer(MADE["KUALIK_DATABASE_IMAGE"]).with_exposed_ports(5432)
    container.with_volume_mapping(str(tmp_path / "word"), "/run/secrets/word")
    container.with_env("POSTGRES_PASSWORD_FILE", "/run/secrets/word")
    with container:
        port = int(container.get_exposed_port(5432))

        async def lets_in() -> bool:
            try:
                connection = await asyncpg.connect(
                    host="127.0.0.1", port=port, user="postgres", password=word, timeout=2
                )
            except (OSError, asyncpg.PostgresError, TimeoutError):
                return False
            await connection.close()
            return True

        assert await until(lets_in, 60.0)
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(host="127.0.0.1", port=port, user="postgres", password="other", timeout=5)
