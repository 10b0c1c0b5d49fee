"""Why something that came over the wire is not believed: one class a reason, and nothing of what stood there."""

from __future__ import annotations


class Distrusted(Exception):
    """What came cannot be read or believed; it counts as no answer at all."""

    def __str__(self) -> str:
        return " ".join((type(self).__doc__ or "").split())


class TooLarge(Distrusted):
    """More bytes, or more elements, than such a message ever has."""


class Unreadable(Distrusted):
    """No well-formed XML in UTF-8."""


class DoctypeFound(Distrusted):
    """A document type declaration stands in it."""


class EntitiesFound(Distrusted):
    """Entities are declared in it."""


class NotAnEnvelope(Distrusted):
    """No SOAP 1.1 envelope, or none with what was to stand in it."""


class SeveralBodies(Distrusted):
    """Not exactly one Body in the envelope."""


class Unsigned(Distrusted):
    """Nobody signed it."""


class SeveralSignatures(Distrusted):
    """Not exactly one signature where the one is to stand."""


class Wrapped(Distrusted):
    """What was signed is not what would be read."""


class WrongAlgorithm(Distrusted):
    """Signed, digested or canonicalised in another way than agreed."""


class UnknownSigner(Distrusted):
    """Signed with a certificate that is not pinned, or not valid now."""


class Altered(Distrusted):
    """Not what was signed."""


class BadSignature(Distrusted):
    """The signature is not of this certificate's key."""


class Stale(Distrusted):
    """Not of this moment: too old, or from the future."""


class OfAnotherQuestion(Distrusted):
    """Not the answer to what was asked."""


class OutsideItsSchema(Distrusted):
    """Not of the form that its schema has."""
