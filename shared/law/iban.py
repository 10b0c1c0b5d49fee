"""Bank accounts of Kazakhstan: IBAN (ISO 13616), twenty characters, checked by the remainder of 97."""

from __future__ import annotations

import re

SHAPE = re.compile(r"KZ[0-9]{2}[0-9]{3}[A-Z0-9]{13}", re.ASCII)


def is_iban(written: str) -> bool:
    """An account in a bank of Kazakhstan, written without spaces in capitals."""
    return SHAPE.fullmatch(written) is not None and _remainder(written) == 1


def with_check_digits(bank: str, account: str) -> str:
    """The IBAN of a bank's three digits and thirteen characters of account, its two check digits reckoned."""
    return f"KZ{98 - _remainder(f'KZ00{bank}{account}'):02}{bank}{account}"


def _remainder(written: str) -> int:
    return int("".join(str(int(sign, 36)) for sign in written[4:] + written[:4])) % 97
