-- The words by which a person opens and closes what they send, kept beside how much they changed.
ALTER TABLE mail_draft_edits
    ADD COLUMN greeting text CHECK (length(greeting) BETWEEN 1 AND 80),
    ADD COLUMN closing text CHECK (length(closing) BETWEEN 1 AND 80),
    ADD COLUMN language text CHECK (length(language) = 2);
CREATE INDEX ON mail_draft_edits (tenant_id, user_id, edited_at DESC);
