"""Production and dispatch (S18, S19): owns the order of a card, the card's way to its registration point, and the desk.

Hears `ReviewApproved`, `ReviewAnnulled`, `CircumstanceChanged` and the ending; the signed call-backs of the production
centre; the issue desk and operations. Asks the central node of РП ДРН. Says `ProductionStarted`, `ProductionRefused`,
`DocumentMade`, `DocumentSpoiled`, `DocumentShipped`, `DocumentReady`, `CollectionReminded`, `DocumentIssued`,
`IssueRefused`, `DocumentUncollected`. Keeps the registers of what was sent to production and what was shipped.
"""
