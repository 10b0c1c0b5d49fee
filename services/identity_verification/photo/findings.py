"""What was measured of a photo, as a value that crosses from the process that measured; it names no person."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from services.identity_verification.photo.measures import PhotoFault

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """`fault` is of the file: then nothing was measured. `raw` has what could be measured, and nothing else.

    `marks` are points by name (`eyes`, `chin`, `crown`, `face`, `wall`…) in pixels of the upright picture of `size`.
    """

    fault: PhotoFault | None = None
    size: tuple[int, int] = (0, 0)
    raw: Mapping[PhotoFault, float] = field(default_factory=dict)
    marks: Mapping[str, Points] = field(default_factory=dict)

    def written(self) -> bytes:
        raw = {measure.value: value for measure, value in self.raw.items()}
        return json.dumps({"fault": self.fault, "size": self.size, "raw": raw, "marks": self.marks}).encode()

    @classmethod
    def read(cls, written: bytes) -> Findings:
        """Raises `ValueError` or `KeyError` for what `written` did not write."""
        found = json.loads(written)
        width, height = found["size"]
        return cls(
            fault=PhotoFault(found["fault"]) if found["fault"] else None,
            size=(int(width), int(height)),
            raw={PhotoFault(name): float(value) for name, value in found["raw"].items()},
            marks={name: tuple((float(x), float(y)) for x, y in points) for name, points in found["marks"].items()},
        )
