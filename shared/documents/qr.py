"""QR codes: a text drawn for whoever scans it. OpenCV is loaded when the first one is drawn."""

from __future__ import annotations


def picture_of(text: str, side: int = 8) -> bytes:
    """PNG of the QR code with its quiet zone of four modules; `side` is of one module, in pixels. The same text is the
    same bytes.
    """
    import cv2

    modules = cv2.QRCodeEncoder.create().encode(text)
    framed = cv2.copyMakeBorder(modules, 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=255)
    shown = cv2.resize(framed, None, fx=side, fy=side, interpolation=cv2.INTER_NEAREST)
    return cv2.imencode(".png", shown)[1].tobytes()
