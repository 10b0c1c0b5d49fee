"""Saga coordinator: owns the case timeline, the deadlines of stages and the stories of process.md section 4.

Hears every event; says commands only: `CloseApplication`, `RecallRegistration`, `CancelInvoice`, `WithdrawReview`.
"""
