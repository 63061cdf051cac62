"""Who holds a post, and who is away."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext as _

from core.errors import Invalid
from geo_grid.models import Area, Cell, Department, Leave, Post, User


@transaction.atomic
def appoint(
    *,
    user: User,
    role: str,
    since: datetime,
    until: datetime | None = None,
    cell: Cell | None = None,
    area: Area | None = None,
    department: Department | None = None,
) -> Post:
    """Give a person a post from a moment on, where the role may be held."""
    if until is not None and until <= since:
        raise Invalid(_("A post must end after it begins."), "until")
    post = Post(
        user=user,
        role=role,
        cell=cell,
        area=area,
        department=department,
        held_during=DateTimeTZRange(since, until),
    )
    try:
        post.clean()
    except ValidationError as error:
        raise Invalid(error.message, "role") from None
    post.save()
    return post


@transaction.atomic
def end_post(*, post: Post, at: datetime) -> Post:
    """A person gives a post up."""
    if at <= post.held_during.lower:
        raise Invalid(_("A post must end after it begins."), "at")
    post.held_during = DateTimeTZRange(post.held_during.lower, at)
    post.save(update_fields=["held_during"])
    return post


@transaction.atomic
def grant_leave(*, post: Post, since: datetime, until: datetime, deputy: User | None) -> Leave:
    """The holder of a post is away; the deputy, if any, stands in."""
    if until <= since:
        raise Invalid(_("A leave must end after it begins."), "until")
    during = DateTimeTZRange(since, until)
    return Leave.objects.create(post=post, during=during, deputy=deputy)
