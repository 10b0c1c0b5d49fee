"""Notification: owns every word to the citizen, in Kazakh and in Russian, and which of them went out where.

Hears what concerns the citizen (`TOLD` of shared/process.py) in one queue. Says `StatusChanged` to the portal, sends
SMS and e-mail with status and link only, and says `CitizenNotified` when an ending was told on a channel.
"""
