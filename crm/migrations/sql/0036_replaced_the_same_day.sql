-- A version replaced on the day it would begin ends before it: it applies on no day, where it
-- shared that day with the one that replaces it. Versions that already did keep the dates they were
-- shown with.
CREATE OR REPLACE FUNCTION security.end_former_versions() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
DECLARE
    today date := (clock_timestamp() AT TIME ZONE 'Europe/Paris')::date;
    starts date := coalesce(NEW.valid_from, today);
BEGIN
    UPDATE document_versions v SET
        valid_to = least(coalesce(v.valid_to, 'infinity'), starts - 1),
        status = CASE
            WHEN starts <= today OR v.valid_from >= starts THEN 'superseded' ELSE v.status
        END
    WHERE v.tenant_id = NEW.tenant_id AND v.document_id = NEW.document_id AND v.id <> NEW.id
        AND v.status = 'in_force' AND coalesce(v.valid_from, '-infinity') <= starts;
    UPDATE document_versions v SET valid_to = least(coalesce(v.valid_to, 'infinity'), later.eve)
    FROM (SELECT min(o.valid_from) - 1 AS eve FROM document_versions o
        WHERE o.tenant_id = NEW.tenant_id AND o.document_id = NEW.document_id AND o.id <> NEW.id
            AND o.status = 'in_force' AND o.valid_from > starts
            AND o.valid_from <= coalesce(o.valid_to, 'infinity')) AS later
    WHERE v.tenant_id = NEW.tenant_id AND v.id = NEW.id
        AND later.eve < coalesce(v.valid_to, 'infinity');
    RETURN NULL;
END
$$;
