"""Debian packages fetched and unpacked into a folder of ours: nothing is installed, and no root is needed."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from deploy.local.child import CommandFailed, run_to_end
from deploy.local.folder import RunFolder

Tell = Callable[[str], None]
NO_MORE = [f"--no-{kind}" for kind in ("recommends", "suggests", "conflicts", "breaks", "replaces", "enhances")]


def is_possible() -> bool:
    return all(shutil.which(tool) for tool in ("apt-get", "apt-cache", "dpkg"))


async def unpack(folder: RunFolder, package: str, prefixes: tuple[str, ...], tell: Tell) -> Path:
    """The root folder of the unpacked package: with those it depends on, and with what this machine lacks of libraries.

    `prefixes` choose among the dependencies; those are unpacked even when installed, so that all comes from one place.
    Fetched once. Raises `CommandFailed`.
    """
    root = folder.packages / package
    if (root / "complete").exists():
        return root
    tell(f"Fetching {package} with apt-get (once) …")
    fresh = folder.packages / f"{package}.{os.getpid()}"
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        await _fetch(folder, fresh, package, prefixes)
        tell(f"Unpacking {package} …")
        for archive in sorted((fresh / "archives").glob("*.deb")):
            await run_to_end(folder, "dpkg", ["dpkg", "-x", str(archive), str(fresh)], _environment(fresh))
        for used_up in ("archives", "lists", "cache"):
            shutil.rmtree(fresh / used_up)
        (fresh / "complete").touch()
        _settle(fresh, root)
    except CommandFailed as failure:
        raise CommandFailed(
            f"{package} could not be fetched. With no network, give a server by address.\n{failure}"
        ) from None
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return root


def _settle(fresh: Path, root: Path) -> None:
    """Put it in place; another run with the same cache may have been faster."""
    if root.exists() and not (root / "complete").exists():
        shutil.rmtree(root)
    try:
        fresh.rename(root)
    except OSError:
        if not (root / "complete").exists():
            raise


async def _fetch(folder: RunFolder, fresh: Path, package: str, prefixes: tuple[str, ...]) -> None:
    archives = fresh / "archives"
    for path in (archives, fresh / "lists/partial", fresh / "cache/archives/partial"):
        path.mkdir(parents=True)
    own = [
        *("-o", f"Dir::State::Lists={fresh / 'lists'}", "-o", f"Dir::Cache={fresh / 'cache'}"),
        *("-o", "Debug::NoLocking=1", "-o", "APT::Sandbox::User=", "-o", "Acquire::Languages=none", "-q"),
    ]
    env = _environment(fresh)
    await run_to_end(folder, "apt-update", ["apt-get", *own, "update"], env)
    needed = await _ask(["apt-cache", *own, "depends", "--recurse", *NO_MORE, package], env)
    names = {line for line in needed.splitlines() if line.startswith((package, *prefixes)) and " " not in line}
    missing = await _ask(["apt-get", *own, "-s", "install", "--no-install-recommends", package], env)
    names |= {line.split()[1] for line in missing.splitlines() if line.startswith("Inst lib")}
    if package not in names:
        raise CommandFailed(f"apt knows no package {package} here.")
    await run_to_end(folder, "apt-download", ["apt-get", *own, "download", *sorted(names)], env, cwd=archives)


async def _ask(argv: list[str], env: dict[str, str]) -> str:
    process = await asyncio.create_subprocess_exec(
        *argv, env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        out, _ = await process.communicate()
    except BaseException:
        process.kill()
        await process.wait()
        raise
    return out.decode(errors="replace")


def _environment(home: Path) -> dict[str, str]:
    passed = {key: value for key, value in os.environ.items() if key.lower().endswith("_proxy") or key == "APT_CONFIG"}
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(home), "LC_ALL": "C.UTF-8", **passed}
