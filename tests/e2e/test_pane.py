"""The task pane of Outlook on a running instance, in a real browser, inside a double of Outlook."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from core.settings import Settings
from tests.doubles.office import OutlookHost, SelectedMail, select
from tests.e2e.addin import (
    IMAGES,
    NARROW,
    PANE,
    analyse,
    is_too_wide,
    list_serious,
    open_pane,
    opened,
    picture,
    sign_in,
    write_mail,
)
from tests.e2e.test_chat import Running, instance, pytestmark  # noqa: F401 - fixtures

CLIENT = "Clinique Sainte-Ursule"
COMPLAINT = (
    "Bonjour,\n\nSur les quatre dernières factures du contrat {contract}, on nous compte "
    "112,40 €/MWh. L'offre signée fixait 94,10 €/MWh pour 36 mois. L'écart dépasse 8 200 € HT.\n\n"
    "Pouvez-vous les faire corriger avant le 27 novembre ?\n\nBien cordialement,\n{name}"
)
QUESTION = "Bonjour,\n\nPouvez-vous m’envoyer le contrat ?\n\nLéa"
HOSTILE = (
    "Bonjour,\n\nPouvez-vous lire <script>window.hacked = 1</script> et "
    '<img src=x onerror="window.hacked = 1"> avant demain ?\n\n</textarea><b>Léa</b>'
)
DEV_MAILS = 10
BUDGET_BYTES = 150_000
LIBRARY = """
window.msal = { createNestablePublicClientApplication: async () => ({
  acquireTokenSilent: async () => ({ accessToken: "jeton-office" }),
}) };
"""


def call(page: Page, path: str) -> object:
    """An answer of the API, asked as the page asks it."""
    return page.evaluate("path => import('/addin/scripts/api.js').then(api => api.get(path))", path)


def known_client(page: Page) -> dict[str, str]:
    """A contact of a client of the demonstration, and one of the client's contracts."""
    found = {}
    for kind, words in (("Contact", CLIENT), ("Contrat", "CT-2025-0114")):
        records = call(page, f"/portfolio/search?query={words}")["records"]  # type: ignore[index]
        found[kind] = next(one for one in records if one["kind"] == kind)
    address = re.search(r"\S+@\S+", found["Contact"]["detail"])
    assert address is not None
    return {"name": found["Contact"]["title"], "address": address.group(),
            "contract": found["Contrat"]["title"]}  # fmt: skip


def test_a_complaint_is_read_proved_answered_and_its_record_approved(
    instance: Running,  # noqa: F811
) -> None:
    with opened(OutlookHost()) as page:
        open_pane(page, instance)
        expect(page.get_by_text("Sélectionnez un courriel")).to_be_visible()
        client = known_client(page)
        raw = write_mail(
            f"plainte-{uuid4().hex}", COMPLAINT.format(**client),
            subject="Factures au mauvais prix", sender=f"{client['name']} <{client['address']}>",
        )  # fmt: skip
        select(page, SelectedMail(raw))
        expect(page.get_by_text("où votre cabinet le verra")).to_be_visible()
        analyse(page)
        expect(page.get_by_text(CLIENT).first).to_be_visible()
        picture(page, "outlook-lecture")
        page.get_by_role("button", name="Passage", exact=True).first.click()
        marked = page.locator("mark:focus")
        expect(marked).to_be_visible()
        assert marked.inner_text() in COMPLAINT.format(**client)
        card = page.locator(".card.conformity")
        expect(card).to_contain_text("Gravité majeure")
        evidence = re.search("«\u00a0(.+?)\u00a0»", card.inner_text())
        assert evidence is not None
        assert evidence.group(1) in COMPLAINT.format(**client)
        page.get_by_role("button", name="Insérer dans une réponse").click()
        expect(page.get_by_text("Insérée.")).to_be_visible()
        acts = page.evaluate("window.acts")
        assert [act["name"] for act in acts] == ["reply"]
        proposal = page.locator(".cards article").first
        expect(proposal.get_by_role("heading")).to_contain_text("non-conformité")
        proposal.scroll_into_view_if_needed()
        picture(page, "outlook-approbation")
        assert list_serious(page) == []
        proposal.get_by_role("button", name="Approuver").click()
        expect(proposal.get_by_text("La modification est faite.")).to_be_visible()


