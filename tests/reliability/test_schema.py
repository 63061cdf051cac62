"""The OpenAPI schema is true: schemathesis asks every operation, as an officer and as nobody.

No answer is 5xx. What succeeds has a status and a media type that the schema names; what does not
is a problem (RFC 9457). EXAMPLES in the environment scales the long form.
"""

import os

import pytest
import schemathesis
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings

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


def ask_everything(web, examples: int, headers: dict[str, str]) -> tuple[int, set]:
    """How many answers there were, and what was not as the schema says."""
    schema = schemathesis.openapi.from_url(f"{web.url}/api/schema/?format=json")
    strange: set[tuple[str, str]] = set()
    answered = sum(
        ask_one(web, found.ok(), examples, headers, strange)
        for found in schema.get_all_operations()
        if found.ok().label not in NOT_HERE
    )
    return answered, strange


def ask_one(web, operation, examples: int, headers: dict[str, str], strange: set) -> int:
    answered = 0

    @settings(max_examples=examples, **CALM)
    @given(case=operation.as_strategy())
    def ask(case):
        nonlocal answered
        answer = case.call(base_url=web.url, headers=headers, timeout=30)
        answered += 1
        if said := trouble(operation, answer):
            strange.add((operation.label, said))

    ask()
    return answered


@pytest.mark.parametrize("who", ["officer", pytest.param("nobody", marks=pytest.mark.soak)])
def test_every_operation_answers_as_its_schema_says(web, case, plan, token, who):
    headers = {"Authorization": f"Token {token}", "If-Match": '"0"'} if who == "officer" else {}
    answered, strange = ask_everything(web, 2, headers)
    print(f"answered={answered} strange={len(strange)}")
    assert strange == set()


@pytest.mark.soak
@pytest.mark.timeout(36_000)
def test_the_same_with_many_examples(web, case, plan, token):
    examples = int(os.environ.get("EXAMPLES", "1500"))
    for headers in ({"Authorization": f"Token {token}", "If-Match": '"0"'}, {}):
        answered, strange = ask_everything(web, examples, headers)
        print(f"answered={answered} strange={len(strange)}")
        assert strange == set()
