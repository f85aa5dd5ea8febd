-- As before, and opinions set aside go with the questions settled as long ago. Those that were kept
-- stay: they are what changes are tried against.
CREATE OR REPLACE FUNCTION apply_retention(kept text, before timestamptz) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    tenant uuid := current_tenant_id();
    erasure uuid := gen_random_uuid();
    affected bigint := 0;
    others bigint;
BEGIN
    IF tenant IS NULL OR before > clock_timestamp() - interval '1 day' THEN
        RAISE insufficient_privilege USING MESSAGE = 'nothing of today is removed';
    END IF;
    PERFORM set_config('voltaire.erasing', tenant::text, true);
    CASE kept
        WHEN 'conversations' THEN
            DELETE FROM conversations c WHERE c.tenant_id = tenant AND c.updated_at < before;
        WHEN 'proofs' THEN
            UPDATE answer_proofs p SET canonical = '{"erased":true}', erased_in = erasure
            WHERE p.tenant_id = tenant AND p.made_at < before AND p.erased_in IS NULL;
        WHEN 'raw_mails' THEN
            UPDATE mail_messages m SET content = ''::bytea
            WHERE m.tenant_id = tenant AND m.added_at < before AND m.content <> ''::bytea;
        WHEN 'set_aside' THEN
            DELETE FROM mail_poison p WHERE p.tenant_id = tenant AND p.seen_at < before;
        WHEN 'questions' THEN
            DELETE FROM knowledge_gaps g WHERE g.tenant_id = tenant AND g.last_asked_at < before
                AND g.status IN ('closed', 'dismissed');
            GET DIAGNOSTICS affected = ROW_COUNT;
            DELETE FROM feedback f WHERE f.tenant_id = tenant AND f.given_at < before
                AND f.review = 'dismissed';
        WHEN 'removed_files' THEN
            DELETE FROM ingestion_files f WHERE f.tenant_id = tenant AND f.seen_at < before
                AND f.state = 'removed';
        ELSE RAISE invalid_parameter_value USING MESSAGE = 'not a kind of data with a period';
    END CASE;
    GET DIAGNOSTICS others = ROW_COUNT;
    affected := affected + others;
    IF affected > 0 THEN
        INSERT INTO erasures (id, tenant_id, kind, subject, done_at)
        VALUES (erasure, tenant, 'retention', kept, clock_timestamp());
        PERFORM security.add_event(tenant, 'erased', NULL, NULL, erasure, NULL,
            jsonb_build_object('erasure', erasure, 'retention', kept, 'before', before,
                'count', affected, 'events', '[]'::jsonb, 'proposals', '[]'::jsonb));
    END IF;
    RETURN affected;
END
$$;
