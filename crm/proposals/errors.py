"""What a person is told when a change cannot be proposed, approved or undone."""

from core.errors import VoltaireError


class InvalidChange(VoltaireError):
    """A proposed value or field cannot be taken as it stands."""

    status = 422


class ChangeNotAllowed(VoltaireError):
    """The firm's policy or the person's roles do not permit this."""

    status = 403


class StaleProposal(VoltaireError):
    """The proposal has changed, expired, been used or already been settled."""

    status = 409


class InvalidPolicy(VoltaireError):
    """The firm's policy file cannot be read; nothing is approved until it can."""

    status = 500
