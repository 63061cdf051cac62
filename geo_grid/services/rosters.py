"""Lists of posts in and out: who holds which role where, from when to when."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from core.errors import DomainError, Invalid
from geo_grid import codes, districts, queries
from geo_grid.models import Area, Cell, Department, Post, User
from geo_grid.roles import ROLES
from geo_grid.services.posts import appoint, end_post

FIELDS = ("account", "name", "role", "cell", "area", "department", "since", "until", "phone")


@dataclass(slots=True)
class Roster:
    """What became of the lines. rejected: (line, reason)."""

    appointed: int = 0
    ended: int = 0
    known: int = 0
    rejected: list[tuple[int, str]] = field(default_factory=list)


@transaction.atomic
def import_posts(*, lines: Iterable[tuple[int, Mapping[str, str]]], district: str) -> Roster:
    """Appoint whom a list names in a district; a line that came before changes nothing, one that
    now has an end ends the post. A line that cannot be is left out, with the reason.

    A person is known by the account, else by name and phone; a new one cannot log in before
    somebody sets a password. A date as the end is the last day.
    """
    area = queries.area_named(district, codes.DISTRICT)
    roles, roster = _roles(), Roster()
    for number, told in lines:
        try:
            with transaction.atomic():
                _take(told, area.code, roles, roster)
        except DomainError as error:
            roster.rejected.append((number, str(error.message)))
        except IntegrityError:
            roster.rejected.append((number, _("This post is held in this time already.")))
    return roster


def posts_of(*, district: str) -> Iterator[list[str]]:
    """The posts of a district as lines that `import_posts` takes, in the order of FIELDS."""
    code = queries.area_named(district, codes.DISTRICT).code
    zone = districts.of(code).zone
    held = Post.objects.select_related("user", "cell", "area", "department")
    mine = held.filter(cell__district=code) | held.filter(area__code__startswith=code)
    mine |= held.filter(department__district=code)
    for post in mine.order_by("role", "cell__code", "area__code", "held_during", "pk"):
        yield [
            post.user.username,
            post.user.display_name,
            str(post.get_role_display()),
            post.cell.code if post.cell else "",
            (post.area.own_code or post.area.code) if post.area else "",
            post.department.code if post.department else "",
            _moment_shown(post.held_during.lower, zone, 0),
            _moment_shown(post.held_during.upper, zone, 1),
            post.user.phone,
        ]


def _roles() -> dict[str, str]:
    """Every word for a role: its key, the English and the Chinese one."""
    return {word.lower(): role.name for role in ROLES for word in (*role.title, role.name)}


def _take(told: Mapping[str, str], district: str, roles: dict[str, str], roster: Roster) -> None:
    role = roles.get(told["role"].lower())
    if role is None:
        raise Invalid(_("There is no role %s.") % told["role"][:30], "role")
    ground = _ground(told, district)
    zone = districts.of(district).zone
    since = _moment(told["since"], zone, 0)
    until = _moment(told["until"], zone, 1) if told["until"] else None
    if until is not None and until <= since:
        raise Invalid(_("A post must end after it begins."), "until")
    user = _person(told)
    post = Post.objects.filter(
        user=user, role=role, held_during__startswith=since, **ground
    ).first()
    if post is None:
        appoint(user=user, role=role, since=since, until=until, **ground)
        roster.appointed += 1
    elif until is not None and post.held_during.upper != until:
        end_post(post=post, at=until)
        roster.ended += 1
    else:
        roster.known += 1


def _ground(told: Mapping[str, str], district: str) -> dict:
    given = [name for name in _ONE if told[name]]
    if len(given) != 1:
        raise Invalid(_("A post has one ground: a cell, an area or a department."))
    name = told[given[0]]
    found = _ONE[given[0]](name, district)
    if found is None:
        raise Invalid(_("This district has no %s.") % name[:40], given[0])
    return {given[0]: found}


def _area(name: str, district: str) -> Area | None:
    mine = Area.objects.filter(code__startswith=district)
    return mine.filter(code=name).first() or mine.filter(own_code=name).first()


_ONE = {
    "cell": lambda name, district: Cell.objects.filter(code=name, district=district).first(),
    "area": _area,
    "department": lambda name, district: Department.objects.filter(
        code=name, district=district
    ).first(),
}


def _moment(text: str, zone: ZoneInfo, days: int) -> datetime:
    """A moment; a mere date is midnight of the district, `days` later."""
    try:
        found = datetime.fromisoformat(text.replace("/", "-"))
    except ValueError:
        raise Invalid(_("%s is no date such as 2026-03-01.") % text[:30], "since") from None
    if len(text) <= len("2026-03-01"):
        found += timedelta(days=days)
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _moment_shown(moment: datetime | None, zone: ZoneInfo, days: int) -> str:
    if moment is None:
        return ""
    there = moment.astimezone(zone)
    if there.time() != time():
        return there.isoformat()
    day: date = there.date() - timedelta(days=days)
    return day.isoformat()


def _person(told: Mapping[str, str]) -> User:
    name, phone, account = told["name"], told["phone"], told["account"]
    if not name:
        raise Invalid(_("The name is missing."), "name")
    known = User.objects.filter(username=account) if account else User.objects.none()
    if not account:
        if not phone:
            raise Invalid(_("Without an account the phone must say who it is."), "phone")
        known = User.objects.filter(display_name=name, phone=phone)
    user = known.first()
    if user is None:
        user = User(username=account or f"p{phone}", display_name=name, phone=phone)
        _refuse_wrong_person(user)
        user.set_unusable_password()
        user.save(force_insert=True)
    elif user.display_name != name:
        raise Invalid(_("The account %s belongs to somebody else.") % account[:30], "account")
    return user


def _refuse_wrong_person(user: User) -> None:
    long = len(user.display_name) > 60 or len(user.phone) > 20 or len(user.username) > 150
    try:
        User.username_validator(user.username)
    except ValidationError:
        long = True
    if long:
        raise Invalid(_("The name, phone or account has a form that is not possible."), "account")
