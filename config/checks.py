"""System checks: what an operator should know before users find out."""

from django.conf import settings
from django.core import checks
from django.db import ProgrammingError
from django.utils import timezone
from django.utils.translation import gettext as _

from core import sql
from incidents import worktime


def work_calendar(app_configs, databases, **kwargs) -> list[checks.CheckMessage]:
    """Warn while there is time that a year is missing. Runs with `--database` and at `migrate`."""
    if not databases:
        return []
    try:
        missing = worktime.missing_years(timezone.now())
    except ProgrammingError:  # the tables are not there yet
        return []
    hint = _("Enter it in the administration pages, or load it: load_work_calendar --file.")
    text = _("The work calendar of %d is missing: deadlines fall back to Monday to Friday.")
    return [checks.Warning(text % year, hint=hint, id="gridkeeper.W001") for year in missing]


def durability(app_configs, databases, **kwargs) -> list[checks.CheckMessage]:
    """Warn where the database answers before a report is safe on the disk; tests run so."""
    if not databases or settings.TESTING:
        return []
    hint = _("Set it to on in postgresql.conf and reload.")
    text = _("The database runs with %s off: reports that were answered may be lost.")
    names = [row["name"] for row in sql.rows("config", "unsafe_settings")]
    return [checks.Warning(text % name, hint=hint, id="gridkeeper.W002") for name in names]
