"""`python -m deploy.identity.address <key folder> < address.json`: the `address_index` of an officer's account.

The address comes by the standard input, in the fields of `shared.law.person.Address` as ГБД ФЛ has them:
`{"district": {"code": "1902"}, "region": {"code": "…"}, "city": "…", "street": "…", "building": "12", "flat": "5"}`.
It is kept nowhere.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pydantic import ValidationError

from shared.law.address import address_index
from shared.law.person import Address
from shared.security import keyring


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.identity.address")
    parser.add_argument("key_folder", type=Path)
    folder: Path = parser.parse_args().key_folder
    try:
        index = address_index(Address.model_validate_json(sys.stdin.read()), keyring.load(folder).blind_index)
    except ValidationError:
        return _refused("This address does not read.")
    except keyring.KeysUnusable as error:
        return _refused(str(error))
    if index is None:
        return _refused("This address names no house.")
    sys.stdout.write(f"{index}\n")
    return 0


def _refused(why: str) -> int:
    sys.stderr.write(f"{why}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
