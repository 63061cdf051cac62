"""Every write of maps: pictures for low zooms, base map features, uploaded base maps, views for QGIS."""

from gridmaps.services.basefeatures import load_base_features
from gridmaps.services.basemaps import add_base_map, path_of, remove_base_map
from gridmaps.services.drawing import draw_layer
from gridmaps.services.qgis import make_qgis_views, remove_qgis_views

__all__ = [
    "add_base_map",
    "draw_layer",
    "load_base_features",
    "make_qgis_views",
    "path_of",
    "remove_base_map",
    "remove_qgis_views",
]
