"""The titles of roles in the language of whoever reads them."""

from django.utils.translation import get_language

from geo_grid.roles import ROLES, Role


def title_of(role: Role) -> str:
    """The Chinese title or the English one."""
    chinese, english = role.title
    return chinese if (get_language() or "").startswith("zh") else english


def choices() -> list[tuple[str, str]]:
    """Name and title of every role, for fields of models and forms."""
    return [(role.name, title_of(role)) for role in ROLES]
