"""What cannot start says why in one sentence, and starts nothing."""

import os
import shlex
import socket
import subprocess
import sys

import pytest
import requests
from django.conf import settings
from django.utils import timezone

from config.management.commands.serve import CURL
from geo_grid import services
from incidents import services as incidents
from tests.conftest import person
from tests.servers import Server, database_address


def serve(**environment):
    """Exit code and what `manage.py serve` says."""
    run = subprocess.run(
        [sys.executable, "manage.py", "serve"],
        env=os.environ | environment,
        cwd=settings.ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return run.returncode, run.stdout + run.stderr


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"PORT": "abc"}, "PORT=abc is no number."),
        ({"PORT": "99999"}, "PORT=99999 is no port"),
        ({"DATABASE_URL": "foo"}, "DATABASE_URL must look like postgis://"),
        (
            {"DATABASE_URL": "postgis://nobody@127.0.0.1:1/x", "PORT": "18988"},
            "The database cannot be reached",
        ),
    ],
)
def test_a_wrong_setting_gets_one_clear_sentence(environment, sentence):
    code, said = serve(**environment)
    assert code != 0
    assert sentence in said
    assert "Traceback" not in said


def test_a_busy_port_is_named_with_the_way_out():
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        code, said = serve(PORT=str(port))
    assert code != 0
    assert f"Port {port}" in said
    assert "make run PORT=" in said


def test_the_printed_line_files_a_report(transactional_db, ground):
    """As a shell would take it apart: no curl is needed for that."""
    incidents.load_categories(path=settings.ROOT / "incidents" / "fixtures" / "categories.csv")
    told = {"now": timezone.now(), "scopes": ["report"]}
    token = services.issue_token(user=person("duty", "值班"), label="demo", **told)
    server = Server("web", database_address())
    try:
        words = shlex.split(CURL.format(site=server.url, token=token).replace("\\\n", " "))
        given = dict(zip(words[1::2], words[2::2], strict=False))
        headers = [word for word, before in zip(words[1:], words, strict=False) if before == "-H"]
        named = dict(header.split(": ", 1) for header in headers)
        answer = requests.request(
            given["-X"], words[3], data=words[-1].encode(), headers=named, timeout=20
        )
    finally:
        server.stop()
    assert answer.status_code == 201, answer.text
    assert answer.json()["assignment"]["reason"] == "UNASSIGNED"


def run_manage(*words, **environment):
    """`./manage.py` as a person types it: another folder, no venv, no database named."""
    clean = {name: text for name, text in os.environ.items() if name != "DATABASE_URL"}
    return subprocess.run(
        [settings.ROOT / "manage.py", *words],
        env=clean | environment,
        cwd="/",
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_manage_works_as_it_stands_from_any_folder():
    done = run_manage("check")
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout
    assert run_manage("nonsense").returncode != 0


def test_an_empty_port_is_one_clear_sentence():
    done = run_manage("check", PORT="")
    assert done.returncode != 0
    assert "PORT= is no number" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("argv", "limit"),
    [(["/x/granian"], "1min"), (["manage.py", "scheduler"], "1min"), (["manage.py", "x"], "0")],
)
def test_what_serves_leaves_no_transaction_idle(db, argv, limit):
    """One that stands still would hold back every live stream; commands may take their time."""
    words = (
        f"import sys; sys.argv = {argv}; import django; django.setup();"
        "from django.db import connection as one; cursor = one.cursor();"
        "cursor.execute('SHOW idle_in_transaction_session_timeout'); print(cursor.fetchone()[0])"
    )
    told = os.environ | {
        "DATABASE_URL": database_address(),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    run = subprocess.run(
        [sys.executable, "-c", words],
        env=told,
        cwd=settings.ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (run.stdout.strip(), run.stderr) == (limit, "")
