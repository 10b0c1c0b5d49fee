"""The container engine's own commands: which compose there is, what of a project runs, and a hand on each container."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deploy.containers.prepare import MADE
from deploy.local.child import CommandFailed
from deploy.local.folder import REPOSITORY

SERVICE_LABEL = "com.docker.compose.service"
PROJECT_LABEL = "com.docker.compose.project"
NO_ENGINE = (
    "No container engine answers here. On Debian: sudo apt-get install --no-install-recommends docker.io "
    "docker-compose debootstrap && sudo systemctl start docker (without systemd: sudo dockerd &), then make images. "
    "Without an engine everything but the containers works: make demo, make test."
)


class NoEngine(CommandFailed):
    """There is no container engine, none that we may use, or no compose for it; the text says how to get one."""


def compose_command() -> list[str]:
    """Compose v2 where the engine has it, else docker-compose. Raises `NoEngine`."""
    if not _succeeds("docker", "version"):
        raise NoEngine(NO_ENGINE)
    if _succeeds("docker", "compose", "version"):
        return ["docker", "compose"]
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    raise NoEngine("The engine has no compose. On Debian: sudo apt-get install --no-install-recommends docker-compose")


def has_image(name: str) -> bool:
    return _succeeds("docker", "image", "inspect", name)


def label_of(image: str, label: str) -> str:
    """What the image's label says; nothing where there is no image, or no such label."""
    argv = ["docker", "image", "inspect", "--format", f'{{{{index .Config.Labels "{label}"}}}}', image]
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def has_made_images() -> bool:
    """Whether broker and database were made here by `make images`."""
    return all(has_image(name) for name in MADE.values())


def _succeeds(*argv: str) -> bool:
    if shutil.which(argv[0]) is None:
        return False
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
    return done.returncode == 0


async def said(argv: Sequence[str], env: Mapping[str, str] | None = None, patience: float = 300.0) -> str:
    """Run it to its end and give what it said. Raises `CommandFailed` with its last lines."""
    process = await asyncio.create_subprocess_exec(
        *argv,
        env={**os.environ, **(env or {})},
        cwd=REPOSITORY,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(patience):
            out, err = await process.communicate()
    except BaseException:
        if process.returncode is None:
            process.kill()
            await process.wait()
        raise
    if process.returncode != 0:
        last = "\n".join(err.decode(errors="replace").splitlines()[-12:])
        raise CommandFailed(f"`{' '.join(argv[:8])} …` ended with {process.returncode}:\n{last}")
    return out.decode(errors="replace")


@dataclass(frozen=True)
class Project:
    """One compose project: its name, its `--env-file`, its profiles, and what compose is told beside the file."""

    name: str
    variables: Path
    profiles: Sequence[str] = ("sandbox",)
    settings: Mapping[str, str] = field(default_factory=dict)

    async def compose(self, *words: str, patience: float = 300.0) -> str:
        """`docker-compose …` for this project. Raises `CommandFailed`, `NoEngine`."""
        profiles = [part for each in self.profiles for part in ("--profile", each)]
        argv = [*compose_command(), "-p", self.name, "--env-file", str(self.variables), *profiles, *words]
        return await said(argv, self.settings, patience)

    async def container(self, service: str) -> str:
        """The id of the service's container, running or not. Raises `CommandFailed`."""
        labels = (f"label={PROJECT_LABEL}={self.name}", f"label={SERVICE_LABEL}={service}")
        found = await said(["docker", "ps", "-aq", "--no-trunc", *(part for each in labels for part in ("-f", each))])
        if not found.split():
            raise CommandFailed(f"{service} has no container in the project {self.name}")
        return found.split()[0]

    async def do(self, verb: str, service: str, *words: str) -> str:
        """`docker VERB … container`, as kill, pause, unpause, start, restart, inspect."""
        return await said(["docker", verb, *words, await self.container(service)])

    async def cut(self, service: str, network: str) -> None:
        """Take the service off this network, as a cable that is pulled."""
        await said(["docker", "network", "disconnect", f"{self.name}_{network}", await self.container(service)])

    async def plug(self, service: str, network: str) -> None:
        """Back onto the network, under its name."""
        id = await self.container(service)
        await said(["docker", "network", "connect", "--alias", service, f"{self.name}_{network}", id])

    async def healthy(self, service: str) -> bool:
        told = await self.do("inspect", service, "--format", "{{.State.Running}} {{.State.Health.Status}}")
        return told.split() == ["true", "healthy"]

    async def healthy_all(self) -> list[str]:
        """The containers with a health check that are not well."""
        argv = ["docker", "ps", "-a", "-f", f"label={PROJECT_LABEL}={self.name}"]
        told = await said([*argv, "--format", '{{.Label "com.docker.compose.service"}}\t{{.Status}}'])
        rows = [line.split("\t") for line in told.splitlines() if "\t" in line]
        return [name for name, status in rows if name != "migrations" and "(healthy)" not in status]
