"""The map layer of hot spots: what the newest kept run of each district found."""

from django.utils.translation import gettext_lazy as _

from core.layer import Layer, Palette, Shade, matching
from hotspots import queries

# Red and blue that colour-blind people tell apart; what is not significant stays pale.
SEVEN = Palette(
    "level",
    (
        Shade(3, "#b2182b", _("hot, 99 %")),
        Shade(2, "#ef8a62", _("hot, 95 %")),
        Shade(1, "#fddbc7", _("hot, 90 %")),
        Shade(0, "#f7f7f7", _("not significant")),
        Shade(-1, "#d1e5f0", _("cold, 90 %")),
        Shade(-2, "#67a9cf", _("cold, 95 %")),
        Shade(-3, "#2166ac", _("cold, 99 %")),
    ),
    other="#f7f7f7",
)

LAYERS = (
    Layer(
        name="hotspots",
        title=_("Hot spots"),
        source=("hotspots", "layer_hotspots"),
        fields={
            "code": _("code"),
            "name": _("name"),
            "reported": _("reported number"),
            "z": _("z of Gi*"),
            "p": _("p of the exact test"),
            "level": _("level"),
        },
        key="code",
        geometry="polygon",
        group="incidents",
        version=queries.version_of_runs,
        moment=True,
        filters={"area": matching(r"\d{6}(\d{3}){0,2}")},
        order=26,
        note=_("Reports of the last 30 days: Gi*, exact test, false discovery rate"),
        palette=SEVEN,
        style=(
            {
                "type": "fill",
                "paint": {"fill-color": SEVEN.expression(), "fill-opacity": 0.75},
            },
            {"type": "line", "paint": {"line-color": "#7c89a3", "line-width": 0.6}},
        ),
    ),
)
