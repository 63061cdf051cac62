"""The base map of the demo district: its rivers."""

from django.conf import settings

from gridmaps import services

RIVERS = settings.ROOT / "fixtures" / "boundaries" / "rivers_wdbii_gshhg237.geojson"
AROUND = (107.6, 34.0, 108.5, 34.6)


def load_base() -> dict[str, int]:
    """Rivers around the district, in the place of those that were there."""
    return {"rivers": services.load_base_features(path=RIVERS, layer="rivers", box=AROUND)}
