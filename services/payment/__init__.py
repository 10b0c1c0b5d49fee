"""Payment (S14, S15, refunds): owns every tenge of the state duty, and is the only judge of it.

Hears `ApplicationRegistered`, and keeps from `IdentityConfirmed`, `FormAccepted`, `ReviewApproved`, `ReviewAnnulled`,
`RefundAccountChanged` and `ApplicationClosed` what it needs; obeys `CancelInvoice`. Asks АИС СИК, РП ДРН, the payment
gateway and the revenue authority. Says `FeeWaived`, `FeeRequested`, `FeePaid`, `FeeLapsed`, `InvoiceCancelled` and the
life of a refund. Each receipt has one fate: earned, or one refund case. Sums are whole tenge.
"""
