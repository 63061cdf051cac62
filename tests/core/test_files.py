"""Files are there whole or not at all."""

import os
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.base import ContentFile

from core.files import HALF, WholeFiles, sweep

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


def test_what_a_killed_process_left_is_swept_a_day_later(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    folder = tmp_path / "cases" / "2601"
    folder.mkdir(parents=True)
    for name in (f"{HALF}old", f"{HALF}new", "old.jpeg"):
        (folder / name).write_bytes(CONTENT)
    now = datetime.now(UTC)
    then = (now - timedelta(days=2)).timestamp()
    for name in (f"{HALF}old", "old.jpeg"):
        os.utime(folder / name, (then, then))
    assert sweep(now=now) == 1
    assert sorted(os.listdir(folder)) == [f"{HALF}new", "old.jpeg"]
