"""French sentences of any subject, from the help pages and translations of Debian packages.

`python -m scripts.models.gather FOLDER OUT` reads the packages (`.deb`) of FOLDER and
writes a sentence a line to OUT. It needs `dpkg-deb`.
"""

from __future__ import annotations

import gettext
import gzip
import html
import io
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

# Of one package, so that no subject takes the place of the others.
MOST = 8_000
FRENCH_PATH = re.compile(r"/fr(?:[-_]FR)?/|[.-]fr(?:\.html$|/)")
MARKED = (".html", ".docbook", ".page", ".xml")
DROPPED = re.compile(r"<(script|style|pre)\b[^>]*>.*?</\1>", re.DOTALL | re.IGNORECASE)
BLOCK_END = re.compile(r"</(?:p|para|li|h\d|td|th|div|dt|dd|title|item)>", re.IGNORECASE)
TAG = re.compile(r"<[^>]+>")
# Formats of translations, entities and commands: no words.
CODE = re.compile(r"[%{}\\@|&]\S*")
REQUEST = re.compile(r"(?m)^[.'].*$")
FONT = re.compile(r"\\f.|\\&")
SENTENCE_END = re.compile(r"(?<=[.!?;:])\s+(?=[A-ZÀÉÈÊÎÔÛÇ«0-9-])")
SMALL_WORD = re.compile(
    r"\b(?:le|la|les|de|des|du|un|une|et|est|pour|dans|que|qui|sur|avec|vous|au|il|elle|en)\b",
    re.IGNORECASE,
)
NAMES = "iso-codes_"
LEAST_CHARS, MOST_CHARS = 12, 400
LEAST_SMALL_WORDS, LEAST_LETTERS = 2, 0.6


def read_package(path: Path) -> Iterator[str]:
    """The texts in French of a Debian package. Raises CalledProcessError on a damaged one."""
    command = ["dpkg-deb", "--fsys-tarfile", str(path)]
    content = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout  # noqa: S603
    with tarfile.open(fileobj=io.BytesIO(content)) as members:
        for member in members:
            if member.isfile() and FRENCH_PATH.search(member.name):
                file = members.extractfile(member)
                if file is not None:
                    yield from _read_member(member.name, file.read())


def _read_member(name: str, content: bytes) -> Iterator[str]:
    if name.endswith(".mo"):
        catalogue: dict[object, str] = vars(gettext.GNUTranslations(io.BytesIO(content)))[
            "_catalog"
        ]
        yield from (text for key, text in catalogue.items() if key)
    elif name.endswith(MARKED):
        text = DROPPED.sub(" ", content.decode("utf-8", "replace"))
        yield BLOCK_END.sub(". ", text)
    elif name.endswith(".gz") and "/man/" in name:
        text = REQUEST.sub("\n", gzip.decompress(content).decode("utf-8", "replace"))
        yield from FONT.sub("", text.replace("\\-", "-")).split("\n\n")


def list_sentences(text: str) -> Iterator[str]:
    """The sentences of `text` that are French, marks left out."""
    words = CODE.sub(" ", html.unescape(TAG.sub(" ", text)))
    joined = re.sub(r"\.(?:\s*\.)+", ".", re.sub(r"[\s_]+", " ", words))
    for sentence in SENTENCE_END.split(joined):
        said = sentence.strip()
        letters = sum(one.isalpha() for one in said)
        if (
            LEAST_CHARS <= len(said) <= MOST_CHARS
            and len(SMALL_WORD.findall(said)) >= LEAST_SMALL_WORDS
            and letters > LEAST_LETTERS * len(said)
        ):
            yield said


def list_lines(path: Path) -> Iterator[str]:
    """The sentences of a package; of one that translates names, the names."""
    for text in read_package(path):
        yield from [text] if path.name.startswith(NAMES) else list_sentences(text)


def main(folder: Path, target: Path) -> None:
    """Write the sentences of the packages in `folder` to `target`."""
    kept: dict[str, None] = {}
    for path in sorted(folder.glob("*.deb")):
        own = dict.fromkeys(one for one in list_lines(path) if "\n" not in one)
        step = max(1, -(-len(own) // MOST))
        kept |= dict.fromkeys(list(own)[::step])
        sys.stdout.write(f"{path.name.partition('_')[0]}: {len(own)}\n")
    target.write_text("".join(f"{one}\n" for one in kept), encoding="utf-8")
    sys.stdout.write(f"{len(kept)} phrases\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
