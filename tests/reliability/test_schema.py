"""The OpenAPI schema is true: schemathesis asks every operation, as each kind of account.

No answer is 5xx. What succeeds has a status and a media type that the schema names; what does not
is a problem (RFC 9457). EXAMPLES in the environment scales the long form.
"""

import os
from collections import Counter
from datetime import UTC, datetime
from itertools import count

import pytest
import schemathesis
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings

from geo_grid import services as ground_services
from geo_grid.models import ApiToken, Area, Department, User
from tests.conftest import COMMUNITY, person

NOT_HERE = {"GET /api/v1/layers/map.html"}  # needs collected static files, which tests have not
CALM = {
    "deadline": None,
    "database": None,
    "derandomize": True,
    "suppress_health_check": list(HealthCheck),
    "phases": [Phase.explicit, Phase.generate],
}


def test_the_schema_leaves_nothing_out():
    with GENERATOR_STATS.silence():
        GENERATOR_STATS.reset()
        SchemaGenerator().get_schema(request=None, public=True)
        told = [*GENERATOR_STATS._warn_cache, *GENERATOR_STATS._error_cache]
    assert told == []


def trouble(operation, answer) -> str:
    """What of an answer the schema does not know."""
    status = str(answer.status_code)
    media = " ".join(answer.headers.get("content-type", [""])).split(";")[0]
    if answer.status_code >= 500:
        return f"{status}"
    if answer.status_code >= 400:
        return "" if media == "application/problem+json" else f"{status} {media}"
    told = operation.definition.raw["responses"].get(status)
    if told is None:
        return f"{status} is not in the schema"
    content = told.get("content", {})
    return "" if not content or {media, "*/*"} & set(content) else f"{media} is not in the schema"


def ask_everything(web, examples: int, headers: dict[str, str], known: dict) -> tuple[Counter, set]:
    """How many answers there were of each status, and what was not as the schema says.

    known: part of an address -> the number of something that is there.
    """
    schema = schemathesis.openapi.from_url(f"{web.url}/api/schema/?format=json")
    statuses: Counter = Counter()
    strange: set[tuple[str, str]] = set()
    for found in schema.get_all_operations():
        if found.ok().label not in NOT_HERE:
            ask_one(web, found.ok(), examples, headers, known, statuses, strange)
    return statuses, strange


def ask_one(web, operation, examples, headers, known, statuses: Counter, strange: set) -> None:
    there = next((number for part, number in known.items() if part in operation.path), None)
    turns = count()

    @settings(max_examples=examples, **CALM)
    @given(case=operation.as_strategy())
    def ask(case):
        if there is not None and next(turns) % 2 == 0:  # the others are about what is not there
            case.path_parameters["number"] = there
        answer = case.call(base_url=web.url, headers=headers, timeout=30)
        statuses[answer.status_code] += 1
        if said := trouble(operation, answer):
            strange.add((operation.label, said))

    ask()


ROLES = {"planner": "PLANNER", "chief": "ADMIN", "reader": "DUTY"}  # others are officers
WHO = ["nobody", "worker", "officer", "department", "planner", "chief", "superuser", "reader"]


@pytest.fixture
def headers_of(case, plan, token, lin):
    """headers_of(kind): what such an account sends with every request."""

    def of(kind: str) -> dict[str, str]:
        if kind == "nobody":
            return {}
        key = token if kind == "superuser" else _token(lin if kind == "worker" else _account(kind))
        return {"Authorization": f"Token {key}", "If-Match": '"0"'}

    return of


def _account(kind: str) -> User:
    place = {"area": Area.objects.get(code=COMMUNITY if kind == "officer" else "610403")}
    if kind == "department":
        place = {"department": Department.objects.get(code="610403-D14")}
    user, since = person(kind, kind), datetime(2020, 1, 1, tzinfo=UTC)
    ground_services.appoint(user=user, role=ROLES.get(kind, "OFFICER"), since=since, **place)
    return user


def _token(user: User) -> str:
    """Good for all its account may do; the reader's only for reading."""
    scopes = [ApiToken.Scope.READ] if user.username == "reader" else ApiToken.Scope.values
    told = {"now": datetime.now(UTC), "label": "test", "scopes": scopes}
    return ground_services.issue_token(user=user, **told)


@pytest.fixture
def known(case, plan):
    return {"/incidents/{number}/": case.number, "/plans/{number}/": plan.pk}


def asked_as(kind: str, web, headers: dict[str, str], known: dict, examples: int) -> None:
    statuses, strange = ask_everything(web, examples, headers, known)
    told = {status: statuses[status] for status in sorted(statuses)}
    print(f"{kind}: answered={statuses.total()} strange={len(strange)} statuses={told}")
    assert strange == set()
    assert statuses[200] > 0
    assert (statuses[401] > 0) == (kind == "nobody"), "only who is nobody is asked who it is"


@pytest.mark.parametrize("kind", WHO)
def test_every_operation_answers_as_its_schema_says(web, headers_of, known, kind):
    asked_as(kind, web, headers_of(kind), known, 2)


@pytest.mark.soak
@pytest.mark.timeout(36_000)
@pytest.mark.parametrize("kind", WHO)
def test_the_same_with_many_examples(web, headers_of, known, kind):
    asked_as(kind, web, headers_of(kind), known, int(os.environ.get("EXAMPLES", "320")))
