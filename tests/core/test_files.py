"""Files are there whole or not at all."""

import os

import pytest
from django.core.files.base import ContentFile

from core.files import WholeFiles

CONTENT = b"photo" * 50_000


@pytest.fixture
def files(tmp_path):
    return WholeFiles(location=tmp_path, allow_overwrite=True)


def test_what_is_kept_is_read_again_and_healed_by_a_second_try(files, tmp_path):
    assert files.save("cases/2601/a.jpeg", ContentFile(CONTENT)) == "cases/2601/a.jpeg"
    path = tmp_path / "cases" / "2601" / "a.jpeg"
    path.write_bytes(CONTENT[:100])
    assert files.save("cases/2601/a.jpeg", ContentFile(CONTENT)) == "cases/2601/a.jpeg"
    assert path.read_bytes() == CONTENT
    assert os.listdir(path.parent) == ["a.jpeg"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_what_fails_on_its_way_to_the_disk_leaves_nothing(files, tmp_path, monkeypatch, step):
    def full(*_words):
        raise OSError(28, "no space")

    monkeypatch.setattr(os, step, full)
    with pytest.raises(OSError, match="no space"):
        files.save("cases/a.jpeg", ContentFile(CONTENT))
    assert os.listdir(tmp_path / "cases") == []


def test_the_disk_has_it_before_it_has_its_name(files, monkeypatch):
    steps, replace, fsync = [], os.replace, os.fsync
    monkeypatch.setattr(os, "replace", lambda *told: steps.append("name") or replace(*told))
    monkeypatch.setattr(os, "fsync", lambda line: steps.append("disk") or fsync(line))
    files.save("a.jpeg", ContentFile(CONTENT))
    assert steps[:3] == ["disk", "name", "disk"]
