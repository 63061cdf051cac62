"""Reference data: categories, offices by their codes."""

from django.conf import settings
from django.utils.translation import gettext as _

from core.errors import Invalid
from core.recent import recent
from geo_grid.models import Area
from incidents.models import Category


def category(text: str, among: list[Category] | None = None) -> Category:
    """The category of a code or of an exact Chinese name that only one active category has.

    among: of `active_categories`, where nothing may be asked of the database meanwhile.
    """
    if among is None:
        found = _called(text, _categories()) or _called(text, active_categories())
    else:
        found = _called(text, among)
    if not found:
        raise Invalid(_("There is no category %s.") % text, "category")
    exact = [one for one in found if one.code == text]
    if len(found) > 1 and not exact:
        raise Invalid(_("Several categories are called %s: give the code.") % text, "category")
    return (exact or found)[0]


def _called(text: str, categories: list[Category]) -> list[Category]:
    return [one for one in categories if text in (one.code, one.name)]


def active_categories() -> list[Category]:
    """All that are in use, with the classes above them."""
    return list(Category.objects.select_related("service_item", "parent").filter(active=True))


_categories = recent(active_categories)


def district_office(code: str) -> Area:
    """The centre of a district: where a report without a cell waits."""
    codes = (code, settings.HOME_DISTRICT)
    found = {area.code: area for area in Area.objects.filter(code__in=codes)}
    office = found.get(code) or found.get(settings.HOME_DISTRICT)
    if office is None:
        raise Invalid(_("There is no district %s.") % code, "location")
    return office
