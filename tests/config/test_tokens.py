"""What a token is good for unless somebody says more, and what no handling token may do."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from geo_grid import services
from geo_grid.models import ApiToken
from tests.config.matrix import routes
from tests.config.test_door import bearer

ABOUT_PLANS = ("/plans/", "/basemaps/", "/contact/")


def test_a_token_of_which_nothing_is_said_reads_for_a_month(qian):
    now = timezone.now()
    services.issue_token(user=qian, label="x", now=now)
    token = ApiToken.objects.get()
    assert token.scopes == ["read"]
    assert token.expires_at == now + timedelta(days=30)


def test_handling_cases_is_no_leave_to_draw_plans_bring_maps_or_open_contacts(zhao):
    """Every address of these, also one that will be added; the scope is named."""
    asked = 0
    handling = bearer(zhao, scopes=["read", "report", "handle"])
    managing = bearer(zhao, scopes=["manage"])
    values = {"number": "1", "name": "x", "z": 1, "x": 1, "y": 1}
    for route in routes():
        view = getattr(route.callback, "cls", None)
        if view is None or not any(part in f"/{route.pattern}" for part in ABOUT_PLANS):
            continue
        for method in {"post", "put", "patch", "delete"} & set(dir(view)):
            path = route.path(values)
            answer = getattr(Client(), method)(path, {}, "application/json", **handling)
            assert answer.status_code == 403, route.name
            assert "manage" in answer.json()["detail"], route.name
            answer = getattr(Client(), method)(path, {}, "application/json", **managing)
            assert "manage" not in answer.json()["detail"], route.name
            asked += 1
    assert asked >= 13
