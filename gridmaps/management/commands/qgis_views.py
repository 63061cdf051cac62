"""Views of a district for QGIS on PostGIS, and the role that reads them."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from core.errors import DomainError
from gridmaps import catalogue, services

VIEWS = {"cells": "cells", "areas": "areas", "open_incidents": "incidents"}


class Command(BaseCommand):
    help = "Make or renew a district's views of the layers, read by a role of their own."

    def add_arguments(self, parser):
        parser.add_argument(
            "--district",
            default=settings.HOME_DISTRICT,
            help="whose rows the views show (%(default)s)",
        )
        parser.add_argument("--role", help="who reads them (gridkeeper_qgis_ and the district)")
        parser.add_argument(
            "--password-file", type=Path, help="its first line makes the role a login"
        )
        parser.add_argument("--remove", action="store_true", help="take the views away")

    def handle(self, *, district, role, password_file, remove, **options):
        password = self.password_in(password_file) if password_file else ""
        role = role or f"gridkeeper_qgis_{district}"
        layers = catalogue.layers()
        views = {view: layers[name] for view, name in VIEWS.items()}
        try:
            if remove:
                services.remove_qgis_views(district=district)
            else:
                told = {"district": district, "role": role, "password": password}
                services.make_qgis_views(views=views, **told)
        except DomainError as error:
            raise CommandError(str(error.message)) from None
        except DatabaseError as error:
            raise CommandError(f"The database refused: {str(error).splitlines()[0]}") from None
        made = ", ".join(f"qgis_{district}.{view}" for view in views)
        self.stdout.write(f"qgis_{district}: removed" if remove else f"{role}: {made}")

    def password_in(self, path):
        try:
            lines = path.read_text().splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{path} cannot be read ({type(error).__name__}).") from None
        if not lines or not lines[0].strip():
            raise CommandError(f"The first line of {path} is empty.")
        return lines[0].strip()
