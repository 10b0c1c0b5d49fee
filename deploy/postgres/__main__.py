"""`python -m deploy.postgres`: roles, schemas and tables, once; what is there already is left as it is.

In the folder that KUALIK_SECRETS names: `kualik_database_url` (the administrator's address of the database to fill) and
`roles.json` (role in underscores → its password).
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from deploy.postgres.bootstrap import bootstrap, connected, make_schemas
from deploy.postgres.migrate import EditedMigration, migrate, plan
from shared.settings import SECRETS


async def fill(url: str, passwords: dict[str, str]) -> list[str]:
    """What was applied, as `schema: file`. Raises `EditedMigration`."""
    parts = urlsplit(url)
    await bootstrap(urlunsplit(parts._replace(path="/postgres")), parts.path.removeprefix("/"), passwords)
    async with connected(url) as connection:
        await make_schemas(connection, passwords)
        return await migrate(connection, plan(list(passwords)))


def main() -> int:
    secrets = Path(os.environ[SECRETS])
    url = (secrets / "kualik_database_url").read_text(encoding="utf-8").strip()
    roles = json.loads((secrets / "roles.json").read_text(encoding="utf-8"))
    try:
        applied = asyncio.run(fill(url, roles))
    except EditedMigration as failure:
        print(failure, file=sys.stderr)
        return 1
    print("\n".join(applied) or "everything was there")
    return 0


if __name__ == "__main__":
    sys.exit(main())
