"""Views of the layers for desktop programs that read the database itself."""

import re
from collections.abc import Mapping

from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _
from psycopg2.errors import InsufficientPrivilege
from psycopg2.extensions import AsIs, encrypt_password

from core import sql
from core.errors import Conflict, Invalid, NotAllowed
from core.layer import EVERYTHING, Layer

ROLE = re.compile(r"[a-z][a-z0-9_]{0,62}")
LEAST_PASSWORD = 12


def make_qgis_views(*, views: Mapping[str, Layer], role: str, password: str = "") -> None:
    """Make or renew the schema `qgis`: one view each, which the role may read.

    views: name -> layer. password: makes the role a login; "" leaves it as it is.
    """
    if not ROLE.fullmatch(role):
        raise Invalid(_("%s is no name of a role.") % role[:40], "role")
    if password and len(password) < LEAST_PASSWORD:
        raise Invalid(_("The password has less than %d characters.") % LEAST_PASSWORD, "password")
    try:
        with transaction.atomic():
            sql.run("gridmaps", "qgis_role", role=role)
            for name, layer in views.items():
                _make_view(name, layer, role)
            if password:
                sql.run("gridmaps", "qgis_login", {"password": _sealed(password, role)}, role=role)
    except DatabaseError as error:
        raise _told(error, role) from None


@transaction.atomic
def remove_qgis_views() -> None:
    """Take the views away, as before a migration that changes what they stand on."""
    sql.run("gridmaps", "qgis_gone")


def _make_view(name: str, layer: Layer, role: str) -> None:
    params = layer.parameters({}, at=None, reach=EVERYTHING) | {"at": AsIs("now()")}
    source = sql.text(*layer.source).rstrip()
    columns = ", ".join(f"f.{field}" for field in layer.fields)
    parts = {"view": name, "columns": columns, "source": source, "role": role}
    sql.run("gridmaps", "qgis_view", params | {"title": str(layer.title)}, **parts)


def _sealed(password: str, role: str) -> str:
    """What the server keeps of a password: the word itself never travels, nor lands in a log."""
    connection.ensure_connection()
    return encrypt_password(password, role, connection.connection, "scram-sha-256")


def _told(error: DatabaseError, role: str) -> Exception:
    """One sentence on what the database refused."""
    if isinstance(error.__cause__, InsufficientPrivilege):
        text = _(
            "The database user may not make a role or a schema: let an administrator run "
            "CREATE ROLE %s; and give this user CREATE on the database, then run this again."
        )
        return NotAllowed(text % role, "role")
    return Conflict(_("The database refused: %s") % str(error).splitlines()[0][:200])
