"""The broker's management API: whether it answers, and its definitions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from deploy.local.addresses import BrokerAddress, moved
from deploy.local.child import CommandFailed

Definitions = Mapping[str, Any]


async def broker_answers(client: httpx.AsyncClient, broker: BrokerAddress) -> bool:
    """Whether it is up, lets its administrator in and has no alarm."""
    try:
        answer = await client.get(f"{broker.management_url}/api/health/checks/local-alarms", auth=broker.administrator)
    except httpx.HTTPError:
        return False
    return answer.is_success


async def upload(broker: BrokerAddress, definitions: Definitions) -> None:
    """Give a running broker users, rights, exchanges, queues and policies. Raises `CommandFailed`."""
    async with httpx.AsyncClient(timeout=30.0, trust_env=False) as client:
        try:
            answer = await client.post(
                f"{broker.management_url}/api/definitions",
                json=moved(definitions, broker.vhost),
                auth=broker.administrator,
            )
        except httpx.HTTPError as failure:
            raise CommandFailed(f"The management API at {broker.management_url} does not answer: {failure}") from None
    if not answer.is_success:
        raise CommandFailed(f"The broker refuses the definitions ({answer.status_code}): {answer.text[:500]}")
