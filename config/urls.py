"""Every address of the site, and the one of the live process."""

from csp.decorators import csp_update
from django.contrib import admin
from django.urls import include, path, re_path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from drf_spectacular.views import (
    SpectacularAPIView,
    SpectacularJSONAPIView,
    SpectacularSwaggerSplitView,
)

from config import metrics
from core import http
from gridmaps import exports, live
from gridmaps.urls import ogc_patterns

api = [
    path("", include("incidents.urls")),  # first: most requests are reports
    path("", include("geo_grid.urls")),
    path("", include("hotspots.urls")),
    path("", include("gridmaps.urls")),
]

ogc_definition = SpectacularJSONAPIView.as_view(
    patterns=ogc_patterns, content_negotiation_class=http.AnyAccept
)
# The one inline style of the page; its script comes as a file.
DOCS_STYLE = "'sha256-MMpT0iDxyjALd9PdfepImGX3DBfJPXZ4IlDWdPAgtn0='"
docs = csp_update({"style-src": DOCS_STYLE})(SpectacularSwaggerSplitView.as_view(url_name="schema"))

admin.site.site_header = admin.site.site_title = _("Administration of the grid")

urlpatterns = [
    path("api/v1/", include(api)),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", docs, name="docs"),
    re_path(r"^api/", http.not_found),
    path("", include(ogc_patterns)),
    path("ogc/api", ogc_definition, name="ogc-api"),
    re_path(r"^ogc/", http.not_found),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
    path("maps/<str:area>/", exports.area_map, name="area-map"),
    path("metrics", require_safe(metrics.page), name="metrics"),
    path("live", live.stream, name="live"),
    path("", include("screens.urls")),
]
