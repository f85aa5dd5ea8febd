"""The document and version that each file is: by the folder's register, otherwise by its name."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import PurePosixPath

from ingest.register import Entry
from knowledge.documents import StoredVersion

LONGEST_CODE, LONGEST_LABEL = 200, 40
# No year: « EDF-2024 » is no code, nor the start of a longer number.
CODE = re.compile(r"\b[A-Z]{2,5}-(?!(?:19|20)\d\d\b)\d{1,4}\b(?!-\d)")
LABEL = re.compile(
    r"\b(?:v|version|r[eé]v|r[eé]vision)[ .]{0,2}(?P<label>\d{1,3}(?:\.\d{1,3}){0,3})\b(?!\.?\d)",
    re.I,
)
_NUMBER = re.compile(r"\d+")
_JOINTS = " -–.,_()[]"


@dataclass(frozen=True)
class NameParts:
    """What a file's name, without its ending, says: a code and a version, if any, and the rest."""

    code: str | None
    label: str | None
    rest: str


def read_name(name: str) -> NameParts:
    """What the file name `name` says («PR-21_Achats v2.0.pdf»: PR-21, 2.0, «PR-21 Achats»)."""
    stem = PurePosixPath(name).stem.replace("_", " ")
    code, label = CODE.search(stem), LABEL.search(stem)
    rest = stem
    if label is not None:
        before, after = (
            part.strip(_JOINTS) for part in (stem[: label.start()], stem[label.end() :])
        )
        rest = f"{before} {after}".strip() or stem
    return NameParts(code[0] if code else None, label["label"] if label else None, rest)


def name_document(name: str) -> str:
    """The title that a file's name gives: its code and version left out, unless nothing is left."""
    parts = read_name(name)
    title = parts.rest.replace(parts.code, "").strip(_JOINTS) if parts.code else parts.rest
    return " ".join(title.split()) or PurePosixPath(name).stem


def place_files(
    entries: Mapping[str, Entry], paths: Iterable[str]
) -> dict[str, tuple[Entry, Entry]]:
    """Each file's entry, and the entry that speaks for its document: in force, else newest."""
    listed = list(paths)
    leading: dict[str, Entry] = {}
    for path in listed:
        entry = entries[path]
        current = leading.get(entry.code)
        if current is None or _authority(entry) > _authority(current):
            leading[entry.code] = entry
    return {path: (entries[path], leading[entries[path].code]) for path in listed}


def _authority(entry: Entry) -> tuple[bool, str, str]:
    starts = entry.valid_from.isoformat() if entry.valid_from else ""
    return entry.status == "in_force", starts, entry.version


def complete(register: Mapping[str, Entry], paths: Iterable[str]) -> dict[str, Entry]:
    """The entries of a register, and those that names give to the other files among `paths`.

    `paths` are all files of the source, those that cannot be read too: an earlier version does
    not come in force because the last one is out of reach.
    """
    others = sorted(path for path in paths if path not in register)
    return {**register, **default_entries(others, {entry.code for entry in register.values()})}


def default_entries(paths: Iterable[str], taken: Set[str] = frozenset()) -> dict[str, Entry]:
    """Entries for files without register, which their names give.

    Files whose names differ by their version only, in one folder or with one code, are versions of
    one document, the last of them in force. Its code is the one in the name, unless another
    document has it too; the name otherwise, with its folder if need be. A code among `taken`, which
    a register gives, is no file's by default: its rights would no longer be those of the register.
    """
    listed = list(paths)
    stems = Counter(PurePosixPath(path).stem for path in listed)
    places = Counter(str(PurePosixPath(path).with_suffix("")) for path in listed)
    documents = _group_versions(listed)
    codes = Counter(read_name(group[0]).code for group in documents)
    names = Counter(read_name(group[0]).rest for group in documents)
    held = {code.casefold() for code in taken}
    entries: dict[str, Entry] = {}
    for group in documents:
        parts = read_name(group[0])
        named = [parts.code] if parts.code is not None and codes[parts.code] == 1 else []
        named += [parts.rest] if names[parts.rest] == 1 else []
        named += [_with_folder(group[0], parts.rest)] if len(group) > 1 else []
        code = _choose(named, held)
        for path in group:
            own = code or _choose([_name_alone(path, stems, places)], held) or path
            is_last = code is None or path == group[-1]
            entries[path] = Entry(
                file=path,
                code=own[-LONGEST_CODE:],
                version=_label_of(path),
                status="in_force" if is_last else "superseded",
            )
    return entries


def _choose(codes: Iterable[str], taken: Set[str]) -> str | None:
    return next((code for code in codes if code[-LONGEST_CODE:].casefold() not in taken), None)


def hold_back(
    entries: Mapping[str, Entry], register: Mapping[str, Entry], stored: Iterable[StoredVersion]
) -> dict[str, Entry]:
    """The entries of files whose names would put them in force beside a version people approved.

    They are in review: a name alone does not end what was decided.
    """
    decided = [one for one in stored if one.is_decided and one.version.status == "in_force"]
    return {
        path: entry.model_copy(update={"status": "in_review"})
        for path, entry in entries.items()
        if path not in register
        and entry.status == "in_force"
        and any(
            one.document.code == entry.code and one.version.label != entry.version
            for one in decided
        )
    }


def is_default(stored: StoredVersion) -> bool:
    """Tell whether a file may have been read so without register, but for what was decided."""
    document, version = stored.document, stored.version
    path = version.source_path
    pure, parts = PurePosixPath(path), read_name(path)
    names = (pure.stem, str(pure.with_suffix("")), path, parts.rest, _with_folder(path, parts.rest))
    codes = {name[-LONGEST_CODE:] for name in names} | {parts.code}
    labels = {_label_of(path), Entry.model_fields["version"].default}
    is_usual = document.access == ("all",) and version.label in labels
    is_undated = (version.valid_from, version.valid_to) == (None, None)
    is_usual_status = version.status in ("in_force", "superseded") and is_undated
    return is_usual and (stored.is_decided or is_usual_status) and document.code in codes


def _group_versions(paths: Sequence[str]) -> list[list[str]]:
    """The files of each document, from its first version to its last."""
    alike: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for path in paths:
        parts = read_name(path)
        folder = "" if parts.code else str(PurePosixPath(path).parent)
        alike[folder, parts.rest.casefold()].append(path)
    documents: list[list[str]] = []
    for group in alike.values():
        if len({_rank(path) for path in group}) == len(group):
            documents.append(sorted(group, key=_rank))
        else:
            documents += [[path] for path in group]
    return documents


def _label_of(path: str) -> str:
    return (read_name(path).label or Entry.model_fields["version"].default)[:LONGEST_LABEL]


def _rank(path: str) -> tuple[int, ...]:
    """The numbers of a file's version, «2.0» like «2»."""
    numbers = [int(number) for number in _NUMBER.findall(_label_of(path))]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _with_folder(path: str, name: str) -> str:
    return str(PurePosixPath(path).parent / name)


def _name_alone(path: str, stems: Mapping[str, int], places: Mapping[str, int]) -> str:
    pure = PurePosixPath(path)
    without_suffix = str(pure.with_suffix(""))
    if stems[pure.stem] == 1:
        return pure.stem
    return without_suffix if places[without_suffix] == 1 else path
