"""Own settings of installed apps: the name of one, and which static files are served and how."""

from axes.apps import AppConfig as AxesConfig
from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.core import checks
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from whitenoise.storage import CompressedManifestStaticFilesStorage


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "Gridkeeper"

    def ready(self):
        """Checks read models, which exist only now."""
        user_logged_in.connect(import_string("config.door.note_login"))
        checks.register(import_string("config.checks.durability"), checks.Tags.database)
        checks.register(import_string("config.checks.work_calendar"), checks.Tags.database)


class Logins(AxesConfig):
    """Attempts to log in, under a name that an administrator understands."""

    verbose_name = _("Logins and failed attempts")


class StaticFiles(StaticFilesConfig):
    """Only what a browser needs passes from the npm packages."""

    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        *["*.map", "*.d.ts", "*-dev*", "*-src*", "*.cjs", "*.md", "*.json", "*.txt"],
        *["echarts.js", "echarts.min.js", "echarts.esm*", "echarts.simple*", "echarts.common.js"],
        *["*.umd.js", "*.module.js"],
    ]


class Storage(CompressedManifestStaticFilesStorage):
    """A source map that is not served must not be looked for."""

    patterns = tuple(
        (files, [rule for rule in rules if "sourceMappingURL" not in str(rule)])
        for files, rules in CompressedManifestStaticFilesStorage.patterns
    )
