"""`python -m tests.bench.on_engine <sharer>`: one service of the chain, hosted as every service is."""

from __future__ import annotations

import sys

from shared import hosting
from shared.engine.adapters import subscribers
from tests.bench.hops import queues_of, service_of

if __name__ == "__main__":
    sharer = int(sys.argv[1])
    setattr(subscribers, "queues_of", lambda service: queues_of(sharer))  # noqa: B010  the process table knows no chain
    hosting.serve(hosting.App(service_of(sharer)))
