"""УМС review (S17): owns the officers' queue of each region, their leases and their signed decisions.

Hears what an application gathers on its way, the settled duty and the request for a result, and when all are there says
`ReviewQueued`. An officer of the region takes a case, looks, signs; after the time to undo it says `ReviewApproved` or
`ReviewAnnulled`. A region's workstation may publish the signed decision instead (`DecisionSigned`); its answer goes to
the region's feed. Obeys `WithdrawReview`: it is the referee between the decision and the withdrawal.
"""
