"""Views for QGIS on PostGIS, and the role that reads them."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from core.errors import DomainError
from gridmaps import catalogue, services

VIEWS = {"cells": "cells", "areas": "areas", "open_incidents": "incidents"}


class Command(BaseCommand):
    help = "Make or renew the schema qgis with views of the layers, read by a role of their own."

    def add_arguments(self, parser):
        parser.add_argument("--role", default="qgis_reader")
        parser.add_argument(
            "--password-file", type=Path, help="its first line makes the role a login"
        )
        parser.add_argument("--remove", action="store_true", help="take the views away")

    def handle(self, *, role, password_file, remove, **options):
        password = self.password_in(password_file) if password_file else ""
        layers = catalogue.layers()
        views = {view: layers[name] for view, name in VIEWS.items()}
        try:
            if remove:
                services.remove_qgis_views()
            else:
                services.make_qgis_views(views=views, role=role, password=password)
        except DomainError as error:
            raise CommandError(str(error.message)) from None
        except DatabaseError as error:
            raise CommandError(f"The database refused: {str(error).splitlines()[0]}") from None
        told = "removed" if remove else ", ".join(f"qgis.{view}" for view in views)
        self.stdout.write(f"{role}: {told}")

    def password_in(self, path):
        try:
            lines = path.read_text().splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{path} cannot be read ({type(error).__name__}).") from None
        if not lines or not lines[0].strip():
            raise CommandError(f"The first line of {path} is empty.")
        return lines[0].strip()
