"""`python -m deploy.identity.home <key folder> < address.json`: the `address_index` of an officer's account.

The address comes by the standard input, in the fields of `shared.law.person.Address` as ГБД ФЛ has them:
`{"district": {"code": "1902"}, "region": {"code": "…"}, "city": "…", "street": "…", "building": "12", "flat": "5"}`.
It is kept nowhere.
"""

from __future__ import annotations

import sys
from pathlib import Path

from pydantic import ValidationError

from shared.law.address import address_index
from shared.law.person import Address
from shared.security import keyring


def main() -> int:
    try:
        address = Address.model_validate_json(sys.stdin.read())
    except ValidationError:
        sys.stderr.write("This address does not read.\n")
        return 2
    index = address_index(address, keyring.load(Path(sys.argv[1])).blind_index)
    if index is None:
        sys.stderr.write("This address names no house.\n")
        return 2
    sys.stdout.write(f"{index}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
