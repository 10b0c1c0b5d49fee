"""How often payment looks at what it waits for, in machine time: often at first, then once a minute."""

from __future__ import annotations

from datetime import timedelta

from shared.law.rules import Rules

MOST = timedelta(minutes=1)


def seldom(rules: Rules) -> timedelta:
    """The longest pause: thirty times `rules.poll`, a minute unless an installation polls faster or slower."""
    return max(rules.poll, min(rules.poll * 30, MOST))


def ever_rarer(rules: Rules, looks: int) -> timedelta:
    """Between two looks at what only a citizen can move on: the longest pause, doubling up to a day."""
    return min(seldom(rules) * (1 << min(looks, 16)), timedelta(days=1))


def daily(rules: Rules) -> timedelta:
    """Between two looks whether a day is over: five minutes, sooner where an installation polls faster."""
    return seldom(rules) * 5


def pause(rules: Rules, looks: int) -> timedelta:
    """Between two looks: `rules.poll`, doubling up to the longest pause."""
    return min(rules.poll * (1 << min(looks, 8)), seldom(rules))