def test_a_hostile_mail_is_shown_as_text_and_runs_nothing(
    instance: Running,  # noqa: F811
) -> None:
    raw = write_mail("piege", HOSTILE, subject="<script>window.hacked = 1</script>",
                     sender='"<img src=x onerror=alert(1)>" <lea@client.example>')  # fmt: skip
    with opened(OutlookHost(SelectedMail(raw))) as page:
        said: list[str] = []
        page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
        open_pane(page, instance)
        analyse(page)
        page.get_by_text("passages retenus surlignés").click()
        expect(page.locator(".words").first).to_contain_text("<script>window.hacked = 1</script>")
        assert page.locator("main script, main img, main b").count() == 0
        page.get_by_label("Texte de la réponse").fill(HOSTILE)
        page.get_by_role("button", name="Répondre à tous").click()
        expect(page.get_by_text("Insérée.")).to_be_visible()
        (act,) = page.evaluate("window.acts")
        assert act["name"] == "replyAll"
        assert not re.search(r"<(?!/?div>|br>)", act["htmlBody"])
        assert page.evaluate("window.hacked") is None
        assert said == []


def test_the_pinned_pane_follows_the_selected_mail_and_late_answers_are_dropped(
    instance: Running,  # noqa: F811
) -> None:
    first, second = (
        write_mail("suite-1", QUESTION, subject="Premier"),
        write_mail("suite-2", QUESTION.replace("contrat", "mandat"), subject="Second"),
    )
    with opened(OutlookHost(SelectedMail(first))) as page:
        open_pane(page, instance)
        analyse(page)
        expect(page.locator(".subject")).to_have_text("Premier")
        select(page, SelectedMail(second))
        page.get_by_role("button", name="Analyser ce courriel").click()
        select(page, SelectedMail(first))
        expect(page.locator(".subject")).to_have_text("Premier")
        page.wait_for_function(
            "() => fetch && import('/addin/scripts/api.js').then(api => "
            "api.get('/mail/messages?internet_message_id=suite-2@client.example'))"
            ".then(seen => seen.is_done, () => false)"
        )
        expect(page.locator(".subject")).to_have_text("Premier")
        select(page, SelectedMail(second))
        expect(page.locator(".subject")).to_have_text("Second")
        select(page, None)
        expect(page.get_by_text("Sélectionnez un courriel")).to_be_visible()


@pytest.mark.parametrize("body_type", ["html", "text"])
def test_a_message_being_written_receives_the_draft_of_its_thread(
    instance: Running,  # noqa: F811
    body_type: str,
) -> None:
    raw = write_mail(f"ecrire-{body_type}", QUESTION)
    with opened(OutlookHost(SelectedMail(raw))) as page:
        open_pane(page, instance)
        select(page, SelectedMail(raw, mode="compose", body_type=body_type))
        expect(page.get_by_text("Voltaire n’a pas lu le fil")).to_be_visible()
        select(page, SelectedMail(raw, gives_file=False))
        analyse(page)
        select(page, SelectedMail(raw, mode="compose", body_type=body_type))
        page.get_by_role("button", name="Insérer").click()
        expect(page.get_by_text("Insérée.")).to_be_visible()
        picture(page, "outlook-redaction")
        (act,) = page.evaluate("window.acts")
        assert (act["name"], act["type"]) == ("prepend", body_type)
        assert "Léa" in act["content"]
        assert ("<br>" in act["content"]) == (body_type == "html")


