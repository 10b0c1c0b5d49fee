"""Notification: what the citizen is told; it says itself only that an ending was told."""

from __future__ import annotations

from enum import StrEnum

from shared.contracts.base import Command, Event
from shared.contracts.values import Ending


class NoticeChannel(StrEnum):
    PORTAL = "PORTAL"
    SMS = "SMS"
    EMAIL = "EMAIL"


class CitizenNotified(Event):
    """The citizen was told of the ending; one notice id per status and channel."""

    ending: Ending
    channel: NoticeChannel
    notice_id: str


class ResumeNotices(Command):
    """Tell what can be told, send what was told and is not sent; that the ending was told is said again."""
