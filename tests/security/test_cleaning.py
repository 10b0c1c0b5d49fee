"""Images are written anew: upright, the same to the eye, and with nothing that was not a pixel."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image, PngImagePlugin
from PIL.JpegImagePlugin import JpegImageFile

from deploy.sandbox.pictures import portrait, signature_sample
from shared.security.cleaning import Clean, cleaned
from shared.security.images import ImageFault, ImageLimits

LIMITS = ImageLimits(1_048_576, 16_000_000, 6000)
SECRET = b"SECRET PLACE"


def shown(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def saved(image: Image.Image, kind: str, **how: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def clean(content: bytes) -> bytes:
    found = cleaned(content, LIMITS)
    assert isinstance(found, Clean), found
    return found.content


def drawn() -> Image.Image:
    return shown(portrait(3)).convert("RGB")


def apart(one: Image.Image, other: Image.Image) -> float:
    return float(np.abs(np.asarray(one, np.float32) - np.asarray(other, np.float32)).mean())


def with_everything() -> dict[str, bytes]:
    exif = Image.Exif()
    exif[0x9286] = SECRET
    notes = PngImagePlugin.PngInfo()
    notes.add_text("place", SECRET.decode())
    notes.add_itxt("place", SECRET.decode(), zip=False)
    profile = b"profile " + SECRET
    return {
        "EXIF": saved(drawn(), "JPEG", exif=exif),
        "JPEG comment": saved(drawn(), "JPEG", comment=SECRET),
        "JPEG profile": saved(drawn(), "JPEG", icc_profile=profile),
        "behind a JPEG": portrait(3) + SECRET,
        "PNG text": saved(drawn(), "PNG", pnginfo=notes),
        "PNG profile": saved(drawn(), "PNG", icc_profile=profile),
        "PNG EXIF": saved(drawn(), "PNG", exif=exif),
        "behind a PNG": signature_sample(3) + SECRET,
    }


@pytest.mark.parametrize("content", with_everything().values(), ids=with_everything())
def test_nothing_comes_through_but_the_picture(content: bytes) -> None:
    kept = clean(content)
    assert SECRET not in kept
    assert not set(shown(kept).info) & {"exif", "comment", "icc_profile", "place", "photoshop", "xmp"}
    assert apart(shown(kept).convert("RGB"), shown(content).convert("RGB")) < 1.5


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_stands_upright_however_the_telephone_was_held(orientation: int) -> None:
    undone = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    turned, exif = drawn(), Image.Exif()
    if orientation > 1:
        turned = turned.transpose(Image.Transpose(undone[orientation]))
    exif[0x0112] = orientation
    kept = shown(clean(saved(turned, "JPEG", quality=95, exif=exif)))
    assert apart(kept, drawn()) < 3
    assert 0x0112 not in kept.getexif()


def test_the_quality_it_came_with_can_still_be_told() -> None:
    for quality in (10, 50, 92):
        sent = shown(saved(drawn(), "JPEG", quality=quality))
        kept = shown(clean(saved(drawn(), "JPEG", quality=quality)))
        assert isinstance(sent, JpegImageFile)
        assert isinstance(kept, JpegImageFile)
        assert kept.quantization == sent.quantization
        assert apart(sent, kept) < 0.5


MODES = {
    "1": "L", "L": "L", "LA": "LA", "P": "RGB", "RGB": "RGB", "RGBA": "RGBA", "I;16": "L",
}  # fmt: skip


@pytest.mark.parametrize(("mode", "kept_as"), MODES.items(), ids=MODES)
def test_every_kind_of_png_is_kept_in_a_plain_one(mode: str, kept_as: str) -> None:
    if mode == "I;16":
        ramp = Image.fromarray(np.linspace(0, 65535, 300 * 100).reshape(100, 300).astype(np.uint16))
    else:
        ramp = shown(signature_sample(3)).convert(mode)
    sent = saved(ramp, "PNG")
    kept = shown(clean(sent))
    assert (kept.mode, kept.size) == (kept_as, ramp.size)
    grey = np.asarray(ramp, np.float32) / 257 if mode == "I;16" else np.asarray(ramp.convert("L"), np.float32)
    assert float(np.abs(np.asarray(kept.convert("L"), np.float32) - grey).mean()) < 1.5


def test_other_kinds_of_jpeg_are_kept_in_a_plain_one() -> None:
    for sent in (saved(drawn(), "JPEG", progressive=True), saved(drawn().convert("CMYK"), "JPEG")):
        kept = shown(clean(sent))
        assert (kept.mode, kept.format, kept.info.get("progressive")) == ("RGB", "JPEG", None)
    assert shown(clean(saved(drawn().convert("L"), "JPEG"))).mode == "L"


def test_a_telephones_picture_with_a_second_view_behind_it_is_its_first() -> None:
    out = io.BytesIO()
    drawn().save(out, "MPO", save_all=True, append_images=[drawn().rotate(180)], quality=95)
    kept = shown(clean(out.getvalue()))
    assert (kept.format, getattr(kept, "n_frames", 1)) == ("JPEG", 1)
    assert apart(kept, drawn()) < 3


def test_moving_pictures_and_other_kinds_are_none() -> None:
    frames = {"save_all": True, "append_images": [drawn().rotate(180)]}
    assert cleaned(saved(drawn(), "PNG", **frames), LIMITS) is ImageFault.FILE_FORMAT
    for kind in ("GIF", "WEBP", "TIFF", "BMP"):
        assert cleaned(saved(drawn(), kind), ImageLimits(10_000_000)) is ImageFault.FILE_FORMAT


def test_the_same_content_is_always_written_the_same_way() -> None:
    for content in (portrait(1), signature_sample(1)):
        assert clean(content) == clean(content)


def test_what_grows_beyond_measure_is_refused() -> None:
    tiny = saved(Image.effect_noise((1000, 1000), 90).convert("P"), "PNG")
    assert cleaned(tiny, ImageLimits(len(tiny), 16_000_000, 6000)) is not ImageFault.FILE_SIZE
    flat = saved(Image.new("P", (3000, 3000)), "PNG", compress_level=9)
    assert cleaned(flat, ImageLimits(len(flat), 16_000_000, 6000)) is ImageFault.FILE_SIZE


def test_a_jpeg_that_says_the_same_over_and_over_is_not_decoded() -> None:
    """Each scan of a progressive JPEG repeats the work of the whole picture; a few bytes could cost minutes."""
    whole = saved(drawn().resize((90, 120)), "JPEG", progressive=True)
    last = whole.rindex(b"\xff\xda")
    bomb = whole[:last] + whole[last:-2] * 80 + whole[-2:]
    assert isinstance(cleaned(whole, LIMITS), Clean)
    assert cleaned(bomb, LIMITS) is ImageFault.DAMAGED
