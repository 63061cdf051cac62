"""Files that people entrust to us."""

import os
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.core.files.storage import FileSystemStorage, default_storage

HALF = ".half-"  # how the name of a file begins that is not whole yet
FORGOTTEN = timedelta(days=1)  # nobody writes a file for so long


class WholeFiles(FileSystemStorage):
    """Files that are there whole or not at all, and on the disk before anybody is told of them."""

    def _save(self, name, content):
        path = Path(self.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, prefix=HALF, delete=False) as file:
            try:
                for piece in content.chunks():
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
                os.chmod(file.name, self.file_permissions_mode or 0o600)
                os.replace(file.name, path)
            except BaseException:
                with suppress(FileNotFoundError):
                    os.unlink(file.name)
                raise
        for folder in (path.parent, path.parent.parent):  # the name of a new folder as well
            _sync(folder)
        return name


def _sync(folder: Path) -> None:
    line = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(line)
    finally:
        os.close(line)


def sweep(*, now: datetime) -> int:
    """Remove what killed processes left half written; how many files it was."""
    swept = 0
    for path in Path(default_storage.path("")).rglob(f"{HALF}*"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < (now - FORGOTTEN).timestamp():
                path.unlink()
                swept += 1
    return swept
