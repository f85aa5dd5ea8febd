"""The command `voltaire erase`, in the name of an administrator who gives their password."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from api.approving import Credentials, sign_in
from api.offline import run_closing
from api.written import check_writable, write_file
from core.context import Context
from core.errors import InvalidInput
from core.formats import NBSP
from core.secrets import load_secrets
from core.settings import Settings
from crm.erasure import Subject, is_signed, make_subject
from crm.installation import Installation
from tools.erasure import confirm_erasure, preview_erasure, tell_counts

Confirm = Callable[[list[str]], bool]
ONE_OF = "Dites qui effacer (--person, répétable) ou quel document (--document)."
UNREADABLE = "« {path} » n’est pas une attestation lisible. Donnez le fichier écrit par --output."


@dataclass(frozen=True)
class EraseAsked:
    """Whom or what to erase, and where to write the certificate."""

    person: tuple[str, ...] = ()
    document: str | None = None
    output: Path | None = None

    @property
    def subject(self) -> Subject:
        """The subject; InvalidInput for none or two."""
        if bool(self.person) == (self.document is not None):
            raise InvalidInput(ONE_OF)
        if self.document is not None:
            return make_subject("document", [self.document])
        return make_subject("person", self.person)


def erase_here(
    settings: Settings, who: Credentials, asked: EraseAsked, confirm: Confirm
) -> list[str]:
    """Show what would go, and erase it if `confirm` says so; the lines to print.

    Raises InvalidInput, before anything is done, where the certificate could not be written.
    """
    subject = asked.subject
    if asked.output is not None:
        check_writable(asked.output)

    async def work(installation: Installation) -> list[str]:
        return await _erase(await sign_in(installation, who), asked, subject, confirm)

    return run_closing(settings, work)


def verify_here(settings: Settings, path: Path) -> tuple[str, bool]:
    """Whether a certificate was signed by this installation and has not changed since."""
    try:
        written = json.loads(path.read_text(encoding="utf-8"))
        text, signature = str(written["certificate"]), str(written["signature"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidInput(UNREADABLE.format(path=path)) from error
    if is_signed(load_secrets(settings), text, signature):
        return "L’attestation est authentique et intacte.", True
    return f"ANOMALIE{NBSP}: cette attestation n’est pas celle que cette installation a signée.", (
        False
    )


async def _erase(
    context: Context, asked: EraseAsked, subject: Subject, confirm: Confirm
) -> list[str]:
    shown = await preview_erasure(context, subject)
    lines = [f"Seraient effacés{NBSP}:", *tell_counts(shown.counts)]
    if not shown.counts:
        return ["Rien ne porte ces mots. Rien n’est à effacer."]
    if not confirm(lines):
        return ["Rien n’a été effacé."]
    done = await confirm_erasure(context, shown.id, subject, shown.digest)
    lines = [
        str(json.loads(done.text)["statement"]),
        f"Attestation{NBSP}:",
        done.text,
        f"Signature{NBSP}: {done.signature}",
    ]
    if asked.output is not None:
        written = {"certificate": done.text, "signature": done.signature}
        content = json.dumps(written, ensure_ascii=False, indent=1).encode()
        try:
            await asyncio.to_thread(write_file, asked.output, content)
        except (
            InvalidInput
        ) as error:  # the disk filled meanwhile: the lines above still hold it all
            lines.append(error.message)
    return lines
