"""Views of the layers for desktop programs that read the database itself."""

import re
from collections.abc import Mapping

from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _
from psycopg2.errors import InsufficientPrivilege
from psycopg2.extensions import AsIs, encrypt_password

from core import sql
from core.errors import Conflict, Invalid, NotAllowed, NotFound
from core.layer import NOTHING, PUBLIC, Layer
from geo_grid.models import Area

DISTRICT = re.compile(r"[0-9]{6}")
ROLE = re.compile(r"[a-z][a-z0-9_]{0,62}")
LEAST_PASSWORD = 12


def make_qgis_views(
    *, views: Mapping[str, Layer], district: str, role: str, password: str = ""
) -> None:
    """Make or renew the schema of a district: one view each, which the role may read.

    views: name -> layer. password: makes the role a login; "" leaves it as it is. The old schema of
    all districts together goes. Raises Invalid, NotFound, NotAllowed, Conflict where the role reads
    another district.
    """
    schema = schema_of(district)
    if not Area.objects.filter(code=district, level=Area.Level.DISTRICT).exists():
        raise NotFound(_("There is no district %s.") % district, "district")
    if not ROLE.fullmatch(role):
        raise Invalid(_("%s is no name of a role.") % role[:40], "role")
    if password and len(password) < LEAST_PASSWORD:
        raise Invalid(_("The password has less than %d characters.") % LEAST_PASSWORD, "password")
    try:
        with transaction.atomic():
            sql.run("gridmaps", "qgis_role", schema=schema, role=role)
            for name, layer in views.items():
                _make_view(name, layer, district, schema=schema, role=role)
            others = sql.rows("gridmaps", "qgis_others", {"schema": schema, "role": role})
            if others:
                text = _("The role %(role)s reads %(schema)s already: one role for each district.")
                raise Conflict(text % {"role": role, "schema": others[0]["schema"]}, "role")
            if password:
                sql.run("gridmaps", "qgis_login", {"password": _sealed(password, role)}, role=role)
    except DatabaseError as error:
        raise _told(error, role) from None


@transaction.atomic
def remove_qgis_views(*, district: str) -> None:
    """Take the views away, as before a migration that changes what they stand on."""
    sql.run("gridmaps", "qgis_gone", schema=schema_of(district))


def schema_of(district: str) -> str:
    """The schema with the views of a district. Raises Invalid for what is no code of one."""
    if not DISTRICT.fullmatch(district):
        raise Invalid(_("%s is no code of a district.") % district[:40], "district")
    return f"qgis_{district}"


def _make_view(name: str, layer: Layer, district: str, **parts: str) -> None:
    """What everybody may see is cut by the code of the area, the other layers by their own scope."""
    cut = {"area": district} if layer.audience == PUBLIC else {}
    params = layer.parameters(cut, at=None, reach={**NOTHING, "districts": [district]})
    columns = ", ".join(f"f.{field}" for field in layer.fields)
    parts |= {"view": name, "columns": columns, "source": sql.text(*layer.source).rstrip()}
    told = params | {"at": AsIs("now()"), "title": str(layer.title)}
    sql.run("gridmaps", "qgis_view", told, **parts)


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
