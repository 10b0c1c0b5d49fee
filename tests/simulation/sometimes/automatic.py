"""What is looked for in every decision alike: each reaction, each word, each reason, each guard that ignores."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from services.production_dispatch.messages import Answered
from services.ums_review.acts import Refusal
from shared.contracts import eligibility as e
from shared.contracts import identity_verification as v
from shared.contracts import intake as i
from shared.contracts import payment as p
from shared.contracts import production_dispatch as d
from shared.contracts import ums_review as u
from shared.contracts.base import Message, routing_key
from shared.contracts.portal import MessageRejected
from shared.engine.decision import Outage, Overdue
from tests.simulation.sometimes.seen import Decided, key_of

REASONS: dict[type[Message], Callable[[Any], tuple[Any, ...]]] = {
    i.ApplicationRefused: lambda said: said.grounds,
    i.SignatureReturned: lambda said: (said.problem,),
    i.CloseRefused: lambda said: (said.ending,),
    i.ApplicationClosed: lambda said: (said.ending,),
    i.CircumstanceChanged: lambda said: (said.circumstance,),
    v.IdentityRefused: lambda said: (said.reason,),
    v.IdentityUnavailable: lambda said: (said.dependency,),
    e.EligibilityRefused: lambda said: said.grounds,
    p.FeeWaived: lambda said: (said.ground,),
    p.RefundFiled: lambda said: (said.cause,),
    d.ProductionRefused: lambda said: (said.fault,),
    u.ReviewAnnulled: lambda said: (said.ground,),
    u.WithdrawalRefused: lambda said: (said.decision,),
    MessageRejected: lambda said: (said.reason,),
}
"""Of a word, the reasons it may give."""


def observe(service: str, decided: Decided) -> list[str]:
    kind: Any = type(decided.said)
    key = key_of(kind)
    names = [heard(service, key)]
    for said in decided.decision.says:
        kind = type(said)
        word = says(kind)
        names.append(word)
        reasons = REASONS.get(kind)
        if reasons is not None:
            names += [f"{word}: {reason}" for reason in reasons(said)]
    reply = decided.decision.reply
    if isinstance(reply, Refusal):
        names.append(f"the officer is refused: {reply.code}")
    elif isinstance(reply, Answered) and reply.code is not None:
        names.append(f"the desk is refused: {reply.code}")
    if isinstance(decided.given.answers, Outage):
        names.append(f"an outage answers {key}")
    elif isinstance(decided.given.answers, Overdue):
        names.append(f"a deadline answers {key}")
    if decided.silent:
        names.append(ignored(service, key))
    return names


@cache
def says(kind: type[Any]) -> str:
    return f"says {routing_key(kind)}"


def heard(service: str, key: str) -> str:
    return f"{service} hears {key}"


def ignored(service: str, key: str) -> str:
    return f"{service} ignores {key}"
