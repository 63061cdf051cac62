"""What a viewer may see: the one row-level rule, used by every query and by the live stream."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from core.errors import NotAllowed
from geo_grid.models import Area, Leave, Post, User
from geo_grid.roles import BY_NAME, DRAWING, REVIEWING


@dataclass(frozen=True, slots=True)
class Reach:
    """What a viewer reaches: everything, whole districts, communities, or single cells."""

    everything: bool = False
    districts: frozenset[str] = frozenset()
    communities: frozenset[int] = frozenset()
    community_codes: frozenset[str] = frozenset()
    cells: frozenset[int] = frozenset()
    cell_codes: frozenset[str] = frozenset()
    departments: frozenset[int] = frozenset()
    department_codes: frozenset[str] = frozenset()
    areas: frozenset[str] = frozenset()  # codes of those in which a post is held

    def incidents(self) -> Q:
        """Filter of rows with `district`, `community_id` and `cell_id`.

        What a department sees is the cases it has a part in: its package adds them by `departments`.
        """
        if self.everything:
            return Q()
        below = Q(community_id__in=self.communities) | Q(cell_id__in=self.cells)
        return Q(district__in=self.districts) | below

    def boundaries(self) -> Q:
        """Filter of boundaries of cells."""
        if self.everything:
            return Q()
        below = Q(community_id__in=self.communities) | Q(cell_id__in=self.cells)
        return Q(cell__district__in=self.districts) | below

    def posts(self) -> Q:
        """Filter of posts: of the areas reached, of cells and departments in them."""
        if self.everything:
            return Q()
        found = Q(cell__in=self.cells) | Q(department__in=self.departments)
        found |= Q(cell__district__in=self.districts) | Q(department__district__in=self.districts)
        for code in self.areas:
            found |= Q(area__code__startswith=code)
        return found

    def parameters(self) -> dict:
        """The same filter as parameters of a map layer's SQL."""
        return {
            "everything": self.everything,
            "districts": sorted(self.districts),
            "communities": sorted(self.communities),
            "cells": sorted(self.cells),
            "departments": sorted(self.departments),
        }

    def saw(self, message: dict) -> bool:
        """Whether it was seen where it lay before this message, the place `was`, if it has moved."""
        return "was" in message and self.sees(message["was"])

    def sees(self, message: dict) -> bool:
        """The same rule on a live message: `district`, `community`, `cell`, `departments` codes."""
        return (
            self.everything
            or message.get("district") in self.districts
            or message.get("community") in self.community_codes
            or message.get("cell") in self.cell_codes
            or not self.department_codes.isdisjoint(message.get("departments", ()))
        )


def reach(viewer: User, now: datetime) -> Reach:
    """The reach of a viewer by the posts held now, and those of whoever is away and is stood in for.
    Nobody without a post reaches anything.

    A district office sees its district and the unassigned reports in it; a town or community
    office, an assistant and a cell head see their area and below; a worker sees the own cells; a
    department sees the cases it has a part in.
    """
    if not viewer.is_authenticated:
        return Reach()
    return reaches([viewer], now)[viewer.pk]


def reaches(viewers: list[User], now: datetime) -> dict[int, Reach]:
    """The reach of many accounts at once, by their ids; two questions however many they are."""
    columns = ("area__code", "cell_id", "cell__code", "department_id", "department__code")
    bound = [viewer.pk for viewer in viewers if not viewer.is_superuser]
    grounds: dict[int, list[tuple]] = {key: [] for key in bound}
    if bound:
        held = Post.objects.filter(user__in=bound, held_during__contains=now)
        away = Leave.objects.filter(
            deputy__in=bound, during__contains=now, post__held_during__contains=now
        )
        own = held.values_list("user_id", *columns)
        stood_in_for = away.values_list("deputy_id", *(f"post__{column}" for column in columns))
        for key, *ground in own.union(stood_in_for, all=True):
            grounds[key].append(ground)
    codes = {ground[0] for found in grounds.values() for ground in found if ground[0]}
    below = _communities_below({code for code in codes if len(code) > 6})
    everything = {viewer.pk: Reach(everything=True) for viewer in viewers if viewer.is_superuser}
    return everything | {key: _reach_of(found, below) for key, found in grounds.items()}


