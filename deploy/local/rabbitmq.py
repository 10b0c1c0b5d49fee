"""A RabbitMQ of our own, from unpacked Debian packages: its own cookie, epmd, ports and data, all on 127.0.0.1."""

from __future__ import annotations

import json
import platform
import re
import secrets
import shutil
import signal
from pathlib import Path

import httpx

from deploy.local import belongings, debian
from deploy.local.addresses import BrokerAddress, with_administrator
from deploy.local.broker_api import Definitions, broker_answers
from deploy.local.child import Child, CommandFailed, poll
from deploy.local.folder import RunFolder, write_private

BOOT_PATIENCE, STOP_PATIENCE = 90.0, 20.0  # seconds


class RabbitMQ:
    """`start` fetches it when needed and loads the definitions at boot; the data outlives `stop` and `kill`."""

    def __init__(self, folder: RunFolder, tell: debian.Tell = print) -> None:
        self._folder, self._tell = folder, tell
        self._home = folder.data / "rabbitmq"
        self._root = folder.packages
        self._node: Child | None = None
        self._epmd: Child | None = None
        self._address: BrokerAddress | None = None

    @property
    def address(self) -> BrokerAddress:
        assert self._address is not None, "the broker was never started"
        return self._address

    @property
    def node(self) -> Child:
        assert self._node is not None, "the broker was never started"
        return self._node

    async def start(self, definitions: Definitions | None = None) -> BrokerAddress:
        """Returns when it answers. Raises `CommandFailed`."""
        root = await debian.unpack(self._folder, "rabbitmq-server", ("erlang-",), self._tell)
        _point_erlang_at(root)
        self._root = root
        folder, home = self._folder, self._home
        home.mkdir(parents=True, exist_ok=True)
        home.chmod(0o700)
        port, web = folder.port("amqp"), folder.port("management")
        self._address = BrokerAddress(
            "127.0.0.1", port, f"http://127.0.0.1:{web}", "administrator", folder.secret("administrator")
        )
        write_private(home / "definitions.json", json.dumps(with_administrator(definitions or {}, self._address)))
        self._write_settings(web)
        env = self._environment(root, port)
        erlang = root / "usr/lib/erlang"
        epmd = next(iter(sorted(erlang.glob("erts-*/bin/epmd"))), erlang / "bin/epmd")
        self._epmd = Child(
            folder, "epmd", [str(epmd), "-address", "127.0.0.1", "-port", env["ERL_EPMD_PORT"]], env,
            port=int(env["ERL_EPMD_PORT"]),
        )  # fmt: skip
        server = next((root / "usr/lib/rabbitmq/lib").glob("rabbitmq_server-*")) / "sbin/rabbitmq-server"
        self._node = Child(
            folder, "rabbitmq", ["/bin/sh", str(server)], env, port=port, cwd=home, at_our_death=signal.SIGTERM
        )
        await self._boot()
        return self._address

    async def restart(self) -> None:
        """After `stop` or `kill`: the same address, the data as it was left."""
        await self._boot()

    async def stop(self, *, keep: bool = True) -> None:
        """What is not kept is killed: a polite stop takes six seconds."""
        if not keep:
            for child in (self._node, self._epmd):
                if child is not None:
                    await child.kill()
        if self._node is not None:
            await self._node.stop(patience=STOP_PATIENCE)
        if self._epmd is not None:
            await self._epmd.stop(patience=1.0)

    async def kill(self) -> None:
        """SIGKILL of the node, as a crash would; epmd stays."""
        await self.node.kill()

    async def _boot(self) -> None:
        assert self._epmd is not None
        self._tell("Starting RabbitMQ …")
        await self._epmd.start()
        await self.node.start()
        async with httpx.AsyncClient(timeout=2.0, trust_env=False) as client:
            await poll(lambda: broker_answers(client, self.address), self.node, BOOT_PATIENCE, "RabbitMQ answers")
        program = belongings.program_of(self.node.pid)
        if not program.is_relative_to(self._root):
            await self.stop()
            raise CommandFailed(
                f"RabbitMQ runs from {program} and not from {self._root}: the machine's own Erlang was used."
            )

    def _write_settings(self, web: int) -> None:
        lines = [
            "loopback_users = none",
            "management.tcp.ip = 127.0.0.1",
            f"management.tcp.port = {web}",
            "prometheus.tcp.ip = 127.0.0.1",
            f"prometheus.tcp.port = {self._folder.port('broker-metrics')}",
            f"load_definitions = {self._home / 'definitions.json'}",
            "vm_memory_high_watermark.absolute = 1GiB",
            "disk_free_limit.absolute = 200MB",
            "heartbeat = 10",
            "log.console = true",
            "log.console.level = info",
            "log.file = false",
            "collect_statistics_interval = 2000",
        ]
        write_private(self._home / "rabbitmq.conf", "\n".join(lines) + "\n")
        write_private(self._home / "enabled_plugins", "[rabbitmq_management,rabbitmq_prometheus].\n")
        cookie = self._home / ".erlang.cookie"
        if not cookie.exists():
            write_private(cookie, secrets.token_hex(20))
            cookie.chmod(0o400)

    def _environment(self, root: Path, port: int) -> dict[str, str]:
        home, folder = self._home, self._folder
        libraries = root / "usr/lib" / f"{platform.machine()}-linux-gnu"
        return {
            "PATH": f"{root}/usr/lib/erlang/bin:/usr/bin:/bin",
            "HOME": str(home),
            "LC_ALL": "C.UTF-8",
            "LD_LIBRARY_PATH": f"{libraries}:{root}/lib/{libraries.name}",
            "RUNNING_UNDER_SYSTEMD": "true",  # the script becomes the node, so that the pid we hold is the node's
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(folder.port("epmd")),
            "ERL_CRASH_DUMP_SECONDS": "0",
            "RABBITMQ_NODENAME": "kualik@localhost",
            "RABBITMQ_NODE_PORT": str(port),
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_DIST_PORT": str(folder.port("erlang-distribution")),
            "RABBITMQ_MNESIA_BASE": str(home / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder.logs),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"),
            "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
            "RABBITMQ_CONFIG_FILES": str(home / "conf.d"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(home / "advanced.config"),
            "RABBITMQ_PID_FILE": str(home / "rabbitmq.pid"),
            "RABBITMQ_CONF_ENV_FILE": str(home / "rabbitmq-env.conf"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(home / "generated"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
                "-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none"
            ),
        }


def _point_erlang_at(root: Path) -> None:
    """Debian's `erl` names its own folder; unchanged, a system Erlang would be used without a word."""
    erlang = root / "usr/lib/erlang"
    for script in (erlang / "bin/erl", *erlang.glob("erts-*/bin/erl")):
        text = script.read_text(encoding="utf-8")
        pointed = re.sub(r"^(\s*)ROOTDIR=/.*$", rf'\1ROOTDIR="{erlang}"', text, flags=re.MULTILINE)
        if pointed != text:
            fresh = script.with_name(f"erl.{secrets.token_hex(4)}")
            fresh.write_text(pointed, encoding="utf-8")
            shutil.copymode(script, fresh)
            fresh.replace(script)
