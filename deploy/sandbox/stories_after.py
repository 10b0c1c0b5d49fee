"""The personas whose story is decided after registration: money, review, withdrawal, outages, refunds, the card."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from deploy.sandbox.persona import (
    APPROVE,
    Conduct,
    Paying,
    Persona,
    Refund,
    Treatment,
    Verdict,
    Visit,
    Withdrawing,
)
from deploy.sandbox.stories_before import (
    ACCEPTED,
    BROKEN_SIGNATURE,
    CLOSED,
    RETURNED_FORM,
    RETURNED_PHOTO,
    STALE_SIGNATURE,
    Kinds,
)
from shared.contracts import identity_verification as v
from shared.contracts import intake as i
from shared.contracts import payment as p
from shared.contracts import production_dispatch as d
from shared.contracts import ums_review as u
from shared.contracts.production_dispatch import ProductionFault
from shared.contracts.ums_review import AnnulmentGround
from shared.contracts.values import Ending

REGISTERED: Kinds = (*ACCEPTED, i.ApplicationSubmitted, i.ApplicationRegistered)
CHARGED: Kinds = (*REGISTERED, p.FeeRequested)
QUEUED: Kinds = (i.ResultRequested, u.ReviewQueued)
PAID: Kinds = (*CHARGED, p.FeePaid, *QUEUED)
WAIVED: Kinds = (*REGISTERED, p.FeeWaived, *QUEUED)
READY: Kinds = (u.ReviewApproved, d.ProductionStarted, d.DocumentMade, d.DocumentShipped, d.DocumentReady)
HANDED_OVER: Kinds = (*READY, d.DocumentIssued, *CLOSED)
ISSUED: Kinds = (*PAID, *HANDED_OVER)
ANNULLED: Kinds = (*PAID, u.ReviewAnnulled, *CLOSED, p.RefundFiled)
RECALLED: Kinds = (i.RegistrationRecalled,)
REFUNDED: Kinds = (p.RefundFiled, p.RefundAccepted, p.FeeRefunded)

BY_PHOTO = Verdict(AnnulmentGround.PHOTO, ("PHOTO_BACKGROUND",))
BY_SIGNATURE = Verdict(AnnulmentGround.SIGNATURE, ("SIGNATURE_FAINT",))
BY_CHECKS = Verdict(AnnulmentGround.EXTRA_CHECKS, ("WRONG_FILLING",))
BY_CIRCUMSTANCE = Verdict(AnnulmentGround.EXTRA_CHECKS, ("CIRCUMSTANCE_CHANGED",))
EXEMPT = Treatment(statuses=("DISABLED",))


def _issued(name: str, story: str, conduct: Conduct, *sees: Kinds, treatment: Treatment | None = None) -> Persona:
    seen = tuple(kind for kinds in sees for kind in kinds)
    return Persona(name, story, Ending.ISSUED, (*ISSUED, *seen), treatment=treatment or Treatment(), conduct=conduct)


PLAIN = replace(_issued("issued-paid", "All goes well, and the duty is paid.", Conduct(feedback=5)), weight=12)

TO_THE_CARD = (
    PLAIN,
    Persona(
        "issued-waived", "All goes well, and no duty is due.", Ending.ISSUED, (*WAIVED, *HANDED_OVER), treatment=EXEMPT,
        weight=4,
    ),
    _issued("second-start", "Starts again while one is live, and is led back.", Conduct(starts_beside=True)),
    _issued("form-returned", "The point is not of the region; corrected.", RETURNED_FORM, (i.FormReturned,)),
    _issued("photo-returned", "A dark photo, a faint signature sample; then fit ones.", RETURNED_PHOTO,
            (v.PhotoReturned,)),
    _issued("signature-returned", "The signature is over other bytes; then right.", BROKEN_SIGNATURE,
            (i.SignatureReturned,)),
    _issued("signature-stale", "Signs the revision before; then the right one.", STALE_SIGNATURE,
            (v.PhotoReturned, i.SignatureReturned)),
    _issued("paid-twice", "Pays twice; the second goes back.", Conduct(pays=(Paying.RIGHT, Paying.RIGHT)), REFUNDED),
    _issued("paid-under", "Pays too little, then right; the first goes back.",
            Conduct(pays=(Paying.UNDER, Paying.RIGHT)), REFUNDED),
    _issued("paid-over", "Pays too much; the excess goes back.", Conduct(pays=(Paying.OVER,)), REFUNDED),
    _issued("withdrawn-too-late", "Gives up after the officer's approval: too late, and told so.",
            Conduct(withdraws=Withdrawing.AFTER_APPROVAL), (i.WithdrawalRequested, u.WithdrawalRefused),
            treatment=Treatment(made_after=timedelta(seconds=20))),
)  # fmt: skip

MONEY = (
    Persona("unpaid", "Never pays; the gateway cannot tell at first whether the invoice is cancelled.", Ending.UNPAID,
            (*CHARGED, p.FeeLapsed, *RECALLED, *CLOSED), conduct=Conduct(pays=()),
            treatment=Treatment(cancel_unknown=1)),
    Persona("paid-late", "Pays an invoice that is dead; the money goes back.", Ending.UNPAID,
            (*CHARGED, p.FeeLapsed, *RECALLED, *CLOSED, *REFUNDED), conduct=Conduct(pays=(Paying.AFTER_LAPSE,))),
    Persona("withdrawn-during-registration", "Gives up while РП ДРН is slow to register.", Ending.WITHDRAWN,
            (*ACCEPTED, i.ApplicationSubmitted, i.WithdrawalRequested, *RECALLED, *CLOSED),
            treatment=Treatment(register_delay=4.0), conduct=Conduct(withdraws=Withdrawing.WHILE_REGISTERED)),
    Persona("withdrawn-during-payment", "Gives up instead of paying.", Ending.WITHDRAWN,
            (*CHARGED, i.WithdrawalRequested, p.InvoiceCancelled, *RECALLED, *CLOSED),
            conduct=Conduct(withdraws=Withdrawing.AT_PAYMENT)),
    Persona("withdrawn-after-payment", "Gives up while the officer has not decided; the duty goes back.",
            Ending.WITHDRAWN, (*PAID, i.WithdrawalRequested, u.ReviewWithdrawn, *RECALLED, *CLOSED, *REFUNDED),
            conduct=Conduct(withdraws=Withdrawing.IN_REVIEW), verdicts=()),
)  # fmt: skip


def _annulled(
    name: str, story: str, verdict: Verdict, *sees: Kinds, treatment: Treatment | None = None, account: bool = True,
    recalled: bool = True, again: Persona | None = None,
) -> Persona:  # fmt: skip
    seen = (*ANNULLED, *(RECALLED if recalled else ()), *(kind for kinds in sees for kind in kinds))
    return Persona(name, story, Ending.ANNULLED, seen, treatment=treatment or Treatment(), verdicts=(verdict,),
                   conduct=Conduct(has_account=account), again=again)  # fmt: skip


ANNULMENTS = (
    _annulled("annulled-photo", "Annulled for the photo.", BY_PHOTO, REFUNDED),
    _annulled("annulled-signature", "Annulled for the signature sample; the account is named only then.",
              BY_SIGNATURE, (i.RefundAccountChanged,), account=False),
    _annulled("annulled-extra-checks", "Annulled, for it needs further checks.", BY_CHECKS, REFUNDED),
    Persona("annulled-waived", "Annulled, and nothing had been paid.", Ending.ANNULLED,
            (*WAIVED, u.ReviewAnnulled, *RECALLED, *CLOSED), treatment=EXEMPT, verdicts=(BY_PHOTO,)),
    _annulled("annulled-again", "Annulled; files again, pays again, is issued.", BY_PHOTO, REFUNDED, again=PLAIN),
    _annulled("recall-refused", "Annulled, and РП ДРН refuses the recall.", BY_SIGNATURE, (i.RecallRefused,),
              treatment=Treatment(recall_refused=True), recalled=False),
    _annulled("refund-confirmed", "The duty comes back on the last day of the term.", BY_PHOTO, REFUNDED,
              treatment=Treatment(refund_days=5)),
    _annulled("refund-overdue", "The duty comes back too late.", BY_PHOTO, REFUNDED, (p.RefundOverdue,),
              treatment=Treatment(refund=Refund.OVERDUE, refund_days=8)),
    _annulled("refund-corrected", "The account is at fault; another is named, and the duty comes back.", BY_PHOTO,
              REFUNDED, (p.RefundRejected, i.RefundAccountChanged),
              treatment=Treatment(refund=Refund.ACCOUNT_FAULT)),
    _annulled("refund-against-law", "The revenue authority refuses the refund by law.", BY_CHECKS, (p.RefundRejected,),
              treatment=Treatment(refund=Refund.AGAINST_LAW)),
    Persona("circumstance-undecided", "РП ДРН tells of a changed record; the officer annuls.", Ending.ANNULLED,
            (*ANNULLED, *RECALLED, i.CircumstanceChanged), verdicts=(BY_CIRCUMSTANCE,), hold=timedelta(minutes=2),
            treatment=Treatment(circumstance=i.Circumstance.RECORD_CHANGED)),
)  # fmt: skip

TECHNICAL, SUBSTANTIVE = (ProductionFault.TECHNICAL,), (ProductionFault.SUBSTANTIVE,)
BACK: Kinds = (*PAID, u.ReviewApproved, d.ProductionRefused, u.ReviewAnnulled, *RECALLED, *CLOSED, p.RefundFiled)

CARDS = (
    _issued("production-technical", "The central node refuses once, technically; sent again.", Conduct(),
            (d.ProductionRefused,), treatment=Treatment(order_refusals=TECHNICAL)),
    replace(
        _issued("production-approved-again", "Input control refuses; the officer approves again.", Conduct(),
                (d.ProductionRefused,), treatment=Treatment(order_refusals=SUBSTANTIVE)),
        verdicts=(APPROVE, APPROVE),
    ),
    Persona("production-not-made", "Input control refuses; the officer annuls.", Ending.NOT_MADE, BACK,
            treatment=Treatment(order_refusals=SUBSTANTIVE), verdicts=(APPROVE, BY_CHECKS)),
    Persona("circumstance-approved", "Citizenship is lost after approval, before the card is made.", Ending.NOT_MADE,
            (*BACK, i.CircumstanceChanged), verdicts=(APPROVE, BY_CIRCUMSTANCE),
            treatment=Treatment(circumstance=i.Circumstance.CITIZENSHIP_LOST, circumstance_at=3,
                                made_after=timedelta(days=2))),
    _issued("card-spoiled", "The card is spoiled, and made again.", Conduct(), (d.DocumentSpoiled,),
            treatment=Treatment(spoiled=1)),
    _issued("card-spoiled-thrice", "The card is spoiled three times; operations have it made again.", Conduct(),
            (d.DocumentSpoiled,), treatment=Treatment(spoiled=3)),
    Persona("not-collected", "Never comes for the card.", Ending.NOT_COLLECTED,
            (*PAID, *READY, d.CollectionReminded, d.DocumentUncollected, *CLOSED), visits=()),
    replace(_issued("proxy-refused", "Somebody else comes with a power of attorney; then the person.", Conduct(),
                    (d.IssueRefused,)), visits=(Visit.PROXY, Visit.PERSON)),
    replace(_issued("wrong-point", "Comes to another point; then to the right one.", Conduct(), (d.IssueRefused,)),
            visits=(Visit.WRONG_POINT, Visit.PERSON)),
    replace(_issued("ends-after-pilot", "Registered within the pilot, issued after it.", Conduct()), act=2,
            decides_in_act=3),
)  # fmt: skip

OUTAGES = (
    replace(_issued("aissik-outage", "АИС СИК is silent: nobody is charged, waived or sent away.", Conduct()), act=2,
            outage="aissik"),
    replace(_issued("rpdrn-outage", "РП ДРН is silent after registration: it waits and goes on.", Conduct()), act=2,
            outage="rpdrn", outage_services=("RPDRN_INVOICE", "RPDRN_STAGE", "RPDRN_RESULT")),
)  # fmt: skip

AFTER = (*TO_THE_CARD, *MONEY, *ANNULMENTS, *CARDS, *OUTAGES)
