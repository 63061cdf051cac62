#!/usr/bin/env python3
"""Django's command line for Gridkeeper, from any shell: finds .venv and the private cluster."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
PYTHON = ROOT / ".venv" / "bin" / "python"


def settle() -> None:
    """Go on in .venv, and with the private cluster where no other database is named."""
    if not PYTHON.exists():
        sys.exit("Gridkeeper is not set up here yet: run `make run`, or `make prepare`.")
    command = [str(PYTHON), str(ROOT / "manage.py"), *sys.argv[1:]]
    if not os.environ.get("DATABASE_URL"):
        cluster = [sys.executable, str(ROOT / "deploy" / "cluster.py"), "exec", "--"]
        os.execv(sys.executable, [*cluster, *command])
    if Path(sys.prefix).resolve() != PYTHON.parent.parent.resolve():
        os.execv(command[0], command)


if __name__ == "__main__":
    settle()
    sys.path[0] = str(ROOT)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"gridkeeper: {error}")
