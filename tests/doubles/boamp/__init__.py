"""A strict local double of the BOAMP's open-data API, with invented notices."""

from tests.doubles.boamp.server import BoampDouble

__all__ = ["BoampDouble"]
