"""The site, for `granian --interface wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
site = get_wsgi_application()

from gridmaps.kept import Kept  # noqa: E402  the apps must be ready
from gridmaps.tiles import lasting_tile  # noqa: E402

application = Kept(site, lasting_tile)
