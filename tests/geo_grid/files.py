"""Boundary files as people send them."""

import zipfile

from django.core.management import call_command


def bring(path, code="code", name="name", **options):
    call_command("import_boundaries", str(path), code_field=code, name_field=name, **options)


def zipped(path, files):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path