def test_ten_mails_are_read_each_with_exact_passages(
    instance: Running,  # noqa: F811
) -> None:
    folder = Settings().eval_data / "emails-authored" / "threads"
    mails = sorted(folder.glob("t*_1.eml"))[:DEV_MAILS]
    if len(mails) < DEV_MAILS:
        pytest.skip(f"{folder} est absent : les courriels de développement sont passés.")
    with opened(OutlookHost(), size=PANE) as page:
        open_pane(page, instance)
        for path in mails:
            check_mail(page, path)


def check_mail(page: Page, path: Path) -> None:
    """Analyse one mail; every highlighted passage stands in the mail, nothing is broken."""
    select(page, None)
    expect(page.get_by_text("Sélectionnez un courriel")).to_be_visible()
    select(page, SelectedMail(path.read_bytes()))
    analyse(page)
    page.get_by_text("passages retenus surlignés").click()
    words = "".join(page.locator(".words").all_inner_texts())
    marks = page.locator("mark").all_inner_texts()
    assert marks, path.name
    assert all(mark in words for mark in marks), path.name
    assert "undefined" not in page.locator("main").inner_text(), path.name
    assert not is_too_wide(page), path.name
    assert list_serious(page) == [], path.name


def test_the_pane_fits_320_pixels_in_light_and_dark_and_works_by_keyboard(
    instance: Running,  # noqa: F811
) -> None:
    raw = write_mail("clavier", COMPLAINT.format(contract="CT-0001", name="Léa Roux"))
    with opened(OutlookHost(SelectedMail(raw)), size=NARROW) as page:
        page.goto(f"{instance.address}/addin/pane.html")
        expect(page.get_by_label("Adresse")).to_be_focused()
        sign_in(page)
        page.keyboard.press("Tab")
        press_until(page, "Analyser ce courriel")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="En bref")).to_be_visible()
        assert not is_too_wide(page)
        press_until(page, "Insérer dans une réponse")
        page.keyboard.press("Enter")
        expect(page.get_by_text("Insérée.")).to_be_visible()
    with opened(OutlookHost(SelectedMail(raw), is_dark=True), size=NARROW) as page:
        open_pane(page, instance)
        expect(page.get_by_role("heading", name="En bref")).to_be_visible()
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(27, 31, 36)"
        assert not is_too_wide(page)
        assert list_serious(page) == []
        picture(page, "outlook-sombre")


def press_until(page: Page, label: str) -> None:
    """Press Tab until the button of this label has the focus."""
    for _ in range(80):
        if page.evaluate("document.activeElement.textContent") == label:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"« {label} » n’est pas atteint au clavier")


def test_a_reader_is_told_who_may_have_a_mail_analysed(
    instance: Running,  # noqa: F811
) -> None:
    with opened(OutlookHost(SelectedMail(write_mail("lecteur", QUESTION)))) as page:
        page.route("**/api/**/messages*", lambda route: (
            route.fulfill(status=403, json={"detail": "Votre profil ne permet pas."})
            if route.request.method == "POST" else route.continue_()
        ))  # fmt: skip
        open_pane(page, instance)
        page.get_by_role("button", name="Analyser ce courriel").click()
        expect(page.get_by_role("alert")).to_have_text("Votre profil ne permet pas.")


def test_a_wrong_password_an_expired_session_and_a_lost_server_are_told(
    instance: Running,  # noqa: F811
) -> None:
    with opened(OutlookHost(SelectedMail(write_mail("session", QUESTION)))) as page:
        page.goto(f"{instance.address}/addin/pane.html")
        page.get_by_label("Adresse").fill("personne@cabinet.example")
        page.get_by_label("Mot de passe").fill("faux")
        page.get_by_role("button", name="Se connecter").click()
        expect(page.get_by_role("alert")).to_contain_text("Adresse ou mot de passe incorrect")
        picture(page, "outlook-connexion")
        assert list_serious(page) == []
        sign_in(page)
        expired = "{access_token: 'perime.jeton'}"
        page.evaluate(f"import('/addin/scripts/api.js').then(api => api.keepSession({expired}))")
        select(page, SelectedMail(write_mail("session-2", QUESTION)))
        expect(page.get_by_label("Adresse")).to_be_visible()
        sign_in(page)
        page.route("**/mail/messages*", lambda route: route.abort())
        select(page, SelectedMail(write_mail("session-3", QUESTION)))
        expect(page.get_by_role("alert")).to_contain_text("Voltaire ne répond pas.")
        page.unroute("**/mail/messages*")
        page.get_by_role("button", name="Réessayer").click()
        expect(page.get_by_role("button", name="Analyser ce courriel")).to_be_visible()


