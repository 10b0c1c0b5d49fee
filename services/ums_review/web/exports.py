"""Tables to take along: CSV as spreadsheets read it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from starlette.responses import Response

from shared.engine.decision import ALMATY
from shared.web.problems import HEADERS

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def table(name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """UTF-8 with the mark that spreadsheets want; no cell can be taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([_plain(cell) for cell in row] for row in rows)
    named = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(out.getvalue().encode("utf-8-sig"), media_type="text/csv", headers={**HEADERS, **named})


def moment(value: datetime) -> str:
    """In the time of Almaty, to the minute."""
    return value.astimezone(ALMATY).isoformat(timespec="minutes")


def _plain(cell: Any) -> Any:
    return f"'{cell}" if str(cell).startswith(FORMULA) else cell
