"""Accounts, the posts they hold, who is away, keys of devices."""

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from geo_grid.models.ground import Area, Cell, Department
from geo_grid.roles import BY_NAME, CELL, DEPARTMENT
from geo_grid.titles import choices, title_of

GROUNDS = {CELL: _("cell"), DEPARTMENT: _("department"), **dict(Area.Level.choices)}


class User(AbstractUser):
    """An account. What it may do and see comes from the posts it holds."""

    display_name = models.CharField(_("name"), max_length=60)
    phone = models.CharField(_("duty phone"), max_length=20, blank=True)

    def __str__(self) -> str:
        return self.display_name or self.username


class Post(models.Model):
    """Who holds which role, for which cell, area or department, and from when to when."""

    user = models.ForeignKey(User, models.PROTECT, related_name="posts")
    role = models.CharField(_("role"), max_length=13, choices=choices)
    cell = models.ForeignKey(Cell, models.PROTECT, null=True, blank=True, related_name="posts")
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="posts")
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="posts"
    )
    held_during = DateTimeRangeField(_("held during"))

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        constraints = [
            models.CheckConstraint(
                name="post_has_one_ground",
                condition=Q(cell__isnull=False, area=None, department=None)
                | Q(cell=None, area__isnull=False, department=None)
                | Q(cell=None, area=None, department__isnull=False),
            ),
            ExclusionConstraint(
                name="one_person_holds_a_cell_post_once",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("cell", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    ("held_during", RangeOperators.OVERLAPS),
                ],
                condition=Q(cell__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"

    @property
    def level(self) -> str:
        """What its ground is: a cell, an area of a level, a department."""
        if self.area:
            return self.area.level
        return CELL if self.cell_id else DEPARTMENT

    def clean(self) -> None:
        """The role must be one that may be held there."""
        role = BY_NAME.get(self.role)
        if role is None:
            raise ValidationError(gettext("There is no role %s.") % self.role[:30])
        if self.level not in role.held_at:
            told = {"role": title_of(role), "ground": GROUNDS[self.level]}
            raise ValidationError(gettext("%(role)s: not held at %(ground)s.") % told)


class Leave(models.Model):
    """A time in which the holder of a post is away, and who stands in."""

    post = models.ForeignKey(Post, models.CASCADE, related_name="leaves")
    deputy = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="deputy_for"
    )
    during = DateTimeRangeField(_("during"))

    class Meta:
        verbose_name = _("leave")
        verbose_name_plural = _("leaves")
        constraints = [
            ExclusionConstraint(
                name="one_leave_of_a_post_at_a_time",
                expressions=[("post", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            )
        ]

    def __str__(self) -> str:
        return f"leave of post {self.post_id}"


class ApiToken(models.Model):
    """A key of another system or device, and what it is good for. Only its SHA-256 is stored."""

    class Scope(models.TextChoices):
        READ = "read", _("read what the account sees")
        REPORT = "report", _("send reports")
        HANDLE = "handle", _("make every other change")
        MANAGE = "manage", _("draw plans, bring base maps, open contacts")

    # `token_scopes` of views that change what is not a case: plans, base maps, opened contacts.
    MANAGED = dict.fromkeys(("POST", "PUT", "PATCH", "DELETE"), Scope.MANAGE)

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    label = models.CharField(_("label"), max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(_("created at"))
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    scopes = ArrayField(models.CharField(max_length=10, choices=Scope.choices), size=4)
    last_used_on = models.DateField(_("last used on"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        constraints = [
            models.CheckConstraint(
                name="token_has_known_scopes",
                condition=Q(
                    scopes__contained_by=["read", "report", "handle", "manage"], scopes__len__gt=0
                ),
            )
        ]

    def __str__(self) -> str:
        return self.label
