"""Intake (S8, S9, S12, S13, S16): owns the door, the live claim on the IIN, the signed form, the talon, the ending.

Hears the portal, and of the others what it keeps: expiry, verdicts on the photo, settlement, review, production.
Asks ППО РП ДРН (register, recall, stages, result; to be told of the talon) and checks ЭЦП. Says `ApplicationOpened` ·
`ApplicationRefused`, `FormAccepted` · `FormReturned`, `ApplicationSubmitted` · `SignatureReturned`,
`ApplicationRegistered` · `RegistrationRefused` · `RegistrationUnavailable`, `ResultRequested`; obeys `CloseApplication`
and `RecallRegistration`. It is the referee of one question: signed in time, or abandoned.
"""
