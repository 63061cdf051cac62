"""Map layers of the base map that belong to no other package."""

from django.utils.translation import gettext_lazy as _

from core.layer import PUBLIC, Layer, Palette, Shade
from gridmaps import queries

WATER = Palette("", (Shade("", "#4a90c2", _("river")),))

LAYERS = (
    Layer(
        name="rivers",
        title=_("Rivers"),
        source=("gridmaps", "layer_base"),
        fields={"code": _("code"), "name": _("name"), "kind": _("kind")},
        key="code",
        geometry="line",
        group="base",
        audience=PUBLIC,
        version=queries.version_of_base,
        dated=True,
        fixed={"layer": "rivers"},
        order=10,
        note=_("World Data Bank II, at a scale of 1:2,000,000"),
        palette=WATER,
        style=({"type": "line", "paint": {"line-color": WATER.expression(), "line-width": 2.5}},),
    ),
)
