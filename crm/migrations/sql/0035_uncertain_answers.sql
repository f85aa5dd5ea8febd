-- An answer may quote what comes nearest, to be checked, and assert nothing.
ALTER TABLE turns DROP CONSTRAINT turns_status_check;
ALTER TABLE turns ADD CONSTRAINT turns_status_check CHECK (status IN (
    'running', 'answered', 'uncertain', 'clarification', 'unanswered', 'refused', 'failed'));
