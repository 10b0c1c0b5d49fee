"""Eligibility (S4–S7): owns who may renew online and, if not, why not.

Hears `IdentityConfirmed` and the ending. Asks ИС ЗАГС and the address register through ШЭП with the citizen's consents;
judges by what ГБД ФЛ said at S2. Says `EligibilityConfirmed` or `EligibilityRefused` with every ground at once.
"""
