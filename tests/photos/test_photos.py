"""The labelled set: hard defects go back, soft ones are told, good photos pass."""

from __future__ import annotations

import pytest

from services.identity_verification.photo.measures import PhotoFault
from services.identity_verification.photo.thresholds import ROWS
from tests.photos.__main__ import main
from tests.photos.labelled import Fate, Labelled
from tests.photos.results import photos, result_of, results

LEAST = 60
INFORMATIVE = {PhotoFault.LUMINANCE_VARIANCE}
BESIDE = {
    PhotoFault.LEFTWARD_CROP, PhotoFault.RIGHTWARD_CROP,  # come with HorizontalPosition
    PhotoFault.UNDER_EXPOSURE,  # comes with LuminanceMean
    PhotoFault.BACKGROUND_UNIFORMITY, PhotoFault.VERTICAL_POSITION, PhotoFault.DYNAMIC_RANGE,
}  # fmt: skip
"""Measures that are named together with the one that the set is labelled by."""


def test_the_set_covers_every_measure_and_fault() -> None:
    assert len(photos()) >= LEAST
    assert len({photo.name for photo in photos()}) == len(photos())
    covered = {photo.faults[0] for photo in photos() if photo.fate is not Fate.GOOD}
    assert covered | BESIDE | INFORMATIVE == set(PhotoFault)
    assert not INFORMATIVE & ROWS.keys()


@pytest.mark.parametrize("photo", photos(), ids=lambda photo: photo.name)
def test_each_photo_fares_as_it_is_labelled(photo: Labelled) -> None:
    result = result_of(photo)
    assert result.right, f"{result.got}: {result.verdict.reasons}, {result.verdict.flags}"


@pytest.mark.parametrize("fault", BESIDE)
def test_measures_that_come_with_others_speak_too(fault: PhotoFault) -> None:
    named = [result.photo.name for result in results() if fault in (*result.verdict.reasons, *result.verdict.flags)]
    assert named


def test_the_table_is_printed_and_says_what_it_does_not_prove(capsys: pytest.CaptureFixture[str]) -> None:
    assert main() == 0
    printed = capsys.readouterr().out
    assert "Hard defects caught 100%, good photos refused 0, soft defects told 100%" in printed
    assert "Accuracy over people is unmeasured." in printed
