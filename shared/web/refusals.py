"""What a person reads when the answer is no: a title and a way on for every code. Messages are keys of catalogues."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final


def N_(message: str) -> str:  # noqa: N802  the mark by which texts are found
    """Marks a text for the catalogues."""
    return message


BY_CODE: Final[dict[str, tuple[str, str]]] = {
    "UNKNOWN_CASE": (N_("There is no such case"), N_("No case under review has this address. Search by the talon.")),
    "OTHER_REGION": (N_("The case belongs to another region"),
                     N_("You decide cases of your own region only. This attempt is on record.")),
    "OWN_APPLICATION": (N_("This is your own application"), N_("Nobody reviews their own application.")),
    "SAME_ADDRESS": (N_("The applicant is registered at your address"),
                     N_("Another officer decides this case. Nothing was done, and this attempt is on record.")),
    "HELD_BY_ANOTHER": (N_("Another officer holds this case"), N_("Take another case from the queue.")),
    "LEASE_LOST": (N_("You do not hold this case any more"),
                   N_("Its time ran out or it was given back. Nothing was decided. Take it again if it is free.")),
    "ROUND_CHANGED": (N_("The case has come back for another round"),
                      N_("What you saw is no longer what is to be decided. Take it again and look anew.")),
    "CIRCUMSTANCE_CHANGED": (N_("Something has changed since the application"),
                             N_("The register tells of a change: only an annulment for extra checks is left.")),
    "DOCUMENTATION_CODE": (N_("The documentation code does not agree"),
                           N_("Enter the code that stands on the case. Nothing was decided.")),
    "DECISION_ID_SPENT": (N_("This decision was undone"), N_("Decide anew from the page of the case.")),
    "DECIDED": (N_("The case is decided"), N_("Nothing can be changed in it any more.")),
    "WITHDRAWN": (N_("The applicant has withdrawn"), N_("There is nothing left to decide in this case.")),
    "CLOSED": (N_("The application has ended"), N_("There is nothing left to decide in this case.")),
    "ALREADY_SIGNED": (N_("A decision is already signed"),
                       N_("It is confirmed in a few seconds; until then only who signed it can undo it.")),
    "NO_SUCH_DECISION": (N_("There is no such decision to undo"), N_("Look at the case as it stands now.")),
    "NOT_YOUR_DECISION": (N_("Another officer signed this decision"), N_("Only who signed it can undo it.")),
    "UNKNOWN_TALON": (N_("There is no card under this talon"),
        N_("Read the talon on the notice once more. This attempt is on record.")),
    "OTHER_POINT": (N_("The card is issued at another point"),
        N_("The applicant chose another registration point and must go there. This attempt is on record.")),
    "OWN_CARD": (N_("This is your own card"),
        N_("Nobody hands over their own card. Another officer does it.")),
    "WRONG_TALON": (N_("The talon is not the one of this card"),
        N_("Read the talon on the notice once more.")),
    "STOPPED": (N_("This card must not be handed over"),
        N_("The application has ended or its approval is gone. Put the card aside and tell operations.")),
    "ISSUED_ALREADY": (N_("The card was handed over before"),
        N_("Nothing was done. The receipt stands on the page of the card.")),
    "UNCOLLECTED": (N_("The term for collecting the card is over"),
        N_("The card is not handed over any more.")),
    "NOT_SHIPPED": (N_("The card has not been made yet"),
        N_("It can be checked in once the centre has made it.")),
    "NOT_READY": (N_("The card is not checked in at this point"),
        N_("Check it in first, then hand it over.")),
    "NO_POINT": (N_("You belong to no registration point"),
        N_("The account has no point. Ask your administrator.")),
    "OWN_DECISION": (N_("You have signed this decision"), N_("The second pair of eyes is another officer's.")),
    "UNKNOWN_ACCOUNT": (N_("There is no such account"),
                        N_("Look for it in the list of accounts. This attempt is on record.")),
    "OWN_ACCOUNT": (N_("This is your own account"),
                    N_("Nobody changes their own account. Another administrator does it. This attempt is on record.")),
    "ACCOUNT_EXISTS": (N_("There is such an account already"),
                       N_("Choose another name, or open the account that is there. This attempt is on record.")),
    "STANDS_OTHERWISE": (N_("The account stands otherwise"),
                         N_("Somebody was there first. Load the page of the account anew. This attempt is on record.")),
    "CSRF": (N_("This form is not of your session"),
             N_("Nothing was done. Go back to the page, load it anew and send it again.")),
    "ROLE": (N_("Your role has no access here"), N_("Sign in with an account that has the role, or ask your head.")),
    "SIGN_IN": (N_("The sign-in did not succeed"), N_("Nothing was done. Begin the sign-in anew.")),
    "SECOND_STEP": (N_("Your key was not asked for"),
                    N_("The sign-in was by a password alone, and here the officer's key is needed, too. "
                       "Ask your administrator.")),
    "NO_ACCOUNT": (N_("There is no officer of this account"),
                   N_("The account is known, but not as an officer of this region. Ask your administrator.")),
    "NOT_SIGNED": (N_("Nothing is signed"), N_("Your key signs by NCALayer, and that needs JavaScript.")),
    "SIGNATURE": (N_("The signature is not accepted"),
                  N_("Nothing was done. Sign with your own key. This attempt is on record.")),
}  # fmt: skip

BY_STATUS: Final[dict[int, tuple[str, str]]] = {
    400: (N_("This request does not read"), N_("Nothing was done. Go back and try again.")),
    401: (N_("Sign in first"), N_("You are signed out, or were away for too long.")),
    403: (N_("This is not yours to do"), N_("Nothing was done. This attempt is on record.")),
    404: (N_("There is no such page"), N_("The address may be mistyped, or what it named is gone.")),
    405: (N_("This address is not used so"), N_("Begin from the first page.")),
    413: (N_("Too much was sent"), N_("Nothing was done. Shorten the text and send it again.")),
    422: (N_("Something is missing or does not fit"), N_("Nothing was decided. Go back, mend it and send it again.")),
    503: (N_("Not possible just now"), N_("Nothing was done. Try again in a few seconds.")),
}

OTHER: Final = (N_("Our fault"), N_("It has been noted. Look at the case before you try again."))

FAULTS: Final[Mapping[str, str]] = {
    "ground_missing": N_("Choose the ground of the annulment."),
    "reasons_missing": N_("Choose at least one reason."),
    "reason_of_another_ground": N_("A chosen reason belongs to another ground."),
    "ground_of_approval": N_("An approval has neither ground nor reasons."),
    "decision": N_("Choose whether to approve or to annul."),
    "documentation_code": N_("Enter the documentation code."),
    "reason": N_("Say why the case is given back."),
    "not_now": N_("The page was open for too long; decide anew from the page of the case."),
    "visitor": N_("Say who has come."),
    "established": N_("Compare the face with the photo and mark it."),
    "old_card": N_("Say what became of the old card."),
    "how": N_("Say what has come."),
    "talons": N_("Enter the talons, one on each line."),
    "not_listed": N_("A card that is said to be missing is not expected in this shipment."),
    "days": N_("Enter a number of days."),
    "cases_missing": N_("Choose the cases, not more than fifty at once."),
    "to": N_("Choose who gets them."),
    "reason_of_moving": N_("Say why they are reassigned."),
    "agrees": N_("Say whether you agree."),
    "second_reason": N_("Say why you do not agree."),
    "wanted": N_("Say what is wanted."),
    "weeks": N_("Enter a number of weeks."),
    "record_day": N_("Choose a day."),
    "account_id": N_("Name the account with 3 to 64 Latin letters, digits, dots or hyphens."),
    "account_iin": N_("Enter the IIN of the officer; its check digit must hold."),
    "account_iin_known": N_("A person of this IIN has an account already."),
    "account_officer": N_("An officer of this name is known with another IIN, region or organisation."),
    "account_office": N_("Choose the region and the organisation."),
    "roles_missing": N_("Choose at least one role."),
    "account_point": N_("Choose a registration point of that region; an issue officer must have one."),
    "OTHER_IIN": N_("The certificate is another person's."),
    "OTHER_ORGANISATION": N_("The certificate names an organisation that does not decide in this region."),
    "NOT_OFFICER": N_("It is not a key of an employee with the right to sign."),
    "NOT_SIGNING_KEY": N_("It is a key for signing in, not for signatures."),
    "EXPIRED": N_("The certificate is out of date."),
    "REVOKED": N_("The certificate is revoked."),
    "cms": N_("The signature does not hold; the decision was not taken."),
}


def told(status: int, code: str) -> tuple[str, str]:
    """Title and way on."""
    return BY_CODE.get(code) or BY_STATUS.get(status, OTHER)
