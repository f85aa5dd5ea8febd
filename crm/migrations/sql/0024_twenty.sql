-- The mirror of Twenty CRM: which record is which, what could not be mirrored, what was announced;
-- and the effect that an executed change of a mirrored record leaves in the outbox.

-- A firm whose CRM is Twenty. Without a row here, or while it is not enabled, nothing is mirrored
-- and no effect is made. `cursors`: the last `updatedAt` read of each object.
CREATE TABLE twenty_connections (
    tenant_id uuid PRIMARY KEY REFERENCES tenants (id),
    base_url text NOT NULL,
    is_enabled boolean NOT NULL DEFAULT true,
    cursors jsonb NOT NULL DEFAULT '{}',
    read_at timestamptz,
    reconciled_at timestamptz,
    message text
);

-- The columns that Twenty and the CRM share: no other is written by the mirror.
CREATE TABLE security.mirrored_columns (
    object text NOT NULL REFERENCES security.writable_objects (name),
    name text NOT NULL,
    PRIMARY KEY (object, name)
);
INSERT INTO security.mirrored_columns (object, name)
SELECT o.object, unnest(o.names) FROM (VALUES
    ('accounts', ARRAY['name', 'address', 'postal_code', 'city', 'region', 'siren', 'siret',
        'naf', 'segment', 'status', 'annual_revenue_eur']),
    ('contacts', ARRAY['account_id', 'name', 'role', 'email', 'phone']),
    ('sites', ARRAY['account_id', 'name', 'address', 'postal_code', 'commune', 'insee_code',
        'surface_m2', 'activity']),
    ('delivery_points', ARRAY['site_id', 'code', 'energy', 'segment', 'grid_operator', 'fta',
        'annual_consumption_mwh', 'car_kwh']),
    ('contracts', ARRAY['account_id', 'reference', 'supplier', 'energy', 'price_type',
        'price_eur_per_mwh', 'annual_volume_mwh', 'annual_amount_eur', 'start_on', 'end_on',
        'notice_days', 'tacit_renewal', 'status']),
    ('tenders', ARRAY['account_id', 'title', 'reference', 'buyer', 'submission_deadline',
        'estimated_value_eur', 'volume_mwh', 'energy', 'status'])
) AS o (object, names);

-- One record of Twenty. `outside_updated_at` is its `updatedAt` as last taken or written here;
-- `changed_at`, that of the last change made in Twenty that changed ours; `seen`, a digest of each
-- value, so that only what changes there is written here and no value is kept twice; `sent`, of
-- each value on its way there: read back, it is our own and overwrites no later change of ours.
-- «awaited»: created here, not there yet; «gone»: deleted there, its history stays here.
CREATE TABLE twenty_records (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    object text NOT NULL,
    twenty_id uuid NOT NULL,
    record_id uuid,
    state text NOT NULL CHECK (state IN ('awaited', 'mirrored', 'refused', 'gone')),
    outside_updated_at timestamptz,
    changed_at timestamptz,
    seen jsonb NOT NULL DEFAULT '{}',
    sent jsonb NOT NULL DEFAULT '{}',
    message text,
    noted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, object, twenty_id),
    UNIQUE (tenant_id, object, record_id)
);
CREATE INDEX ON twenty_records (tenant_id, state, noted_at) WHERE state IN ('refused', 'gone');

-- Records announced by Twenty, until they are read again.
CREATE TABLE twenty_arrivals (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    object text NOT NULL,
    twenty_id uuid NOT NULL,
    announced_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, object, twenty_id)
);

-- Announcements taken lately: none is taken twice. The signature covers time and body; the nonce
-- is not covered, so both are kept.
CREATE TABLE twenty_notifications (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    nonce text NOT NULL,
    signature text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, nonce),
    UNIQUE (tenant_id, signature)
);

DO $$
DECLARE
    guarded text;
