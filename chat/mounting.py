"""Puts the chat page on the web application: its folder, its French build, its route."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from uuid import UUID

from fastapi import FastAPI
from fastapi.responses import RedirectResponse

from chat.services import ChatServices, GiveCookie, install_chat_services
from core.errors import ConfigurationError
from core.settings import prepare_chat_environment

HERE = Path(__file__).parent
RESOURCES = {
    "config.toml": ".chainlit/config.toml",
    "fr-FR.json": ".chainlit/translations/fr-FR.json",
    "welcome.md": "chainlit.md",
    "voltaire.css": "public/voltaire.css",
    "voltaire.js": "public/voltaire.js",
    "theme.json": "public/theme.json",
    "login.svg": "public/login.svg",
    "favicon.svg": "public/favicon.svg",
    "logo_light.svg": "public/logo_light.svg",
    "logo_dark.svg": "public/logo_dark.svg",
}
# English left in the page's compiled build, where its translations do not reach.
FRENCH_IN_BUILD = {
    '"Loading PDF..."': '"Chargement du document…"',
    '"Print/Open PDF"': '"Ouvrir ou imprimer le document"',
    '"Download PDF"': '"Télécharger le document"',
    '"An error occurred while loading the content"': '"La source n’a pas pu être chargée"',
    # An error shows what the server says, without the English name of its status.
    "this.detail?`${this.message}: ${this.detail}`:this.message": "this.detail||this.message",
    # A refused sign-in is told once, by the form, in the words of the server.
    'async passwordAuth(t){return(await this.post("/login",t)).json()}': (
        'async passwordAuth(t){const e=await fetch(this.buildEndpoint("/login"),{method:"POST",'
        'credentials:"include",body:t});if(!e.ok)throw new Error('
        "await this.getDetailFromErrorResponse(e));return e.json()}"
    ),
    "d([`auth.login.errors.${s}`,`auth.login.errors.${s.toLowerCase()}`,"
    '"auth.login.errors.default"])': (
        's.includes(" ")?s:d([`auth.login.errors.${s}`,`auth.login.errors.${s.toLowerCase()}`,'
        '"auth.login.errors.default"])'
    ),
    '"Failed to load PDF file."': '"Le document n’a pas pu être chargé."',
    "`File is larger than ${r.max_size_mb} MB`": "`Le fichier dépasse ${r.max_size_mb} Mo.`",
    '"Too many files"': '"Trop de fichiers à la fois\u00a0: réunissez-les dans une archive ZIP."',
    '"Upload failed"': '"l’envoi a échoué. Réessayez."',
    '"Upload error"': '"la connexion a été coupée. Réessayez."',
    'children:"Loading..."': 'children:"Chargement…"',
    'children:"An error occurred"': 'children:"Le graphique n’a pas pu être chargé."',
    '"Failed to load chart."': '"Le graphique n’a pas pu être dessiné."',
    '"Untitled Conversation"': '"Conversation sans titre"',
    '"Cmd+k"': '"Ctrl + K"',
    '"Error fetching threads: "': '"La recherche a échoué : "',
    'toLocaleString("default"': 'toLocaleString("fr-FR"',
    'className:"sr-only",children:"Close"': 'className:"sr-only",children:"Fermer"',
    'className:"sr-only",children:"Toggle theme"': 'className:"sr-only",children:"Thème"',
    '"Toggle Sidebar"': '"Afficher ou masquer les conversations"',
    '"Close toast"': '"Fermer le message"',
    '"Close lightbox"': '"Fermer l’image"',
    '"aria-label":"Close"': '"aria-label":"Fermer"',
    '"aria-label":"pagination"': '"aria-label":"Pages"',
    '"Go to previous page"': '"Page précédente"',
    '"Go to next page"': '"Page suivante"',
    'className:"sr-only",children:"More pages"': 'className:"sr-only",children:"Autres pages"',
    'className:"sr-only",children:"Previous slide"': 'className:"sr-only",children:"Précédente"',
    'className:"sr-only",children:"Next slide"': 'className:"sr-only",children:"Suivante"',
    '"Open PDF in a larger view"': '"Agrandir le document"',
    'alt:"user image"': 'alt:"Votre image"',
    'className:"sr-only",children:"View PDF"': 'className:"sr-only",children:"Le document"',
    '"A modal with a larger view of the PDF."': '"Le document en plus grand."',
}
# The page takes opinions on runs, which history does not hold, of whatever kind; here they are
# given on answers alone, live and in history, and an answer may be copied in both.
OPINIONS_IN_BUILD = {
    "l=!!n&&c&&!o&&!s": "l=!!(n||t.metadata?.isAnswer)&&c&&!o&&!s",
    "n?f.jsx(nKn,{message:n}):null": "t.metadata?.isAnswer?f.jsx(nKn,{message:t}):null",
}
# The name under which the page's library shows «Microsoft» on its button.
DIRECTORY = "azure-ad"
FOREIGN_LINK = re.compile(r"<link[^>]*https://[^>]*>", re.DOTALL)
INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


@dataclass(frozen=True)
class MountedChat:
    """What the application must know of the page: its inline scripts, its session cookie."""

    script_hashes: tuple[str, ...]
    find_cookie_session: Callable[[Mapping[str, str]], UUID | None]
    give_cookie: GiveCookie


def mount_chat(
    app: FastAPI,
    services: ChatServices,
    folder: Path,
    session_key: bytes,
    directory_url: str | None = None,
) -> MountedChat:
    """Mount the page at the root of `app`, behind the routes `app` already has.

    `folder` receives the page's files and is the only place the page writes to. With a
    `directory_url`, the page offers to sign in there too.
    """
    prepare_folder(folder)
    prepare_chat_environment(folder, session_key.hex())
    leave_out_telemetry()
    from chainlit.server import get_html_template
    from chainlit.utils import mount_chainlit

    from chat.dropping import receive_file
    from chat.sessions import close_session, find_cookie_session, give_cookie, open_session

    install_chat_services(services)
    for path, act in (
        ("/login", open_session), ("/logout", close_session), ("/project/file", receive_file),
    ):  # fmt: skip
        app.add_api_route(path, act, methods=["POST"], include_in_schema=False)
    if directory_url is not None:
        offer_directory(app, directory_url)
    mount_chainlit(app, str(HERE / "app.py"), path="/")
    return MountedChat(hash_scripts(get_html_template("/")), find_cookie_session, give_cookie)


def offer_directory(app: FastAPI, url: str) -> None:
    """Show the button of the firm's directory on the sign-in page, and lead it to `url`."""
    from chainlit.auth import get_configuration

    async def describe_sign_in() -> dict[str, object]:
        return {**get_configuration(), "oauthProviders": [DIRECTORY]}

    async def lead_to_directory() -> RedirectResponse:
        return RedirectResponse(url, status_code=302)

    for path, act in (
        ("/auth/config", describe_sign_in),
        (f"/auth/oauth/{DIRECTORY}", lead_to_directory),
    ):
        app.add_api_route(path, act, include_in_schema=False, response_model=None)


