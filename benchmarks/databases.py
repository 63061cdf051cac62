"""Databases of the benchmarks' own, beside the real one."""

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg2

ROOT = Path(__file__).resolve().parent.parent


def demo_database(beside: str, name: str) -> str:
    """The address of a new database with the demo ground in it; one of that name is dropped."""
    address = _made(beside, name)
    environment = os.environ | {"DATABASE_URL": address}
    for command in (["migrate", "-v0"], ["demo", "--incidents", "0"]):
        subprocess.run(
            [sys.executable, "manage.py", *command],
            env=environment,
            cwd=ROOT,
            check=True,
            stdout=subprocess.DEVNULL,
        )
    return address


def copied(address: str, name: str) -> str:
    """The address of a new database with all that one has, to which nobody may be connected."""
    return _made(address, name, f"TEMPLATE {_parted(address)[1]}")


def dropped(address: str) -> None:
    server, name = _parted(address)
    _run(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _made(beside: str, name: str, likeness: str = "") -> str:
    server, _own = _parted(beside)
    dropped(f"{server}/{name}")
    _run(server, f"CREATE DATABASE {name} {likeness}")
    return f"{server}/{name}"


def _parted(address: str) -> tuple[str, str]:
    server, _slash, name = address.rpartition("/")
    return server, name


def _run(server: str, statement: str) -> None:
    plain = server.replace("postgis://", "postgresql://")
    with closing(psycopg2.connect(f"{plain}/postgres")) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