BEGIN
    FOREACH guarded IN ARRAY ARRAY[
        'twenty_connections', 'twenty_records', 'twenty_arrivals', 'twenty_notifications']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', guarded);
        EXECUTE format(
            'CREATE POLICY own_tenant ON %I TO assistant_read, sync_writer
             USING (tenant_id = (SELECT current_tenant_id()))', guarded);
    END LOOP;
END
$$;
GRANT SELECT ON twenty_connections, twenty_records, twenty_arrivals TO assistant_read;
GRANT SELECT, INSERT, UPDATE ON twenty_connections, twenty_records TO sync_writer;
GRANT SELECT, INSERT, UPDATE, DELETE ON twenty_arrivals TO sync_writer;
GRANT SELECT, INSERT, DELETE ON twenty_notifications TO sync_writer;
GRANT SELECT ON sites, delivery_points, contracts, tenders TO sync_writer;

-- Writes what Twenty holds into one record of ours, created when it is not there: the mirrored
-- columns alone, for a firm that is connected.
CREATE FUNCTION mirror_row(mirrored text, record uuid, outside uuid, vals jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    tenant uuid := current_tenant_id();
    names text;
    affected int;
BEGIN
    IF NOT EXISTS (SELECT FROM twenty_connections c WHERE c.tenant_id = tenant AND c.is_enabled)
        OR EXISTS (SELECT FROM jsonb_object_keys(vals) k WHERE NOT EXISTS (
            SELECT FROM security.mirrored_columns m WHERE m.object = mirrored AND m.name = k))
        OR vals = '{}'
    THEN
        RAISE insufficient_privilege USING MESSAGE = 'not what the mirror writes';
    END IF;
    SELECT string_agg(quote_ident(k), ', ' ORDER BY k) INTO names FROM jsonb_object_keys(vals) k;
    EXECUTE format(
        'UPDATE %1$I SET (%2$s) = (SELECT %2$s FROM jsonb_populate_record(NULL::%1$I, $1))
         WHERE tenant_id = $2 AND id = $3', mirrored, names)
    USING vals, tenant, record;
    GET DIAGNOSTICS affected = ROW_COUNT;
    IF affected = 0 THEN
        EXECUTE format(
            'INSERT INTO %1$I (tenant_id, id, external_id, %2$s)
             SELECT $2, $3, $4::text, %2$s FROM jsonb_populate_record(NULL::%1$I, $1)',
            mirrored, names)
        USING vals, tenant, record, outside;
    END IF;
END
$$;

-- An executed change of a mirrored record is due in Twenty too. A record created here takes the
-- same identifier there: found again under it, it is never created twice.
CREATE FUNCTION security.queue_mirror() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    fields jsonb := NEW.canonical::jsonb -> 'fields';
    known twenty_records;
BEGIN
    IF NOT EXISTS (SELECT FROM twenty_connections c
            WHERE c.tenant_id = NEW.tenant_id AND c.is_enabled)
        OR NOT EXISTS (SELECT FROM security.mirrored_columns m WHERE m.object = NEW.object
            AND (fields ? m.name OR NEW.operation = 'remove'))
    THEN
        RETURN NULL;
    END IF;
    IF NEW.operation = 'create' THEN
        INSERT INTO twenty_records (tenant_id, object, twenty_id, record_id, state)
        VALUES (NEW.tenant_id, NEW.object, NEW.record_id, NEW.record_id, 'awaited');
    END IF;
    SELECT * INTO known FROM twenty_records r WHERE r.tenant_id = NEW.tenant_id
        AND r.object = NEW.object AND r.record_id = NEW.record_id AND r.state <> 'gone';
    IF FOUND THEN
        INSERT INTO outbox (id, tenant_id, proposal_id, kind, key, payload)
        VALUES (gen_random_uuid(), NEW.tenant_id, NEW.id, 'twenty', NEW.digest,
            jsonb_build_object('object', NEW.object, 'record', NEW.record_id,
                'operation', NEW.operation, 'fields', fields, 'twenty_id', known.twenty_id,
                'known_at', known.outside_updated_at));
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER queue_mirror AFTER UPDATE OF status ON proposals
    FOR EACH ROW WHEN (NEW.status = 'executed' AND OLD.status <> 'executed')
    EXECUTE FUNCTION security.queue_mirror();

REVOKE ALL ON FUNCTION mirror_row, security.queue_mirror FROM PUBLIC;
GRANT EXECUTE ON FUNCTION mirror_row TO sync_writer;
