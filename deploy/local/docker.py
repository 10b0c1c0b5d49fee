"""The last resort where there is neither apt nor a given address: the two servers as containers, data and all ours."""

from __future__ import annotations

import os
import shutil

import asyncpg
import httpx

from deploy.local.addresses import BrokerAddress, DatabaseAddress
from deploy.local.broker_api import Definitions, broker_answers, upload
from deploy.local.child import CommandFailed, run_to_end, until
from deploy.local.debian import Tell
from deploy.local.folder import RunFolder, write_private

BROKER_IMAGE, DATABASE_IMAGE = "rabbitmq:4-management", "postgres:17"
PATIENCE = 120.0  # seconds, pulling excepted


def is_possible() -> bool:
    return shutil.which("docker") is not None


class Container:
    """One container under a name of this folder's own; it goes, with its data, when it is stopped."""

    def __init__(self, folder: RunFolder, kind: str, image: str, ports: dict[int, int], env: dict[str, str]) -> None:
        self._folder, self._kind, self._image, self._ports, self._env = folder, kind, image, ports, env
        self._name = f"{folder.name}-{kind}"

    async def start(self) -> None:
        await self.remove()
        secrets = self._folder.run / f"{self._kind}.env"
        write_private(secrets, "".join(f"{key}={value}\n" for key, value in self._env.items()))
        published = [part for ours, its in self._ports.items() for part in ("-p", f"127.0.0.1:{ours}:{its}")]
        await self.docker("run", "-d", "--name", self._name, "--env-file", str(secrets), *published, self._image)

    async def again(self) -> None:
        await self.docker("start", self._name)

    async def kill(self) -> None:
        await self.docker("kill", self._name)

    async def remove(self) -> None:
        await self.docker("rm", "-f", "-v", self._name)

    async def docker(self, *arguments: str) -> None:
        await run_to_end(self._folder, f"docker-{self._kind}", ["docker", *arguments], dict(os.environ))


class DockerBroker:
    """RabbitMQ in a container."""

    def __init__(self, folder: RunFolder, tell: Tell) -> None:
        self._tell, web, port = tell, folder.port("management"), folder.port("amqp")
        self.address = BrokerAddress(
            "127.0.0.1", port, f"http://127.0.0.1:{web}", "administrator", folder.secret("administrator")
        )
        env = {"RABBITMQ_DEFAULT_USER": self.address.user, "RABBITMQ_DEFAULT_PASS": self.address.password}
        self._container = Container(folder, "rabbitmq", BROKER_IMAGE, {port: 5672, web: 15672}, env)

    async def start(self, definitions: Definitions) -> BrokerAddress:
        self._tell(f"Starting {BROKER_IMAGE} with docker …")
        await self._container.start()
        await self._wait()
        await upload(self.address, definitions)
        return self.address

    async def restart(self) -> None:
        await self._container.again()
        await self._wait()

    async def stop(self, *, keep: bool = True) -> None:
        await self._container.remove()

    async def kill(self) -> None:
        await self._container.kill()

    async def _wait(self) -> None:
        async with httpx.AsyncClient(timeout=2.0, trust_env=False) as client:
            if not await until(lambda: broker_answers(client, self.address), PATIENCE):
                raise CommandFailed(f"RabbitMQ in docker does not answer after {PATIENCE:.0f} s.")


class DockerDatabase:
    """PostgreSQL in a container."""

    def __init__(self, folder: RunFolder, tell: Tell) -> None:
        self._tell, port = tell, folder.port("postgres")
        self.address = DatabaseAddress("127.0.0.1", port, "postgres", folder.secret("postgres"))
        env = {"POSTGRES_PASSWORD": self.address.password}
        self._container = Container(folder, "postgres", DATABASE_IMAGE, {port: 5432}, env)

    async def start(self) -> DatabaseAddress:
        self._tell(f"Starting {DATABASE_IMAGE} with docker …")
        await self._container.start()
        await self._wait()
        return self.address

    async def restart(self) -> None:
        await self._container.again()
        await self._wait()

    async def stop(self, *, keep: bool = True) -> None:
        await self._container.remove()

    async def kill(self) -> None:
        await self._container.kill()

    async def _wait(self) -> None:
        if not await until(self._answers, PATIENCE):
            raise CommandFailed(f"PostgreSQL in docker does not answer after {PATIENCE:.0f} s.")

    async def _answers(self) -> bool:
        try:
            connection = await asyncpg.connect(self.address.url(), timeout=2)
        except (OSError, asyncpg.PostgresError, TimeoutError):
            return False
        await connection.close()
        return True
