"""What the API's description says of each operation, in French, with an example of its body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

UUID = "0191d1c5-6a3e-7cc2-9f2b-6b6f2f7a1c55"
DIGEST = "9c1f6d0f3f7a4b0d8f7a7e0c4f5b2a1d9c1f6d0f3f7a4b0d8f7a7e0c4f5b2a1d"


@dataclass(frozen=True)
class Operation:
    """`group` gathers operations in the description; `body` and `answer` are JSON examples."""

    group: str
    summary: str
    body: Any = None
    answer: Any = None


OPERATIONS: dict[str, Operation] = {
    "get_health": Operation("Santé", "Dit que le service vit.", answer={"status": "ok"}),
    "get_readiness": Operation("Santé", "Dit que le service et sa base sont prêts.",
                       answer={"status": "ready"}),
    "sign_in": Operation(
        "Connexion", "Échange une adresse et un mot de passe contre un jeton.",
        {"email": "camille.ferrand@alize-energie.example", "password": "un mot de passe"},
        {"access_token": "eyJzaWQiOi…", "token_type": "bearer", "expires_in": 900,
         "refresh_token": "dLw0…", "full_name": "Camille Ferrand",
         "tenant_name": "Cabinet Alizé Énergie Conseil", "roles": ["director", "reader"],
         "must_change_password": False}),
    "renew_session": Operation("Connexion", "Renouvelle une session ; le secret sert une fois.",
        {"refresh_token": "0191d1c56a3e7cc29f2b6b6f2f7a1c55.dLw0…"}),
    "sign_out": Operation("Connexion", "Ferme la session, partout et aussitôt."),
    "change_password": Operation("Connexion", "Change votre mot de passe ; ferme vos sessions.",
        {"email": "camille.ferrand@alize-energie.example", "current_password": "le provisoire",
         "new_password": "une phrase que vous retenez"}),
    "get_me": Operation("Connexion", "Dit qui vous êtes pour Voltaire.",
        answer={"email": "camille.ferrand@alize-energie.example", "full_name": "Camille Ferrand",
                "tenant_name": "Cabinet Alizé Énergie Conseil", "roles": ["director", "reader"],
                "means": "session", "scopes": ["propose", "read"]}),
    "start_directory_sign_in": Operation("Connexion", "Envoie le navigateur à l’annuaire."),
    "finish_directory_sign_in": Operation("Connexion", "Reçoit le navigateur au retour."),
    "list_api_keys": Operation("Administration", "Liste les clés d’API du cabinet."),
    "add_api_key": Operation("Administration", "Crée une clé d’API ; son secret paraît une fois.",
        {"owner": "camille.ferrand@alize-energie.example", "name": "Tableau de bord",
         "scopes": ["read"], "days": 365}),
    "revoke_api_key": Operation("Administration", "Révoque une clé d’API, aussitôt."),
    "list_firm_users": Operation("Administration", "Liste les utilisateurs du cabinet."),
    "add_firm_user": Operation("Administration", "Ouvre un compte, au mot de passe provisoire.",
        {"email": "zoe.petit@alize-energie.example", "full_name": "Zoé Petit",
         "roles": ["reader", "sales"]}),
    "change_firm_user": Operation("Administration", "Change des rôles, ferme ou rouvre un compte.",
        {"roles": ["reader"], "is_active": True}),
    "reset_password": Operation("Administration", "Donne un mot de passe provisoire."),
    "ask": Operation(
        "Questions", "Pose une question ; la réponse vérifiée arrive entière, ou au fil de l’eau.",
        {"question": "Quels contrats finissent dans les six mois ?"}),
    "get_conversations": Operation("Conversations", "Liste vos conversations, la dernière d’abord.",
        answer=[{"id": UUID, "title": "Contrats à échéance", "surface": "api",
                 "created_at": "2026-11-22T03:16:23+01:00",
                 "updated_at": "2026-11-22T03:16:24+01:00"}]),
    "get_conversation": Operation("Conversations", "Donne une conversation, avec ses réponses."),
    "get_turn_citation": Operation("Conversations", "Donne la preuve d’une source, en Markdown."),
    "get_turn_table": Operation("Conversations", "Donne un tableau d’une réponse, en CSV."),
    "get_document_file": Operation("Documents", "Donne le fichier d’origine, tel que reçu."),
    "get_costs": Operation("Coûts", "Dit ce que le modèle a coûté, en JSON ou en CSV."),
    "get_budgets": Operation("Coûts", "Liste les limites que le cabinet s’est fixées.",
        answer=[{"scope": "tenant", "period": "month", "limit_eur": "200.00"}]),
    "put_budget": Operation("Coûts", "Fixe une limite (administrateur).",
        {"scope": "use_case:tender_scoring", "period": "month", "limit_eur": "12.50"}),
    "receive_transcript_notifications": Operation(
        "Notifications", "Reçoit les notifications de transcriptions de Microsoft Graph.",
        {"value": [{"clientState": "secret", "changeType": "created",
                    "resource": "communications/onlineMeetings('a')/transcripts('b')"}]}),
    "receive_mail_notifications": Operation(
        "Notifications", "Reçoit les notifications de courriel de Microsoft Graph."),
    "list_threads": Operation("Courriels", "Liste les fils triés, les pressants d’abord."),
    "get_thread": Operation("Courriels", "Donne le résumé, les faits et le brouillon d’un fil."),
    "run_again": Operation("Courriels", "Trie de nouveau un fil."),
    "give_feedback": Operation("Courriels", "Garde votre avis sur un tri.",
        {"value": 1, "comment": "Bon résumé."}),
    "list_set_aside": Operation("Courriels", "Liste ce que le tri a mis de côté."),
    "replay_set_aside": Operation("Courriels", "Relance ce qui a été mis de côté."),
    "list_open_reviews": Operation("Courriels", "Liste les non-conformités incertaines à décider."),
    "decide": Operation("Courriels", "Décide d’une non-conformité incertaine.",
        {"decision": "oui", "family": "billing"}),
    "bring_transcript": Operation("Comptes rendus", "Confie une transcription (fichier)."),
    "get_minutes": Operation("Comptes rendus", "Dit où en est un compte rendu, et le donne."),
    "get_minutes_document": Operation("Comptes rendus", "Donne le Word, le PDF ou le Markdown."),
    "get_cue": Operation("Comptes rendus", "Donne une réplique et son entourage, en Markdown."),
    "get_mail": Operation("Comptes rendus", "Donne le projet de courriel ; rien n’est envoyé."),
    "get_proposals": Operation("Comptes rendus", "Donne les tâches que le compte rendu appelle."),
    "submit_proposals": Operation("Comptes rendus", "Propose ces tâches à l’accord d’une personne.",
        answer=[{"key": "task:1", "proposal_id": UUID, "refusal": None}]),
    "list_proposals": Operation("Accords", "Liste ce qui attend un accord, client par client."),
    "get_proposal": Operation("Accords", "Donne une proposition, valeurs avant et après."),
    "approve": Operation("Accords", "Approuve exactement les lignes données (personne connectée).",
        {"lines": [{"proposal_id": UUID, "digest": DIGEST}], "batch_digest": DIGEST},
        [{"proposal_id": UUID, "status": "approved"}]),
    "reject": Operation("Accords", "Refuse une proposition (personne connectée).",
        {"digest": DIGEST, "reason": "Le préavis est bien de 90 jours."}, {"status": "rejected"}),
    "edit": Operation("Accords", "Corrige une proposition, qui devra être approuvée.",
        {"digest": DIGEST, "fields": {"notice_days": 90}}),
    "undo": Operation("Accords", "Propose l’inverse d’une modification effectuée."),
    "history": Operation("Accords", "Donne ce qui est arrivé à une fiche ou à une proposition."),
    "get_watch": Operation("Veille", "Liste les avis suivis, par statut."),
    "get_chart": Operation("Veille", "Donne les échéances et leur valeur, par semaine."),
    "get_runs": Operation("Veille", "Liste les derniers passages de la veille."),
    "run_now": Operation("Veille", "Relève les avis publiés, sans attendre."),
    "read_filters": Operation("Veille", "Donne les filtres du cabinet."),
    "write_filters": Operation("Veille", "Remplace les filtres du cabinet.",
        {"cpv_prefixes": ["09310"], "keywords": ["électricité"], "excluded_words": ["nettoyage"],
         "regions": ["Bretagne"], "remote_regions": []}),
    "add_notice": Operation("Veille", "Lit un avis depuis son fichier.",
        answer={"outcome": "added"}),
    "get_detail": Operation("Veille", "Donne un avis et le détail de sa note."),
    "move_item": Operation("Veille", "Donne la modification à proposer pour changer le statut.",
        {"status": "kept", "reason": "Client connu."}),
    "propose_item": Operation("Veille", "Donne les modifications qui en font un appel d’offres."),
    "await_file": Operation("Veille", "Demande l’analyse du dossier dès son arrivée."),
}  # fmt: skip
