"""Addresses of maps: under /api/v1/, and under /ogc/ those of OGC API Features."""

from django.urls import path, re_path

from gridmaps import api, basemaps, exports, ogc, tiles

urlpatterns = [
    path("layers/", api.Layers.as_view(), name="layers"),
    path("layers/style.json", api.Style.as_view(), name="style"),
    path("layers/map.html", exports.Overview.as_view(), name="overview"),
    path("layers/<slug:name>/export/", exports.Export.as_view(), name="export"),
    path("layers/<slug:name>/", api.Features.as_view(), name="features"),
    path("tiles/<str:names>/<int:z>/<int:x>/<int:y>.mvt", tiles.Tile.as_view(), name="tile"),
    path("basemaps/", basemaps.BaseMaps.as_view(), name="basemaps"),
    path("basemaps/<slug:name>/", basemaps.BaseMapGone.as_view(), name="basemap"),
    path("basemaps/<slug:name>/<int:z>/<int:x>/<int:y>", basemaps.BaseMapTile.as_view()),
    path("tianditu/<slug:layer>/<int:z>/<int:x>/<int:y>", basemaps.TiandituTile.as_view()),
]

ogc_patterns = [
    re_path(r"^ogc/?$", ogc.Landing.as_view(), name="ogc"),
    path("ogc/conformance", ogc.Conformance.as_view(), name="ogc-conformance"),
    path("ogc/collections", ogc.Collections.as_view(), name="ogc-collections"),
    path("ogc/collections/<slug:name>", ogc.Collection.as_view(), name="ogc-collection"),
    path("ogc/collections/<slug:name>/items", ogc.Items.as_view(), name="ogc-items"),
    re_path(
        r"^ogc/collections/(?P<name>[\w-]+)/items/(?P<key>[\w.-]{1,40})$",
        ogc.Item.as_view(),
        name="ogc-item",
    ),
]
