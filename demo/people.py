"""The two demonstration firms, their people and the passwords of their accounts."""

from __future__ import annotations

from dataclasses import dataclass

from demo.french import fold


@dataclass(frozen=True)
class Tenant:
    """A broker's firm."""

    slug: str
    name: str
    domain: str


@dataclass(frozen=True)
class Person:
    """A member of a firm; `key` is the first name folded to ASCII."""

    tenant: str
    full_name: str
    job_title: str
    roles: tuple[str, ...]
    is_active: bool = True

    @property
    def key(self) -> str:
        """The first name, in lower-case ASCII."""
        return fold(self.full_name.split(" ")[0])

    @property
    def email(self) -> str:
        """The professional address."""
        first, last = self.full_name.split(" ", 1)
        return f"{fold(first)}.{fold(last)}@{TENANTS[self.tenant].domain}"


@dataclass(frozen=True)
class DemoLogin:
    """What one signs in with to try the product."""

    email: str
    password: str
    full_name: str
    roles: tuple[str, ...]
    tenant: str


TENANTS = {
    "alize": Tenant("alize", "Cabinet Alizé Énergie Conseil", "alize-energie.example"),
    "mistral": Tenant("mistral", "Mistral Conseil Énergie", "mistral-energie.example"),
}

PEOPLE = (
    Person("alize", "Camille Ferrand", "Directrice", ("reader", "director")),
    Person("alize", "Hugo Lemaître", "Responsable qualité", ("reader", "quality")),
    Person("alize", "Sarah Benali", "Commerciale", ("reader", "sales")),
    Person("alize", "Thomas Rivoal", "Commercial", ("reader", "sales")),
    Person("alize", "Inès Garnier", "Analyste marchés", ("reader",)),
    Person("alize", "Paul Nguyen", "Administrateur", ("reader", "admin")),
    Person("alize", "Julien Moreau", "Commercial grands comptes", ("reader", "sales")),
    Person("alize", "Nadia Cherif", "Chargée de qualité", ("reader", "quality")),
    Person("alize", "Marc Delaunay", "Directeur adjoint", ("reader", "sales", "director")),
    Person("alize", "Élodie Perrin", "Assistante de gestion", ("reader",)),
    Person("alize", "Karim Haddad", "Responsable informatique", ("reader", "admin")),
    Person("alize", "Bertrand Collet", "Ancien commercial", ("reader",), is_active=False),
    Person("mistral", "Laure Mercier", "Gérante", ("reader", "director", "admin")),
    Person("mistral", "Yann Kervella", "Commercial", ("reader", "sales")),
    Person("mistral", "Sofia Costa", "Responsable qualité", ("reader", "quality")),
)


def demo_logins() -> list[DemoLogin]:
    """One account per active person, with a password to remember (« voltaire-camille »)."""
    return [
        DemoLogin(
            person.email,
            f"voltaire-{person.key}",
            person.full_name,
            person.roles,
            person.tenant,
        )
        for person in PEOPLE
        if person.is_active
    ]