def _reach_of(grounds: list[tuple], communities: list[tuple[int, str]]) -> Reach:
    codes = {ground[0] for ground in grounds if ground[0]}
    above = tuple(code for code in codes if len(code) > 6)
    below = [one for one in communities if one[1].startswith(above)] if above else []
    return Reach(
        districts=frozenset(code for code in codes if len(code) == 6),
        communities=frozenset(key for key, _code in below),
        community_codes=frozenset(code for _key, code in below),
        cells=frozenset(ground[1] for ground in grounds if ground[1]),
        cell_codes=frozenset(ground[2] for ground in grounds if ground[2]),
        departments=frozenset(ground[3] for ground in grounds if ground[3]),
        department_codes=frozenset(ground[4] for ground in grounds if ground[4]),
        areas=frozenset(codes),
    )


def _communities_below(codes: set[str]) -> list[tuple[int, str]]:
    if not codes:
        return []
    wanted = Q()
    for code in codes:
        wanted |= Q(code__startswith=code)
    communities = Area.objects.filter(wanted, level=Area.Level.COMMUNITY)
    return list(communities.values_list("pk", "code"))


def roles_of(viewer: User, now: datetime) -> set[str]:
    """The roles of the posts a viewer holds now; all of them for a superuser."""
    if not viewer.is_authenticated:
        return set()
    if viewer.is_superuser:
        return set(BY_NAME)
    return set(
        Post.objects.filter(held_or_stood_in_for(viewer, now)).values_list("role", flat=True)
    )


def held_or_stood_in_for(viewer: User, now: datetime) -> Q:
    """Filter of posts: those held now, and those whose holder is on leave with the viewer as deputy."""
    away = Leave.objects.filter(deputy=viewer, during__contains=now)
    return (Q(user=viewer) | Q(pk__in=away.values("post"))) & Q(held_during__contains=now)


def may_come_in(now: datetime, account: str = "") -> Q:
    """Filter of accounts that are not disabled and whose last post has not ended.

    An account that never had a post may come in, and sees nothing. account: the path to it.
    """
    path = f"{account}__" if account else ""
    posts = Post.objects.filter(user=OuterRef(f"{path}pk"))
    going_on = Q(held_during__upper_inf=True) | Q(held_during__endswith__gt=now)
    working = ~Exists(posts) | Exists(posts.filter(going_on)) | Q(**{f"{path}is_superuser": True})
    return Q(working, **{f"{path}is_active": True})


def in_own_districts(viewer: User, now: datetime) -> Q:
    """Filter of what staff see of a `district`: its plans and versions, its departments and their
    members. Those of the districts in which a post is held."""
    if viewer.is_superuser:
        return Q()
    return Q(district__in=districts_of(viewer, now))


def districts_of(viewer: User, now: datetime) -> set[str]:
    """The codes of the districts in which a viewer holds a post; all of them for a superuser."""
    if viewer.is_superuser:
        districts = Area.objects.filter(level=Area.Level.DISTRICT, active=True)
        return set(districts.values_list("code", flat=True))
    return {code[:6] for code in _grounds(viewer, now)}


def draws_in(viewer: User, now: datetime) -> frozenset[str]:
    """The codes of the areas in which a viewer may draw plans, there and below."""
    return _areas(viewer, now, DRAWING)


def must_draw_in(viewer: User, district: str, now: datetime) -> None:
    """Refuse whoever is no planner of a district or of a part of it."""
    if not any(district.startswith(code[:6]) for code in draws_in(viewer, now)):
        raise NotAllowed(_("Only a planner of this district draws on its plans."))


def reviews_in(viewer: User, now: datetime) -> frozenset[str]:
    """The districts whose plans a viewer reviews and publishes."""
    return frozenset(code for code in _areas(viewer, now, REVIEWING) if len(code) in (0, 6))


def _grounds(viewer: User, now: datetime) -> set[str]:
    if not viewer.is_authenticated:
        return set()
    held = Post.objects.filter(user=viewer, held_during__contains=now)
    grounds = held.values_list("area__code", "cell__district", "department__district")
    return {code for row in grounds for code in row if code}


def _areas(viewer: User, now: datetime, roles: Sequence[str]) -> frozenset[str]:
    """The areas in which a viewer holds one of these roles now; all of them for a superuser."""
    if viewer.is_superuser:
        return frozenset({""})
    if not viewer.is_authenticated:
        return frozenset()
    held = Post.objects.filter(user=viewer, held_during__contains=now, role__in=roles)
    return frozenset(held.filter(area__isnull=False).values_list("area__code", flat=True))
