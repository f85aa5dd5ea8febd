"""Valid codes of the trade, made by counting: siren, siret, prm, pce, telephone."""

from __future__ import annotations

SPREAD = 387_420_489
"""3^18: coprime with every power of ten, so that multiplying by it permutes the residues."""


def is_luhn_valid(digits: str) -> bool:
    """Tell whether `digits` passes the Luhn check of siren and siret numbers."""
    return digits.isdigit() and luhn_sum(digits) % 10 == 0


def luhn_sum(digits: str) -> int:
    """The Luhn sum of `digits`, the rightmost digit being the check digit."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if position % 2 else 1)
        total += value - 9 if value > 9 else value
    return total


def complete_luhn(digits: str) -> str:
    """`digits` followed by its Luhn check digit."""
    return f"{digits}{-luhn_sum(digits + '0') % 10}"


def make_siren(number: int) -> str:
    """The 9-digit siren of rank `number`; distinct for distinct numbers below 10^7."""
    return complete_luhn(f"{8 - number % 5}{scatter(number, 7)}")


def make_siret(siren: str, establishment: int = 1) -> str:
    """The 14-digit siret of an establishment of `siren`."""
    return complete_luhn(f"{siren}{establishment:04d}")


def make_prm(number: int, department: str) -> str:
    """The 14-digit prm of rank `number`; distinct for distinct numbers."""
    return f"{_region_prefix(department)}{scatter(number, 12)}"


def make_pce(number: int, annual_mwh: float) -> str:
    """The pce of rank `number`: GI and 6 digits for large sites, else 14 digits."""
    if annual_mwh >= 5000:
        return f"GI{scatter(number, 6)}"
    return f"2{scatter(number, 13)}"


def make_phone(number: int, *, is_mobile: bool) -> str:
    """A French number of the ranges kept for fiction (ARCEP: 06 39 98, 02 61 91)."""
    start = "06 39 98" if is_mobile else "02 61 91"
    tail = scatter(number, 4)
    return f"{start} {tail[:2]} {tail[2:]}"


def scatter(number: int, width: int) -> str:
    """`number` permuted among the decimals of `width` digits: distinct, not in sequence."""
    size = 10**width
    return f"{(number * SPREAD + SPREAD) % size:0{width}d}"


def _region_prefix(department: str) -> str:
    if not department.isdigit():
        return "25"
    return f"{1 + int(department) * 29 // 96:02d}"
