"""The directory of departments, the calls that are due, and the offices one works in."""

from datetime import datetime

from django.db.models import Prefetch, QuerySet

from geo_grid.models import Department, Post, User
from geo_grid.scope import in_own_districts
from incidents.models import DepartmentDuty, FollowUpCall, Incident
from incidents.queries.cases import visible


def directory(viewer: User, now: datetime) -> QuerySet[Department]:
    """Departments of the viewer's districts with their members now (`members`), duties and
    categories."""
    members = Post.objects.filter(held_during__contains=now).select_related("user").order_by("id")
    duties = DepartmentDuty.objects.select_related("category", "area").order_by("category__code")
    ours = Department.objects.filter(in_own_districts(viewer, now))
    return ours.prefetch_related(
        Prefetch("posts", members, to_attr="members"),
        Prefetch("duties", duties, to_attr="tasks"),
        Prefetch("categories"),
    ).order_by("code")


def calls_due(viewer: User, now: datetime) -> QuerySet[FollowUpCall]:
    """Follow-up calls that wait, the longest due first, of cases the viewer may see."""
    closed = visible(viewer, now).filter(status=Incident.Status.CLOSED)
    waiting = FollowUpCall.objects.filter(done_at=None, incident__in=closed)
    related = ("incident__category", "incident__community")
    return waiting.select_related(*related).order_by("due_at", "id")
