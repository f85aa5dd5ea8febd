"""The page where one changes one's password: plain HTML, no script."""

from __future__ import annotations

from html import escape
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse

from api.identities import ServicesOf
from core.errors import VoltaireError

router = APIRouter()
DIFFERENT = "Les deux saisies du nouveau mot de passe diffèrent. Saisissez-le de nouveau."
DONE = "Votre mot de passe est changé. Vous pouvez maintenant vous connecter."
PAGE = """<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Changer de mot de passe – Voltaire</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 26rem; margin: 3rem auto;
  padding: 0 1rem; color: #1d2530; background: #fff; }}
label {{ display: block; margin: 1rem 0 .25rem; }}
input {{ width: 100%; padding: .6rem; font: inherit; box-sizing: border-box;
  border: 1px solid #6b7683; border-radius: .4rem; }}
button {{ margin-top: 1.5rem; padding: .7rem 1.2rem; font: inherit; color: #fff;
  background: #1d4ed8; border: 0; border-radius: .4rem; }}
[role=status] {{ padding: .8rem; border-left: .3rem solid #1d4ed8; background: #eef3fb; }}
</style>
</head>
<body>
<main>
<h1>Changer de mot de passe</h1>
{message}
<form method="post" action="/mot-de-passe">
<label for="email">Adresse électronique</label>
<input id="email" name="email" type="email" autocomplete="username" required value="{email}">
<label for="current">Mot de passe actuel ou provisoire</label>
<input id="current" name="current" type="password" autocomplete="current-password" required>
<label for="new">Nouveau mot de passe (12 caractères au moins)</label>
<input id="new" name="new" type="password" autocomplete="new-password" minlength="12" required>
<label for="again">Nouveau mot de passe, une seconde fois</label>
<input id="again" name="again" type="password" autocomplete="new-password" minlength="12" required>
<button>Changer</button>
</form>
<p><a href="/">Revenir à Voltaire</a></p>
</main>
</body>
</html>"""


@router.get("/mot-de-passe")
async def show_page() -> HTMLResponse:
    """The empty form."""
    return write_page("")


@router.post("/mot-de-passe")
async def take_form(
    services: ServicesOf,
    email: Annotated[str, Form(max_length=320)],
    current: Annotated[str, Form(max_length=1024)],
    new: Annotated[str, Form(max_length=1024)],
    again: Annotated[str, Form(max_length=1024)],
) -> HTMLResponse:
    """Change the password, or say on the page why not."""
    if new != again:
        return write_page(DIFFERENT, email, 422)
    try:
        await services.gatekeeper.change_password(email, current, new)
    except VoltaireError as error:
        return write_page(error.message, email, error.status)
    return write_page(DONE, email)


def write_page(message: str, email: str = "", status: int = 200) -> HTMLResponse:
    """The page with what happened; what was typed is escaped, passwords are not kept."""
    told = f'<p role="status">{escape(message)}</p>' if message else ""
    page = PAGE.format(message=told, email=escape(email, quote=True))
    return HTMLResponse(page, status_code=status, headers={"cache-control": "no-store"})
