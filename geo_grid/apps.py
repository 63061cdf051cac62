"""Django app of the ground."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GeoGridConfig(AppConfig):
    name = "geo_grid"
    verbose_name = _("Ground and responsibility")
    default_auto_field = "django.db.models.BigAutoField"
