"""French regions and their departments, in the codes of the Insee."""

from __future__ import annotations

from collections.abc import Iterable

from core.words import fold

DEPARTMENTS: dict[str, tuple[str, ...]] = {
    "Auvergne-Rhône-Alpes": (
        "01",
        "03",
        "07",
        "15",
        "26",
        "38",
        "42",
        "43",
        "63",
        "69",
        "73",
        "74",
    ),
    "Bourgogne-Franche-Comté": ("21", "25", "39", "58", "70", "71", "89", "90"),
    "Bretagne": ("22", "29", "35", "56"),
    "Centre-Val de Loire": ("18", "28", "36", "37", "41", "45"),
    "Corse": ("2A", "2B", "20"),
    "Grand Est": ("08", "10", "51", "52", "54", "55", "57", "67", "68", "88"),
    "Hauts-de-France": ("02", "59", "60", "62", "80"),
    "Île-de-France": ("75", "77", "78", "91", "92", "93", "94", "95"),
    "Normandie": ("14", "27", "50", "61", "76"),
    "Nouvelle-Aquitaine": ("16", "17", "19", "23", "24", "33", "40", "47", "64", "79", "86", "87"),
    "Occitanie": ("09", "11", "12", "30", "31", "32", "34", "46", "48", "65", "66", "81", "82"),
    "Pays de la Loire": ("44", "49", "53", "72", "85"),
    "Provence-Alpes-Côte d'Azur": ("04", "05", "06", "13", "83", "84"),
    "Outre-mer": ("971", "972", "973", "974", "975", "976", "977", "978", "986", "987", "988"),
}
BY_NAME = {fold(name).replace("-", " "): name for name in DEPARTMENTS}


def find_region(name: str) -> str | None:
    """The official name of a region, however it is written."""
    return BY_NAME.get(fold(name.strip()).replace("-", " "))


def find_region_of(department: str) -> str | None:
    """The region of a department's code («1», «01», «2A»)."""
    code = department.strip().upper().zfill(2)
    return next((name for name, codes in DEPARTMENTS.items() if code in codes), None)


def list_departments(regions: Iterable[str]) -> tuple[str, ...]:
    """The departments of `regions`; unknown names give none."""
    known = [name for region in regions if (name := find_region(region))]
    return tuple(code for name in known for code in DEPARTMENTS[name])
