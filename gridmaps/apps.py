"""Django app: Maps."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GridmapsConfig(AppConfig):
    name = "gridmaps"
    verbose_name = _("Maps")
    default_auto_field = "django.db.models.BigAutoField"
