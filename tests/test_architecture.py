"""What imports cannot show: budgets, directions of foreign keys, one call at the edge."""

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db.backends.postgresql.psycopg_any import is_psycopg3

ROOT = Path(__file__).parent.parent
ORDER = [
    "core",
    "geo_grid",
    "registry",
    "incidents",
    "fieldwork",
    "hotspots",
    "gridmaps",
    "screens",
    "config",
]
SOURCES = [
    path for name in ORDER for path in (ROOT / name).rglob("*.py") if "migrations" not in path.parts
]
FILES_LIMIT, FUNCTION_LIMIT = 400, 50


def functions(path):
    tree = ast.parse(path.read_text())
    return [
        node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]


def test_the_driver_is_psycopg2():
    assert is_psycopg3 is False


@pytest.mark.parametrize("ending", ["py", "js", "css"])
def test_files_and_functions_are_within_the_budget(ending):
    files = SOURCES if ending == "py" else [*(ROOT / "screens").rglob(f"*.{ending}")]
    assert files
    beside = [*(ROOT / "tests").rglob("*.py"), *(ROOT / "benchmarks").glob("*.py")]
    long_files = [
        str(path) for path in (*files, *beside) if len(path.read_text().splitlines()) > FILES_LIMIT
    ]
    assert long_files == []
    if ending == "py":
        long = [
            (path.name, f.name)
            for path in files
            for f in functions(path)
            if f.end_lineno - f.lineno > FUNCTION_LIMIT
        ]
        assert long == []


def test_foreign_keys_point_left():
    wrong = []
    for model in apps.get_models():
        for field in model._meta.get_fields():
            target = getattr(field, "related_model", None)
            ours = model._meta.app_label in ORDER and target and target._meta.app_label in ORDER
            forward = getattr(field, "many_to_one", False) or (
                getattr(field, "one_to_one", False) and field.concrete
            )
            if (
                ours
                and forward
                and ORDER.index(target._meta.app_label) > ORDER.index(model._meta.app_label)
            ):
                wrong.append(str(field))
    assert wrong == []


def test_services_are_keyword_only():
    wrong = []
    for path in [p for p in SOURCES if "services" in p.parts or p.name == "services.py"]:
        exported = (path.parent / "__init__.py").read_text()
        for node in ast.parse(path.read_text()).body:
            if (
                isinstance(node, ast.FunctionDef)
                and f'"{node.name}"' in exported
                and node.args.args
            ):
                wrong.append(f"{path.name}:{node.name}")
    assert wrong == []


def test_an_edge_makes_one_call_into_services_or_queries():
    wrong = []
    for path in [p for p in SOURCES if p.name == "api.py" or p.parent.name == "screens"]:
        for function in functions(path):
            calls = [
                node
                for node in ast.walk(function)
                if isinstance(node, ast.Call)
                and re.match(r"(services|queries|catalogue)\.", ast.unparse(node.func))
            ]
            told = [call for call in calls if ast.unparse(call.func) != "services.answer_to"]
            if len(told) > 1:
                wrong.append(f"{path}:{function.name}")
    assert wrong == []


def test_serializers_do_not_write():
    shapes = [p for p in SOURCES if p.name == "serializers.py" or "serializers" in p.parts]
    names = {f.name for path in shapes for f in functions(path)}
    assert not names & {"create", "update", "save"}


def test_html_lives_in_screens_and_a_page_is_four_files():
    outside = [
        path for name in ORDER if name != "screens" for path in (ROOT / name).rglob("*.html")
    ]
    assert outside == []
    for page in (ROOT / "screens").glob("*.py"):
        if page.stem in {"__init__", "apps", "urls", "navigation", "wording"}:
            continue
        for part in (
            f"templates/screens/{page.stem}.html",
            f"static/screens/css/{page.stem}.css",
            f"static/screens/js/{page.stem}.js",
        ):
            assert (ROOT / "screens" / part).exists(), part


def test_the_readme_lists_every_setting():
    settings = (ROOT / "config" / "settings.py").read_text()
    names = set(re.findall(r'(?:env|number)\("([A-Z_]+)"', settings))
    names |= {name.upper() for name in re.findall(r'kept_secret\("(\w+)"', settings)}
    assert len(names) > 40
    readme = (ROOT / "README.md").read_text()
    assert [name for name in sorted(names) if f"`{name}" not in readme] == []


def test_paths_named_in_the_architecture_exist():
    text = (ROOT / "ARCHITECTURE.md").read_text()
    assert len(text.splitlines()) <= 150
    named = re.findall(r"`([a-z_]+/[\w./]+)`", text)
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


MARKED = re.compile(
    r"""(?:\b_|gettext|gettext_lazy)\(\s*"((?:[^"\\]|\\.)*)"|translate ["'](.*?)["'][ %]"""
)
JOINED = re.compile(r'"\s*\n\s*"')


@pytest.mark.parametrize("package", ORDER)
def test_every_text_has_a_chinese_one(package):
    """Words are marked with _() or {% translate %}; what stands further left is known as well."""
    known = set()
    for name in ORDER[: ORDER.index(package) + 1]:
        for catalogue in (ROOT / name / "locale").rglob("*.po"):
            text = JOINED.sub("", catalogue.read_text())
            known |= set(re.findall(r'^msgid "(.+)"$', text, re.MULTILINE))
    wanted = set()
    for path in (ROOT / package).rglob("*"):
        if path.suffix in {".py", ".html"} and "migrations" not in path.parts:
            found = MARKED.findall(JOINED.sub("", path.read_text()))
            wanted |= {python or template for python, template in found}
    assert sorted(wanted - known) == []


def test_no_text_is_translated_twice():
    for catalogue in ROOT.glob("*/locale/*/LC_MESSAGES/*.po"):
        texts = re.findall(r'^msgid "(.+)"$', catalogue.read_text(), re.MULTILINE)
        assert sorted({text for text in texts if texts.count(text) > 1}) == [], catalogue
