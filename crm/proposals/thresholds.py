"""The amounts from which two persons approve, told to the database by its owner.

`commit_proposal` compares a change with them: who would hold the approver's and the executor's
roles together could still not do with one person. No role of the product writes them.
"""

from __future__ import annotations

from pathlib import Path

import psycopg

from crm.proposals.declarations import WRITABLES
from crm.proposals.errors import InvalidPolicy
from crm.proposals.policy import Policy, find_policy

TENANTS = "SELECT id, slug FROM tenants"
PUBLISH = """
INSERT INTO security.second_approval_thresholds AS t (tenant_id, object, cents)
SELECT %s, x.object, x.cents FROM unnest(%s::text[], %s::bigint[]) AS x (object, cents)
ON CONFLICT (tenant_id, object) DO UPDATE SET cents = excluded.cents
WHERE t.cents <> excluded.cents
"""


def publish_thresholds(admin_conninfo: str, folder: Path) -> None:
    """Write every firm's thresholds, from its policy in `folder`.

    A firm whose policy cannot be read keeps its former ones: nothing of it is approved meanwhile.
    """
    names = sorted(WRITABLES)
    with psycopg.connect(admin_conninfo) as connection:
        for tenant_id, slug in connection.execute(TENANTS).fetchall():
            try:
                policy = find_policy(folder, slug)
            except InvalidPolicy:
                continue
            cents = [threshold_of(policy, name) for name in names]
            connection.execute(PUBLISH, (tenant_id, names, cents))


def threshold_of(policy: Policy, name: str) -> int:
    """From which amount, in cents, two persons approve a change of object `name`."""
    return 0 if policy.always_two(name) else policy.threshold_cents(name)
