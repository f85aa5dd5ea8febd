"""The 360° view of an account: what it weighs, what is coming, what is wrong, what was said."""

from __future__ import annotations

ACCOUNT_OVERVIEW = """
WITH points AS (
    SELECT d.* FROM delivery_points d
    JOIN sites s ON s.tenant_id = d.tenant_id AND s.id = d.site_id
    WHERE s.account_id = %(account)s
), live AS (
    SELECT * FROM contracts WHERE account_id = %(account)s AND status IN ('active', 'ending')
), running AS (
    SELECT * FROM tenders
    WHERE account_id = %(account)s AND status IN ('detected', 'qualifying', 'go', 'submitted')
)
SELECT
    a.id AS record_id, a.name, a.segment, a.status, a.city, a.region,
    (SELECT full_name FROM users u WHERE u.id = a.owner_id) AS owner,
    (SELECT count(*) FROM live) AS active_contracts,
    (SELECT sum(annual_amount_eur) FROM live) AS active_revenue_eur,
    (SELECT min(end_on) FROM live WHERE end_on >= %(today)s) AS next_end_on,
    (SELECT min(notice_deadline_on) FROM live WHERE notice_deadline_on >= %(today)s)
        AS next_notice_on,
    (SELECT count(*) FROM sites WHERE account_id = %(account)s) AS sites,
    (SELECT count(*) FROM points WHERE energy = 'electricity') AS electricity_points,
    (SELECT sum(annual_consumption_mwh) FROM points WHERE energy = 'electricity')
        AS electricity_mwh,
    (SELECT count(*) FROM points WHERE energy = 'gas') AS gas_points,
    (SELECT sum(annual_consumption_mwh) FROM points WHERE energy = 'gas') AS gas_mwh,
    (SELECT count(*) FROM running) AS open_tenders,
    (SELECT sum(estimated_value_eur) FROM running) AS pipeline_eur,
    (SELECT count(*) FROM non_conformities
        WHERE account_id = %(account)s AND status <> 'closed') AS open_non_conformities,
    (SELECT count(*) FROM non_conformities
        WHERE account_id = %(account)s AND status <> 'closed' AND severity = 'major')
        AS major_non_conformities,
    (SELECT count(*) FROM flexibility_opportunities
        WHERE account_id = %(account)s AND status NOT IN ('signed', 'abandoned'))
    + (SELECT count(*) FROM efficiency_opportunities
        WHERE account_id = %(account)s AND status NOT IN ('signed', 'done', 'abandoned'))
    + (SELECT count(*) FROM ppa_projects
        WHERE account_id = %(account)s AND status NOT IN ('signed', 'abandoned'))
        AS open_opportunities,
    (SELECT count(*) FROM tasks WHERE account_id = %(account)s AND status = 'open') AS open_tasks,
    (SELECT max(last_message_at) FROM email_threads WHERE account_id = %(account)s)
        AS last_email_at,
    (SELECT max(starts_at) FROM meetings
        WHERE account_id = %(account)s AND starts_at <= %(now)s) AS last_meeting_at
FROM accounts a
WHERE a.id = %(account)s
"""

OVERVIEW_COLUMNS: tuple[tuple[str, str, str, str], ...] = (
    ("name", "Client", "text", ""),
    ("segment", "Segment", "enum", "accounts.segment"),
    ("status", "Statut", "enum", "accounts.status"),
    ("city", "Ville", "text", ""),
    ("region", "Région", "text", ""),
    ("owner", "Responsable", "text", ""),
    ("active_contracts", "Contrats actifs", "number", ""),
    ("active_revenue_eur", "Montant annuel des contrats actifs", "money", "€"),
    ("next_end_on", "Prochaine échéance de contrat", "date", ""),
    ("next_notice_on", "Prochaine limite de préavis", "date", ""),
    ("sites", "Sites", "number", ""),
    ("electricity_points", "Points de livraison électricité", "number", ""),
    ("electricity_mwh", "Volume électricité", "energy", "MWh"),
    ("gas_points", "Points de livraison gaz", "number", ""),
    ("gas_mwh", "Volume gaz", "energy", "MWh"),
    ("open_tenders", "Appels d’offres en cours", "number", ""),
    ("pipeline_eur", "Valeur des appels d’offres en cours", "money", "€"),
    ("open_non_conformities", "Non-conformités ouvertes", "number", ""),
    ("major_non_conformities", "dont majeures", "number", ""),
    ("open_opportunities", "Opportunités ouvertes", "number", ""),
    ("open_tasks", "Tâches ouvertes", "number", ""),
    ("last_email_at", "Dernier courriel", "instant", ""),
    ("last_meeting_at", "Dernière réunion", "instant", ""),
)
