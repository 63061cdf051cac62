"""The policies of documents in a real browser: nothing of ours breaks them, and they hold."""

import pytest

from geo_grid.models import User
from tests.gridmaps.conftest import categories, report  # noqa: F401  fixtures

TELL = """document.addEventListener("securitypolicyviolation", (told) =>
  console.error(`policy: ${told.effectiveDirective} ${told.blockedURI} ${told.sourceFile}`))"""
PAGES = {  # page -> what is there once its scripts have run
    "command/": "#map canvas",
    "wall/": "#map canvas",
    "desk/": "main",
    "desk/lists/": "body[data-ready]",
    "planner/": "#map canvas",
    "map/": "#map canvas",
    "statistics/": "table",
    "statistics/report/": "main",
    "track/": "#ask",
    "api/docs/": "#swagger-ui .opblock",
    "admin/": "#content",
    "admin/geo_grid/user/": "#changelist",
    "admin/geo_grid/post/add/": "#content form",
    "admin/geo_grid/apitoken/": "#content",
    "api/v1/layers/map.html?layers=cells,incidents": ".leaflet-container canvas",
}


@pytest.fixture
def site(started_site):
    """The processes of `make run`: collected files and their hashed names are under the policy too."""
    return started_site


@pytest.fixture
def chief(transactional_db):
    return User.objects.create_superuser("chief", password="x", display_name="总")


def test_no_page_breaks_its_policy(visit, report, zhao, chief):  # noqa: F811
    report("A1")
    guest = visit(bypass_csp=False)
    guest.page.add_init_script(TELL)
    guest.page.route("**/favicon.ico", lambda asked: asked.fulfill(status=204))  # Django's has none
    guest.log_in("chief", "/command/")
    for path, sign in PAGES.items():
        guest.page.goto(f"{guest.site}/{path}")
        guest.page.wait_for_selector(sign, timeout=60_000)
        guest.page.wait_for_timeout(700)
        assert [(path, error) for error in guest.errors] == []


def test_a_foreign_script_does_not_run(visit, chief):
    guest = visit(bypass_csp=False)
    guest.page.goto(f"{guest.site}/accounts/login/")
    guest.page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "window.reached = 1";
          document.body.append(script);
          document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='window.reached = 2'>");
        }"""
    )
    guest.page.wait_for_timeout(300)
    assert guest.page.evaluate("window.reached") is None
    assert any("Content Security Policy" in error for error in guest.errors)
    guest.errors.clear()
