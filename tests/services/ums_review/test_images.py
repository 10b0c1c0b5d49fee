"""What the officer sees of photo and signature sample: scores, what to look at, and the sign cleaned and cut out."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from deploy.sandbox.pictures import signature_sample
from tests.services.ums_review import cases
from tests.services.ums_review.office import Office, office_in
from tests.services.ums_review.test_api import problem


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with office_in(tmp_path) as office:
        yield office


async def test_scores_and_flags_come_with_the_case(office: Office) -> None:
    path = await office.arrive()
    async with office.caller() as officer:
        images = (await officer.get(path)).json()["images"]
    assert (images["scores"], images["flags"]) == ({"Sharpness": 80}, ["MouthClosed"])
    assert images["marks"] == cases.MARKS.model_dump(mode="json")
    assert (images["signature_scores"], images["signature_flags"]) == ({"Contrast": 90}, ["FewStrokes"])


async def test_the_sign_is_shown_cleaned_and_cut_out_and_the_look_is_on_record(office: Office) -> None:
    path = await office.arrive(sample=signature_sample(1))
    async with office.caller() as officer:
        whole = await officer.get(f"{path}/images/signature-sample")
        shown = await officer.get(f"{path}/images/signature-sample/preview")
    assert whole.content == signature_sample(1)
    assert shown.headers["content-type"] == "image/png"
    assert "sandbox" in shown.headers["content-security-policy"]
    sign, sheet = Image.open(io.BytesIO(shown.content)), Image.open(io.BytesIO(whole.content))
    assert sign.width < sheet.width
    assert sign.getpixel((1, 1)) == 255
    assert ("officer:17", "view-signature-sample", "done") in office.audits(path)


async def test_a_sample_that_is_gone_altered_or_no_picture_has_no_cutting(office: Office) -> None:
    gone = await office.arrive(1)
    altered = await office.arrive(2, signature_sample(2))
    words = await office.arrive(3, b"no picture at all")
    form = office.state(altered).form
    assert form
    kept = office.objects.envelopes
    kept[form.signature_sample.reference] = kept[form.signature_sample.reference][:-1] + b"x"
    async with office.caller() as officer:
        problem(await officer.get(f"{gone}/images/signature-sample/preview"), 404)
        for path in (altered, words):
            found = problem(await officer.get(f"{path}/images/signature-sample/preview"), 500)
            assert found["code"] == "IMAGE_ALTERED"


async def test_another_regions_officer_sees_no_sign(office: Office) -> None:
    path = await office.arrive(sample=signature_sample(1))
    async with office.caller("75") as officer:
        answer = await officer.get(f"{path}/images/signature-sample/preview")
    assert problem(answer, 403)["code"] == "OTHER_REGION"
