"""Notification: owns every word to the citizen, in Kazakh and in Russian, and which of them went out where.

Hears what concerns the citizen (`TOLD` of shared/process.py) in one queue. Says `StatusChanged` to the portal, sends
SMS and e-mail with status and link only (the e-mail of a card that waits: with its talon, too, as the QR code that the
issue desk scans), and says `CitizenNotified` when an ending was told on a channel.
"""
