"""Processor time of a server and of its database: a figure that a busy machine does not spoil."""

import os
from pathlib import Path

import psycopg2

TICK_S = 1 / os.sysconf("SC_CLK_TCK")
SESSION, PARENT, USER, SYSTEM, CHILD_USER, CHILD_SYSTEM = 3, 1, 11, 12, 13, 14


def postmaster() -> int:
    """The process of the database server, which must be on this machine."""
    address = os.environ["DATABASE_URL"].replace("postgis://", "postgresql://")
    with psycopg2.connect(address) as connection:
        return int(_stat(connection.info.backend_pid)[PARENT])


def used_s(session: int, database: int) -> float:
    """Seconds of processor time of a session's processes, and of the database with its backends."""
    ticks = 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (stat := _stat(int(entry.name))):
            own = [int(stat[part]) for part in (USER, SYSTEM)]
            if int(stat[SESSION]) == session or int(stat[PARENT]) == database:
                ticks += sum(own)
            if int(entry.name) == database:  # backends that have ended
                ticks += sum(own) + int(stat[CHILD_USER]) + int(stat[CHILD_SYSTEM])
    return ticks * TICK_S


def _stat(pid: int) -> list[str]:
    """The fields after the name in /proc/PID/stat; empty when it has gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
