"""Every notebook runs from top to bottom, and none keeps what it printed."""

import json
import os
import re

import nbformat
import pytest
from django.conf import settings
from nbclient import NotebookClient

from tests.servers import database_address

NOTEBOOKS = sorted((settings.ROOT / "notebooks").glob("*.ipynb"))


def test_no_notebook_keeps_its_outputs():
    assert NOTEBOOKS
    for path in NOTEBOOKS:
        cells = json.loads(path.read_text())["cells"]
        assert not [cell for cell in cells if cell.get("outputs") or cell.get("execution_count")]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_notebook_runs_and_draws_a_map(path, transactional_db, report, zhao, monkeypatch):
    report("A1"), report("A2")
    monkeypatch.setenv("DATABASE_URL", database_address())
    monkeypatch.setenv("PYTHONPATH", os.fspath(settings.ROOT))
    book = nbformat.read(path, as_version=4)
    NotebookClient(book, timeout=120, resources={"metadata": {"path": settings.ROOT}}).execute()
    drawn = "".join(str(output.get("data", {})) for output in book.cells[-1].outputs)
    name = "永安第1网格".encode("unicode_escape").decode()
    assert "L.map(" in drawn and name in drawn.replace("\\\\", "\\")
    assert re.findall(r"(?:src|href)=[\"\\'&quot;]*(https?:|//)", drawn) == []
