"""The reports and clients of the maps serve here as well."""

from tests.gridmaps.conftest import as_user, categories, client, report, today  # noqa: F401
