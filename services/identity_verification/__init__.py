"""Identity verification (S1–S3, S10, S11): owns who the citizen is and whether the photo is theirs.

Hears `ApplicationOpened`, `FormAccepted` and the ending. Asks КДП for consent, ГБД ФЛ for the person, БМГ for the
phone, Digital-ID for identification and for the likeness of the photo: strictly one after another, each only with its
valid token. Says `ConsentRequested`, `IdentificationRequested`, `IdentityConfirmed` · `IdentityRefused` ·
`IdentityUnavailable`, and of a form `PhotoAccepted` · `PhotoReturned` · `PhotoRefused`. Keeps scores and decisions,
never images or templates.
"""
