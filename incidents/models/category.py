"""What a matter is about, and whether it may become grid work at all."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from geo_grid.models import Department, User
from incidents import deadlines


class ServiceItem(models.Model):
    """A kind of work that a department was allowed to bring into the grid (事项准入)."""

    class State(models.TextChoices):
        ASKED = "ASKED", _("asked for")
        ADMITTED = "ADMITTED", _("admitted")
        DECLINED = "DECLINED", _("declined")

    name = models.CharField(_("name"), max_length=80, unique=True)
    owner = models.ForeignKey(Department, models.PROTECT, related_name="service_items")
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default="ASKED")
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(_("asked at"))
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    opinion = models.TextField(_("opinion"), blank=True)
    temporary = models.BooleanField(_("temporary"), default=False)
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)

    class Meta:
        verbose_name = _("service item")
        verbose_name_plural = _("service items")
        constraints = [
            models.CheckConstraint(
                name="item_decided_or_asked",
                condition=Q(state="ASKED", decided_at=None)
                | (~Q(state="ASKED") & Q(decided_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="temporary_item_expires",
                condition=Q(temporary=False) | Q(valid_until__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Category(models.Model):
    """What it is about: two levels, with the default time limit."""

    code = models.CharField(_("code"), max_length=4, unique=True)
    name = models.CharField(_("name"), max_length=60)
    name_en = models.CharField(_("English name"), max_length=80)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    active = models.BooleanField(_("active"), default=True)
    department = models.ForeignKey(
        Department,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="categories",
        verbose_name=_("responsible department"),
    )
    service_item = models.ForeignKey(
        ServiceItem, models.PROTECT, null=True, blank=True, related_name="categories"
    )
    needs_photo = models.BooleanField(_("needs a photo"), default=False)
    needs_verify = models.BooleanField(_("needs a field check"), default=False)
    needs_call = models.BooleanField(_("needs a follow-up call"), default=False)
    sensitive = models.BooleanField(_("sensitive"), default=False)
    limit_value = models.PositiveSmallIntegerField(_("time limit"), default=2)
    limit_unit = models.CharField(
        _("unit"),
        max_length=12,
        choices=[(unit, unit) for unit in deadlines.UNITS],
        default="workday",
    )

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        constraints = [
            models.CheckConstraint(
                name="category_code", condition=Q(code__regex=r"^\d{2}(\d{2})?$")
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def limit(self) -> deadlines.Limit:
        return deadlines.Limit(self.limit_value, self.limit_unit)
