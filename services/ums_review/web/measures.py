"""What the measures of photo and signature sample are called on the pages, by the names under which they are heard, by
which mark on the photo they are shown, and what only an officer can tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from shared.web.refusals import N_

MEASURES: Final[Mapping[str, str]] = {
    "FileSize": N_("File size"),
    "FileFormat": N_("File format"),
    "TooManyPixels": N_("Picture too large"),
    "Damaged": N_("Damaged file"),
    "NotMeasured": N_("Not measured"),
    "SingleFacePresent": N_("A single face"),
    "FacePresent": N_("A face is there"),
    "HeadSize": N_("Size of the head"),
    "InterEyeDistance": N_("Distance between the eyes"),
    "LeftwardCropOfTheFaceImage": N_("Margin on the left"),
    "RightwardCropOfTheFaceImage": N_("Margin on the right"),
    "MarginAboveOfTheFaceImage": N_("Margin above"),
    "MarginBelowOfTheFaceImage": N_("Margin below"),
    "HorizontalPosition": N_("Position from side to side"),
    "VerticalPosition": N_("Position from top to bottom"),
    "HeadPoseRoll": N_("Head tilted"),
    "HeadPoseYaw": N_("Head turned"),
    "EyesOpen": N_("Eyes open"),
    "EyesVisible": N_("Eyes visible"),
    "MouthClosed": N_("Mouth closed"),
    "LuminanceMean": N_("Lightness of the face"),
    "LuminanceVariance": N_("Contrast of the face"),
    "UnderExposurePrevention": N_("Not too dark"),
    "OverExposurePrevention": N_("Not too light"),
    "DynamicRange": N_("Range of shades"),
    "IlluminationUniformity": N_("Even light"),
    "NaturalColour": N_("Natural colours"),
    "Colour": N_("In colour"),
    "BackgroundUniformity": N_("Plain background"),
    "BackgroundLightness": N_("Light background"),
    "BackgroundTint": N_("Tint of the background"),
    "BackgroundEvenness": N_("Even background"),
    "Sharpness": N_("Sharpness"),
    "CompressionArtifacts": N_("Traces of compression"),
    "Noise": N_("Noise"),
    "Resolution": N_("Resolution"),
    "AspectRatio": N_("Width to height"),
    "Blank": N_("No sign on it"),
    "Faint": N_("Faint"),
    "TooLittleInk": N_("Too little ink"),
    "Filled": N_("Filled"),
    "Scribble": N_("Scribble"),
    "TooNarrow": N_("Too narrow"),
    "TooFlat": N_("Too flat"),
    "TouchesEdge": N_("Touches the edge"),
    "FewStrokes": N_("Few strokes"),
    "Framed": N_("In a frame"),
    "Size": N_("Size"),
    "Darkness": N_("Dark part of the sheet"),
    "Trace": N_("Trace on the paper"),
    "Contrast": N_("Contrast"),
    "Ink": N_("Ink"),
    "Width": N_("Width"),
    "Height": N_("Height"),
    "Fill": N_("Fill"),
    "Crossings": N_("Strokes across"),
    "Strokes": N_("Strokes"),
    "Edge": N_("Clear edge"),
    "Frame": N_("No frame"),
}
BESIDE: Final[Mapping[str, tuple[str, ...]]] = {
    "faces": ("SingleFacePresent", "LuminanceMean", "IlluminationUniformity", "Sharpness"),
    "eyes": ("InterEyeDistance", "HeadPoseRoll", "EyesOpen"),
    "mouth": ("MouthClosed",),
    "crown": ("HeadSize",),
    "axis": ("HeadPoseYaw",),
    "wall": ("BackgroundUniformity", "BackgroundLightness", "BackgroundTint", "BackgroundEvenness"),
}
"""Mark on the photo → the measures that were taken there."""
CHECKLIST: Final[Mapping[str, str]] = {
    "photo": N_("The photo is as required: a light plain background, the face straight and bare, no retouching"),
    "person": N_("It is the applicant as they look now, and one person alone"),
    "sign": N_("The sample is signed by hand, whole and clear"),
    "record": N_("What the application says agrees with ГБД ФЛ"),
    "birth": N_("The birth place is clear"),
}
"""What an approval stands on besides the automatic checks (p.11): the other side of the reasons of an annulment."""
