"""A database cluster that a test may kill, with a copy of the test database in it."""

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import quote

from deploy.cluster import BIN, SETTINGS, as_owner, give
from tests.reliability.processes import children
from tests.servers import until

SMALL = {"shared_buffers": "32MB", "max_wal_size": "256MB", "maintenance_work_mem": "16MB"}


class Cluster:
    """A PostgreSQL of its own. fsync and synchronous_commit stay as in production."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="gk-"))
        self.data = self.folder / "data"
        self.data.mkdir(mode=0o700)
        give(self.folder)
        give(self.data)
        words = ["-U", "gridkeeper", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        self.run("initdb", "-D", self.data, *words)
        with (self.data / "postgresql.auto.conf").open("a") as file:
            told = {**SETTINGS, **SMALL, "unix_socket_directories": f"'{self.folder}'"}
            file.writelines(f"{name} = {value}\n" for name, value in told.items())
        self.start()

    @property
    def address(self) -> str:
        return f"postgis://gridkeeper:@{quote(str(self.folder), safe='')}/gridkeeper"

    def run(self, command: str, *words) -> None:
        done = as_owner([BIN / command, *words], quiet=True)
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        """As whoever looks after the machine would: start, until the killed ones are gone."""
        words = ["-D", self.data, "-l", self.folder / "server.log", "-w", "-t", "60", "-s", "start"]
        assert until(lambda: as_owner([BIN / "pg_ctl", *words]).returncode == 0, 60)

    def fill(self, server: dict) -> None:
        """Copy another database. server: Django's settings of it."""
        there = ["-h", server["HOST"], "-U", server["USER"], "-d", server["NAME"]]
        there += ["-p", str(server["PORT"])] if server["PORT"] else []
        here = ["-h", str(self.folder), "-U", "gridkeeper", "-d", "gridkeeper"]
        environment = os.environ | {"PGPASSWORD": server["PASSWORD"]}
        dump = subprocess.run(
            [BIN / "pg_dump", *there], env=environment, capture_output=True, check=True
        )
        self.run("createdb", "-h", self.folder, "-U", "gridkeeper", "gridkeeper")
        path = self.folder / "dump.sql"
        path.write_bytes(dump.stdout)
        self.run("psql", *here, "-q", "-v", "ON_ERROR_STOP=1", "-f", path)

    def set(self, **settings: str) -> None:
        """Settings that need no start, for all sessions from now on."""
        with (self.data / "postgresql.auto.conf").open("a") as file:
            file.writelines(f"{name} = {value}\n" for name, value in settings.items())
        self.run("pg_ctl", "-D", self.data, "-s", "reload")

    def kill(self) -> None:
        """SIGKILL to the server and everything it has started, all at once."""
        main = int((self.data / "postmaster.pid").read_text().split()[0])
        for pid in [main, *children(main)]:
            os.kill(pid, signal.SIGKILL)

    def remove(self) -> None:
        as_owner([BIN / "pg_ctl", "-D", self.data, "-m", "immediate", "-s", "stop"], quiet=True)
        shutil.rmtree(self.folder, ignore_errors=True)
