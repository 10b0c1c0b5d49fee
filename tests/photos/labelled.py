"""The labelled set: every picture with what is wrong with it. None is stored; each is made when it is needed.

One real person, moved, turned, lit and spoiled, and drawn people who do not exist: it shows that every rule reacts to
its defect and to no other, and nothing about how the rules suit people.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

import numpy as np
from PIL import Image

from deploy.sandbox.faces import Eyes, Sitting, grain, person
from services.identity_verification.photo.canvas import Pixels
from services.identity_verification.photo.measures import PhotoFault as F
from tests.photos import spoil
from tests.photos.nobody import NOBODY
from tests.photos.studio import Shot, encoded, eyes_in, taken


class Fate(StrEnum):
    """What must become of a photo: ACCEPTED, also with a flag; FLAGGED with its fault; RETURNED with its fault."""

    GOOD = "good"
    SOFT = "soft"
    HARD = "hard"


@dataclass(frozen=True, slots=True)
class Labelled:
    """`faults`: one of them must be named."""

    name: str
    fate: Fate
    content: Callable[[], bytes]
    faults: tuple[F, ...] = ()


SMALL, USUAL, LARGE = (413, 531), (600, 771), (840, 1080)
USUALLY = Sitting()
BASE, PRINT, SCREEN = Shot(LARGE), Shot(SMALL), Shot(USUAL)


def done(how: Callable[..., Pixels], *by: object, shot: Shot = BASE) -> Callable[[], Pixels]:
    """The picture of that shot with something done to it."""
    return lambda: how(taken(shot), *by)


def labelled() -> tuple[Labelled, ...]:
    return (*_good(), *_drawn(), *_nobody(), *_placed(), *_faces(), *_lit(), *_files(), *_soft(), *_walls())


def _case(fate: Fate, name: str, make: Callable[[], Pixels], *faults: F, **options: object) -> Labelled:
    return Labelled(name, fate, lambda: encoded(make(), **options), faults)  # type: ignore[arg-type]


def _good() -> Iterator[Labelled]:
    good = partial(_case, Fate.GOOD)
    for size in (SMALL, (450, 579), USUAL, LARGE, (1200, 1543), (2400, 3086)):
        yield good(f"good {size[0]}×{size[1]}", partial(taken, Shot(size)))
    for wall in ((255, 255, 255), (205, 208, 212), (236, 230, 216), (214, 224, 236)):
        yield good(f"good before {wall}", partial(taken, Shot(wall=wall)))
    for head in (0.71, 0.73, 0.78, 0.8):
        yield good(f"good, head {head:.0%}", partial(taken, Shot(head=head)))
    for roll in (-4, 3):
        yield good(f"good, leaning {roll}°", partial(taken, Shot(roll=roll)))
    for quality in (98, 85, 75, 60):
        yield good(f"good, JPEG {quality}", partial(taken, BASE), quality=quality)
    yield good("good, PNG", partial(taken, SCREEN), kind="PNG")
    yield good("good, mirrored", lambda: np.ascontiguousarray(taken(BASE)[:, ::-1]))
    for by in (0.8, 0.9, 1.1):
        yield good(f"good, light {by}", done(spoil.brighter, by))
    for sd in (3, 6):
        yield good(f"good, grain {sd}", done(spoil.noisy, sd))
    yield good("good, aside by 3 %", partial(taken, Shot(at=(0.53, 0.5))))
    yield good("good, turned 5°", partial(taken, Shot(yaw=5)))
    yield good("good, clear glasses", lambda: spoil.in_glasses(taken(BASE), eyes_in(BASE), dark=False))


def drawn(seed: int, sitting: Sitting = USUALLY) -> Pixels:
    chance = random.Random(seed)
    return np.array(grain(person(chance, sitting), chance))


def _drawn() -> Iterator[Labelled]:
    for seed in range(16):
        yield _case(Fate.GOOD, f"drawn {seed}", partial(drawn, seed))
    for seed in range(3):
        yield from _spoiled(seed)


def _spoiled(seed: int) -> Iterator[Labelled]:
    shut, hidden = Sitting(eyes=Eyes.SHUT), Sitting(eyes=Eyes.HIDDEN)
    yield _case(Fate.HARD, f"drawn {seed}, eyes shut", partial(drawn, seed, shut), F.EYES_OPEN)
    yield _case(Fate.HARD, f"drawn {seed}, dark glasses", partial(drawn, seed, hidden), F.EYES_VISIBLE)
    yield _case(Fate.HARD, f"drawn {seed}, far", partial(drawn, seed, Sitting(head=0.5)), F.HEAD_SIZE)
    yield _case(Fate.HARD, f"drawn {seed}, dark", lambda: spoil.brighter(drawn(seed), 0.14), F.LUMINANCE_MEAN)
    yield _case(Fate.SOFT, f"drawn {seed}, mouth", partial(drawn, seed, Sitting(mouth_open=True)), F.MOUTH_CLOSED)
    yield _case(Fate.SOFT, f"drawn {seed}, blurred", lambda: spoil.blurred(drawn(seed), 6), F.SHARPNESS)
    yield _case(Fate.SOFT, f"drawn {seed}, noise 25", lambda: spoil.noisy(drawn(seed), 25), F.NOISE)
    yield _case(Fate.SOFT, f"drawn {seed}, JPEG 10", partial(drawn, seed), F.COMPRESSION, quality=10)


def _nobody() -> Iterator[Labelled]:
    for name, make in NOBODY.items():
        yield _case(Fate.HARD, f"nobody: {name}", make, F.FACE_PRESENT)


def _placed() -> Iterator[Labelled]:
    hard = partial(_case, Fate.HARD)
    for roll in (-25, -13, 13, 20, 45, 90, 180):
        yield hard(f"leaning {roll}°", partial(taken, Shot(roll=roll)), F.ROLL)
    for yaw in (-30, 30):
        yield hard(f"turned {yaw}°", partial(taken, Shot(yaw=yaw)), F.YAW)
    for head in (0.35, 0.5, 0.57, 0.97, 1.05):
        yield hard(f"head {head:.0%}", partial(taken, Shot(head=head)), F.HEAD_SIZE)
    for x in (0.3, 0.7):
        yield hard(f"aside at {x:.0%}", partial(taken, Shot(at=(x, 0.51))), F.HORIZONTAL_POSITION)
    yield hard("crown cut off", partial(taken, Shot(at=(0.5, 0.33))), F.MARGIN_ABOVE)
    yield hard("chin cut off", partial(taken, Shot(at=(0.5, 0.68))), F.MARGIN_BELOW)
    yield hard("eyes too near", partial(taken, Shot(SMALL, head=0.58)), F.INTER_EYE_DISTANCE)
    yield hard("low resolution", partial(taken, Shot((300, 386))), F.RESOLUTION)
    yield hard("square", partial(taken, Shot((800, 800))), F.ASPECT_RATIO)
    yield hard("lying format", partial(taken, Shot((1080, 720))), F.ASPECT_RATIO)


def _faces() -> Iterator[Labelled]:
    hard = partial(_case, Fate.HARD)
    other = partial(taken, Shot((300, 386), head=0.8))
    yield hard("two people", lambda: spoil.beside(
        taken(Shot(head=0.45, at=(0.27, 0.5))), taken(Shot((420, 1080), head=0.45, at=(0.4, 0.5))), (0.5, 0)
    ), F.SINGLE_FACE)  # fmt: skip
    yield hard("somebody behind", lambda: spoil.beside(taken(BASE), other(), (0.68, 0.0)), F.SINGLE_FACE)
    yield hard("a picture on the wall", lambda: spoil.beside(taken(Shot(head=0.65, at=(0.6, 0.6))), other(), (0, 0)),
               F.SINGLE_FACE)  # fmt: skip
    yield hard("eyes shut", partial(taken, Shot(shut=2)), F.EYES_OPEN)
    yield hard("one eye shut", partial(taken, Shot(shut=1)), F.EYES_OPEN)
    yield hard("eyes shut, small", partial(taken, Shot(SMALL, shut=2)), F.EYES_OPEN)
    yield hard("dark glasses", lambda: spoil.in_glasses(taken(BASE), eyes_in(BASE), dark=True), F.EYES_VISIBLE)
    yield hard("eyes behind a bar", lambda: spoil.barred(taken(BASE), eyes_in(BASE)), F.EYES_VISIBLE, F.FACE_PRESENT)


def _lit() -> Iterator[Labelled]:
    hard = partial(_case, Fate.HARD)
    for by in (0.1, 0.15):
        yield hard(f"dark {by}", done(spoil.brighter, by), F.LUMINANCE_MEAN, F.UNDER_EXPOSURE)
    for by in (1.5, 2.2):
        yield hard(f"burnt {by}", done(spoil.brighter, by), F.OVER_EXPOSURE)
    yield hard("half in shadow", done(spoil.half_lit, 0.3), F.ILLUMINATION_UNIFORMITY)
    yield hard("half in shadow, mirrored", lambda: spoil.half_lit(taken(BASE)[:, ::-1], 0.3), F.ILLUMINATION_UNIFORMITY)
    yield hard("grey", done(spoil.grey), F.COLOUR)
    yield hard("sepia", done(spoil.sepia), F.COLOUR)
    yield hard("blue light", done(spoil.tinted, 0.45, 0.6, 1.3), F.NATURAL_COLOUR)


def _files() -> Iterator[Labelled]:
    whole = encoded(taken(SCREEN))
    for name, content, fault in (
        ("cut short", whole[: len(whole) // 2], F.DAMAGED),
        ("a document", b"%PDF-1.7\n" + bytes(4096), F.FILE_FORMAT),
        ("a GIF", encoded(taken(SCREEN), "GIF"), F.FILE_FORMAT),
        ("too large a file", whole + bytes(6 * 1024 * 1024), F.FILE_SIZE),
        ("a bomb", _bomb(), F.TOO_MANY_PIXELS),
        ("nothing", b"", F.FILE_SIZE),
    ):
        yield Labelled(f"file: {name}", Fate.HARD, partial(bytes, content), (fault,))


def _bomb() -> bytes:
    out = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(out, "PNG")
    return out.getvalue()


def _soft() -> Iterator[Labelled]:
    soft = partial(_case, Fate.SOFT)
    for sigma in (4, 6, 8):
        yield soft(f"blurred {sigma}", done(spoil.blurred, sigma), F.SHARPNESS)
    yield soft("blurred 2.5, small", done(spoil.blurred, 2.5, shot=PRINT), F.SHARPNESS)
    yield soft("blurred and grainy", lambda: spoil.noisy(spoil.blurred(taken(BASE), 6), 5), F.SHARPNESS)
    yield soft("shaken", done(spoil.shaken), F.SHARPNESS)
    for shot, sd in ((BASE, 25), (SCREEN, 25), (PRINT, 25), (BASE, 40)):
        yield soft(f"noise {sd}, {shot.size[0]} wide", done(spoil.noisy, sd, shot=shot), F.NOISE)
    for shot, quality in ((BASE, 10), (SCREEN, 10), (PRINT, 10), (BASE, 5), (BASE, 20)):
        name = f"JPEG {quality}, {shot.size[0]} wide"
        yield soft(name, partial(taken, shot), F.COMPRESSION, quality=quality)
    for quality in (95, 80):
        yield soft(f"JPEG 10 saved anew at {quality}", partial(again, 10), F.COMPRESSION, quality=quality)
    yield soft("JPEG 10 saved anew as PNG", partial(again, 10), F.COMPRESSION, kind="PNG")
    yield soft("JPEG 10 turned and cut", lambda: again(10, 1)[5:, 3:], F.COMPRESSION)
    yield soft("teeth", partial(taken, Shot(teeth=True)), F.MOUTH_CLOSED)
    for roll in (-7, 7):
        yield soft(f"leaning {roll}°", partial(taken, Shot(roll=roll)), F.ROLL)
    for yaw in (-15, 15):
        yield soft(f"turned {yaw}°", partial(taken, Shot(yaw=yaw)), F.YAW)
    yield soft("head 64 %", partial(taken, Shot(head=0.645)), F.HEAD_SIZE)
    yield soft("head 88 %", partial(taken, Shot(head=0.88)), F.HEAD_SIZE)
    yield soft("aside at 59 %", partial(taken, Shot(at=(0.59, 0.51))), F.HORIZONTAL_POSITION)
    yield soft("light from the side", done(spoil.half_lit, 0.62), F.ILLUMINATION_UNIFORMITY)
    yield soft("rather dark", done(spoil.brighter, 0.27), F.LUMINANCE_MEAN)
    yield soft("rather bright", done(spoil.brighter, 1.24), F.OVER_EXPOSURE)
    yield soft("bluish light", done(spoil.tinted, 0.78, 0.93, 1.25), F.NATURAL_COLOUR)


def again(quality: int, quarters: int = 0) -> Pixels:
    """What a JPEG of that quality has left of the picture, upright again after as many quarter turns."""
    kept = Image.open(io.BytesIO(encoded(spoil.turned(taken(BASE), -quarters), quality=quality)))
    return spoil.turned(np.array(kept), quarters)


def _against(wall: Callable[[tuple[int, int]], Pixels]) -> Pixels:
    return spoil.before(BASE, wall(BASE.size))


def _walls() -> Iterator[Labelled]:
    uneven = (F.BACKGROUND_EVENNESS, F.BACKGROUND_UNIFORMITY)
    for name, wall, faults in (
        ("shelves", spoil.busy, uneven),
        ("a mottled wall", spoil.mottled, uneven),
        ("a striped wall", spoil.striped, uneven),
        ("a wall in shadow", spoil.shaded, uneven),
        ("a door", spoil.with_door, uneven),
    ):
        yield _case(Fate.SOFT, f"before {name}", partial(_against, wall), *faults)
    for name, colour, fault in (
        ("dark wall", (58, 68, 80), F.BACKGROUND_LIGHTNESS),
        ("grey wall", (140, 140, 142), F.BACKGROUND_LIGHTNESS),
        ("blue wall", (120, 150, 230), F.BACKGROUND_TINT),
        ("red wall", (220, 130, 120), F.BACKGROUND_TINT),
    ):
        yield _case(Fate.SOFT, f"before a {name}", partial(taken, Shot(wall=colour)), fault)