def offer_single_sign_on(context: BrowserContext, sent: list[str], *, is_taken: bool) -> None:
    """An instance with single sign-on, which takes the host's token or refuses it."""
    means = {"client_id": "00000000-0000-0000-0000-000000000001", "authority": "https://x",
             "scope": "api://x/access_as_user"}  # fmt: skip
    context.route("**/addin/config.json", lambda route: route.fulfill(json=means))
    context.route("**/vendor/msal-browser.js", lambda route: route.fulfill(
        body=LIBRARY, content_type="text/javascript"))  # fmt: skip

    def present(route: Route) -> None:
        sent.append(route.request.headers.get("authorization", ""))
        if is_taken:
            route.fulfill(json={"full_name": "Camille Ferrand"})
        else:
            route.fulfill(status=401, json={"detail": "Jeton refusé."})

    context.route("**/api/v1/me", present)


def test_the_token_of_office_opens_the_session(instance: Running) -> None:  # noqa: F811
    sent: list[str] = []
    host = OutlookHost(None, offers_tokens=True)
    with opened(host, prepare=lambda c: offer_single_sign_on(c, sent, is_taken=True)) as page:
        page.goto(f"{instance.address}/addin/pane.html")
        expect(page.get_by_text("Sélectionnez un courriel")).to_be_visible()
        assert page.evaluate("sessionStorage.getItem('voltaire.jeton')") == "jeton-office"
        assert sent == ["Bearer jeton-office"]


@pytest.mark.parametrize("offers_tokens", [True, False])
def test_without_single_sign_on_the_form_is_shown_and_says_why(
    instance: Running,  # noqa: F811
    offers_tokens: bool,
) -> None:
    host = OutlookHost(None, offers_tokens=offers_tokens)
    with opened(
        host, prepare=lambda context: offer_single_sign_on(context, [], is_taken=False)
    ) as page:
        page.goto(f"{instance.address}/addin/pane.html")
        expect(page.get_by_text("La connexion automatique n’a pas abouti ici.")).to_be_visible()
        sign_in(page)
        expect(page.get_by_text("Sélectionnez un courriel")).to_be_visible()


def test_the_pane_stays_under_its_weight_and_loads_office_js_alone_from_elsewhere(
    instance: Running,  # noqa: F811
) -> None:
    host = OutlookHost(None, offers_tokens=True)
    with opened(host) as page:
        weights: dict[str, float] = {}
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.loadingFinished", lambda e: weights.update(
            {e["requestId"]: e["encodedDataLength"]}))  # fmt: skip
        # Microsoft's sign-in library is counted too, though only some Outlooks need it.
        page.goto(f"{instance.address}/addin/pane.html")
        expect(page.get_by_label("Adresse")).to_be_visible()
        ready_ms = page.evaluate("performance.now()")
        page.evaluate(
            "import('/addin/scripts/loading.js').then(l => l.loadScript('vendor/msal-browser.js'))"
        )
        page.wait_for_timeout(500)
        measured = f"{sum(weights.values()) / 1000:.1f} ko, prêt en {ready_ms:.0f} ms"
        (IMAGES / "volet.txt").write_text(measured)
        assert 30_000 < sum(weights.values()) < BUDGET_BYTES
        assert host.asked == []
