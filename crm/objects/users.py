"""The firm's own people, as far as everyone may see them."""

from crm.catalogue import BusinessObject, Field

USERS = BusinessObject(
    name="users",
    singular="collaborateur",
    plural="collaborateurs",
    is_feminine=False,
    title="full_name",
    words=("collègue", "collègues", "équipe", "utilisateurs"),
    fields=(
        Field("full_name", "Nom", "text"),
        Field("job_title", "Fonction", "text", is_feminine=True),
        Field("email", "Courriel", "text"),
        Field("roles", "Rôles", "list"),
    ),
    columns=("full_name", "job_title", "email"),
    order="full_name",
    search=("full_name", "email"),
)
