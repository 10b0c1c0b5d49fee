"""Papers without a layout: their words alone, as the smallest PDF that reads. Drawing is proven in tests/documents."""

from __future__ import annotations

import re

from services.payment.notice import Notice

_SPECIAL = re.compile(rb"([\\()])")


def plain(notice: Notice) -> bytes:
    """What the notice says word for word, on one line; the same notice is the same file."""
    words = (notice.number, notice.decision_id, notice.talon, notice.receipt_id, notice.kbk, f"{notice.amount}₸")
    return _pdf(" ".join(map(str, (*words, notice.iin))))


def _pdf(text: str) -> bytes:
    """One page, one font whose codes are UTF-16 and say so."""
    shown = _SPECIAL.sub(rb"\\\1", text.encode("utf-16-be"))
    table = "".join(f"<{ord(each):04X}> <{ord(each):04X}>\n" for each in sorted(set(text)))
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        _stream(b"BT /F1 9 Tf (" + shown + b") Tj ET"),
        b"<</Type/Font/Subtype/Type0/ToUnicode 6 0 R>>",
        _stream(f"beginbfchar\n{table}endbfchar".encode()),
    )
    file, places = bytearray(b"%PDF-1.7\n"), list[int]()
    for number, each in enumerate(objects, 1):
        places.append(len(file))
        file += b"%d 0 obj\n%b\nendobj\n" % (number, each)
    start = len(file)
    file += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    file += b"".join(b"%010d 00000 n \n" % place for place in places)
    file += b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(file)


def _stream(content: bytes) -> bytes:
    return b"<</Length %d>>\nstream\n%b\nendstream" % (len(content), content)
