"""The system broken in one way at a time: each must be found by a rule within so many seeds, else nothing is proven."""

from tests.simulation.mutants.engine import ENGINES
from tests.simulation.mutants.money import MONEY
from tests.simulation.mutants.mutant import Mutant
from tests.simulation.mutants.services import SERVICES

MUTANTS: tuple[Mutant, ...] = (*ENGINES, *SERVICES, *MONEY)

__all__ = ["MUTANTS", "Mutant"]
