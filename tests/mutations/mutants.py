"""The guards, each with the change that takes it away and the tests that must notice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

GUARDS = "tests/integration/test_write_guards.py"
RAW = "tests/integration/test_raw_proposals.py"
ISOLATION = "tests/integration/test_isolation.py"
COMMIT = "0007_commit.sql"
PROPOSALS = "0007_proposals.sql"
DRAFTS = "0012_mail_drafts.sql"
TWENTY = "0024_twenty.sql"
MIRROR = "tests/integration/test_twenty_sync.py"
REPORTED = "tests/integration/test_twenty_effect.py"


@dataclass(frozen=True)
class Mutant:
    """`old` becomes `new` in a script of the migrations or in a function; `tests` must fail."""

    tests: tuple[str, ...]
    old: str
    new: str
    script: str | None = None
    function: str = ""


MUTANTS: Mapping[str, Mutant] = {
    "digest": Mutant(
        (f"{GUARDS}::test_digest_a_text_changed_after_its_approval_is_not_carried_out",),
        "    IF computed <> p.digest OR computed IS DISTINCT FROM seen_digest THEN",
        "    computed := p.digest;\n    IF false THEN",
        COMMIT,
    ),
    "digest-approval": Mutant(
        (f"{GUARDS}::test_digest_an_approval_of_another_text_counts_for_nothing",),
        "        AND a.digest = computed\n        AND CASE",
        "        AND CASE",
        COMMIT,
    ),
    "version": Mutant(
        (f"{GUARDS}::test_version_a_record_changed_since_keeps_its_values_and_is_proposed_afresh",),
        "    IF (found_row -> 'version') IS DISTINCT FROM (body -> 'version') THEN",
        "    IF false THEN",
        COMMIT,
    ),
    "nonce": Mutant(
        (f"{GUARDS}::test_nonce_a_proposal_set_back_to_approved_is_not_carried_out_twice",),
        "    ON CONFLICT DO NOTHING;\n    IF NOT FOUND THEN\n        RETURN "
        "security.settle_proposal(p, 'failed', 'nonce', NULL);",
        "    ON CONFLICT DO NOTHING;\n    IF false THEN\n        RETURN NULL;",
        COMMIT,
    ),
    "role": Mutant(
        (f"{GUARDS}::test_role_nobody_approves_what_their_role_cannot_do",),
        "    if not roles:\n",
        "    if False:\n",
        function="crm.proposals.decision.find_refusal",
    ),
    "role-lost": Mutant(
        (f"{GUARDS}::test_role_an_approver_who_lost_the_role_no_longer_counts",),
        "u.is_active AND u.roles && ARRAY['sales', 'quality', 'director'] END",
        "true END",
        COMMIT,
    ),
    "taint": Mutant(
        (f"{GUARDS}::test_taint_untrusted_text_fills_no_recipient_status_nor_owner",),
        "    if not change.is_tainted:\n",
        "    if True:\n",
        function="crm.proposals.checks.check_taint",
    ),
    "expiry": Mutant(
        (f"{GUARDS}::test_expiry_an_expired_proposal_is_neither_approved_nor_carried_out",),
        "    IF (body ->> 'expires')::timestamptz <= clock_timestamp() THEN",
        "    IF false THEN",
        COMMIT,
    ),
    "rls": Mutant(
        (f"{GUARDS}::test_rls_another_firm_sees_and_touches_no_proposal",),
        "ALTER TABLE proposals ENABLE ROW LEVEL SECURITY;",
        "",
        PROPOSALS,
    ),
    "rls-commit": Mutant(
        (f"{GUARDS}::test_rls_another_firm_sees_and_touches_no_proposal",),
        "    SELECT * INTO p FROM proposals x WHERE x.tenant_id = tenant AND x.id = committed "
        "FOR UPDATE;",
        "    SELECT * INTO p FROM proposals x WHERE x.id = committed FOR UPDATE;",
        COMMIT,
    ),
    "second-approver": Mutant(
        (f"{GUARDS}::test_second_approver_a_large_amount_waits_for_two_persons",),
        "    return 2 if amount_of(change, facts) >= policy.threshold_cents(change.object)",
        "    return 1 if amount_of(change, facts)",
        function="crm.proposals.decision.count_needed",
    ),
    "second-approver-database": Mutant(
        (f"{GUARDS}::test_second_approver_the_database_counts_the_persons_itself",),
        "    IF count_of.given < count_of.needed THEN",
        "    IF count_of.given < 1 THEN",
        COMMIT,
    ),
    "second-approver-stake": Mutant(
        (f"{RAW}::test_second_approver_stake_one_person_holding_both_roles_is_not_enough",),
        "        greatest(c.needed, n.persons)\n",
        "        c.needed\n",
        DRAFTS,
    ),
    "second-approver-policy": Mutant(
        (f"{RAW}::test_second_approver_stake_the_policy_is_not_one_of_the_two",),
        "        THEN c.given - 1 ELSE c.given END,\n",
        "        THEN c.given ELSE c.given END,\n",
        DRAFTS,
    ),
    "batch-digest": Mutant(
        (f"{GUARDS}::test_batch_digest_a_list_other_than_the_one_shown_is_refused",),
        "        OR security.digest_of(security.batch_text(ids, digests)) IS DISTINCT FROM "
        "shown_digest\n",
        "",
        COMMIT,
    ),
    "batch-line": Mutant(
        (f"{GUARDS}::test_batch_digest_a_line_added_to_a_batch_undoes_it",),
        "        AND a.batch_digest = (",
        "        AND a.batch_digest IS NOT NULL OR '' = (",
        COMMIT,
    ),
    "ownership": Mutant(
        (f"{GUARDS}::test_ownership_a_salesperson_approves_for_their_own_clients_only",),
        "    if roles <= frozenset(policy.own_only) and owners and person.id not in owners:\n",
        "    if False:\n",
        function="crm.proposals.decision.find_refusal",
    ),
    "separation": Mutant(
        (f"{GUARDS}::test_quality_nobody_closes_a_non_conformity_they_opened",),
        "    return OWN_OPENING if _is_own_opening(change, facts, person) else None\n",
        "    return None\n",
        function="crm.proposals.decision.find_refusal",
    ),
    "one-client": Mutant(
        (f"{GUARDS}::test_a_batch_never_spans_two_clients",),
        "        WHERE x.tenant_id = tenant AND x.id = ANY (ids)) > 1",
        "        WHERE x.tenant_id = tenant AND x.id = ANY (ids)) > 99",
        COMMIT,
    ),
    "grants": Mutant(
        (f"{ISOLATION}::test_no_role_of_the_product_writes_a_row_by_itself",),
        "        EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON %s FROM change_executor', "
        "guarded);\n",
        "",
        PROPOSALS,
    ),
    "identity-columns": Mutant(
        (f"{GUARDS}::test_a_proposal_cannot_name_a_column_of_identity_even_when_approved",),
        "    IF vals ?| ARRAY['id', 'tenant_id', 'version', 'created_at', 'updated_at', "
        "'external_id'] THEN",
        "    IF false THEN",
        COMMIT,
    ),
    "mirror-columns": Mutant(
        (f"{MIRROR}::test_the_mirror_writes_no_other_column",),
        "        OR EXISTS (SELECT FROM jsonb_object_keys(vals) k WHERE NOT EXISTS (",
        "        OR EXISTS (SELECT FROM jsonb_object_keys(vals) k WHERE false AND NOT EXISTS (",
        TWENTY,
    ),
    "mirror-firm": Mutant(
        (f"{REPORTED}::test_a_firm_without_twenty_sees_no_effect",),
        "    IF NOT EXISTS (SELECT FROM twenty_connections c\n"
        "            WHERE c.tenant_id = NEW.tenant_id AND c.is_enabled)\n"
        "        OR NOT EXISTS",
        "    IF NOT EXISTS",
        TWENTY,
    ),
}
