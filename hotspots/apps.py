"""Django app: Hot spots."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HotspotsConfig(AppConfig):
    name = "hotspots"
    verbose_name = _("Hot spots")
    default_auto_field = "django.db.models.BigAutoField"
