"""The page for support: the photo, what was found drawn on it, and every score beside its thresholds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lxml import html

from deploy.sandbox.pictures import PortraitFlaw, portrait
from services.identity_verification.photo.__main__ import main
from services.identity_verification.photo.measures import CURVES
from services.identity_verification.photo.report import page


def sections(text: str) -> Any:
    return html.fromstring(text).xpath("//section")


def test_the_photo_is_shown_with_eyes_chin_and_crown_drawn_on_it() -> None:
    (section,) = sections(page([("a.jpg", portrait(1))]))
    assert section.xpath(".//img/@src")[0].startswith("data:image/jpeg;base64,")
    assert section.xpath(".//svg/@viewbox") == ["0 0 600 771"]
    (left, right) = section.xpath(".//circle/@cx")
    assert 200 < float(left) < 240 < 360 < float(right) < 400
    assert {"faces", "wall", "mouth", "chin", "crown", "axis"} <= set(section.xpath(".//svg/*/@class"))


def test_scores_are_written_where_they_were_measured() -> None:
    (section,) = sections(page([("a.jpg", portrait(1))]))
    written: dict[str, list[str]] = {}
    for text in section.xpath(".//text"):
        written.setdefault(text.get("class"), []).append(text.text.split()[0])
    assert written == {
        "faces": ["SingleFacePresent"],
        "eyes": ["InterEyeDistance", "HeadPoseRoll", "EyesOpen"],
        "mouth": ["MouthClosed"],
        "crown": ["HeadSize"],
        "wall": ["BackgroundUniformity"],
    }
    assert all(0 <= float(text.get("x")) < 600 and 0 < float(text.get("y")) < 771 for text in section.xpath(".//text"))


def test_every_measure_is_listed_with_its_score_and_what_sends_it_back_stands_out() -> None:
    (section,) = sections(page([("a.jpg", portrait(1, PortraitFlaw.LEANING))]))
    assert len(section.xpath(".//*[@class='bar']")) == len(CURVES)
    assert [row.xpath("string(td[1])") for row in section.xpath(".//tr[@class='back']")] == ["HeadPoseRoll"]
    assert section.xpath("string(.//p[@class='back'])") == "Goes back: HeadPoseRoll"


def test_what_is_no_picture_has_its_reason_and_nothing_to_show() -> None:
    text = page([("<b>.jpg", b"nothing of the kind")])
    assert "No picture to show" in text
    assert "Goes back: FileFormat" in text
    assert "<b>" not in text


def test_the_page_is_written_where_it_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photo, out = tmp_path / "photo.jpg", tmp_path / "report.html"
    photo.write_bytes(portrait(2))
    assert main(["report", str(photo), "--out", str(out)]) == 0
    assert "Accepted." in out.read_text("utf-8")
    assert main(["report", str(photo)]) == 0
    assert capsys.readouterr().out == out.read_text("utf-8")
    with pytest.raises(SystemExit):
        main(["report", str(tmp_path / "none.jpg")])
