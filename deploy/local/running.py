"""A whole stack, wherever it runs: processes of this machine (`deploy.local`) or containers (`deploy.containers`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from deploy.local.addresses import BrokerAddress
from deploy.local.folder import RunFolder
from deploy.local.layout import Addresses
from deploy.local.processes import Process


class Server(Protocol):
    """A broker, wherever it runs."""

    @property
    def address(self) -> BrokerAddress: ...


class Listing(Protocol):
    """What runs, each at its port of this machine."""

    def list(self) -> Sequence[Process]: ...


class Running(Protocol):
    """What directs a stack, or shows it to a person, needs to know of it."""

    @property
    def folder(self) -> RunFolder: ...
    @property
    def processes(self) -> Listing: ...
    @property
    def broker(self) -> Server: ...


class Addressed(Running, Protocol):
    """With the servers' addresses as this machine reaches them."""

    @property
    def addresses(self) -> Addresses: ...