def leave_out_telemetry() -> None:
    """Put an empty module in place of the tracing client that the page's library imports.

    Nothing here calls it, and it takes as long to import as all the rest of the page.
    """
    name = "traceloop.sdk"
    empty = ModuleType(name)
    vars(empty)["Traceloop"] = type("Traceloop", (), {})
    sys.modules.setdefault(name, empty)


def prepare_folder(folder: Path) -> None:
    """Lay out the page's settings, texts and French build under `folder`."""
    for source, target in RESOURCES.items():
        path = folder / target
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(HERE / "settings" / source, path)
    shutil.copyfile(folder / "chainlit.md", folder / "chainlit_fr-FR.md")
    _build(folder / "build")


def hash_scripts(page: str) -> tuple[str, ...]:
    """The policy sources (`sha256-…`) that allow the inline scripts of `page`."""
    digests = [hashlib.sha256(script.encode()).digest() for script in INLINE_SCRIPT.findall(page)]
    return tuple(f"sha256-{base64.b64encode(digest).decode()}" for digest in digests)


def translate_build(text: str) -> str:
    """French for what the page's translation file does not cover, opinions on answers alone."""
    for found, wanted in (FRENCH_IN_BUILD | OPINIONS_IN_BUILD).items():
        text = text.replace(found, wanted)
    return text


def localize_page(page: str) -> str:
    """The page in French, asking nothing of other sites."""
    return FOREIGN_LINK.sub("", page).replace('<html lang="en">', '<html lang="fr">')


def _build(target: Path) -> None:
    """Copy the library's page once per version, in French and without foreign links."""
    stamp = target / "version"
    wanted = f"{version('chainlit')} {hashlib.sha256(Path(__file__).read_bytes()).hexdigest()}"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    source = find_package() / "frontend" / "dist"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("*.map"))
    page = target / "index.html"
    page.write_text(localize_page(page.read_text(encoding="utf-8")), encoding="utf-8")
    for script in (target / "assets").glob("index-*.js"):
        script.write_text(translate_build(script.read_text(encoding="utf-8")), encoding="utf-8")
    stamp.write_text(wanted)


def find_package() -> Path:
    """Where the page's library is installed. Raises ConfigurationError without it."""
    spec = find_spec("chainlit")
    if spec is None or spec.origin is None:
        raise ConfigurationError("Le paquet « chainlit » manque. Relancez « make setup ».")
    return Path(spec.origin).parent
