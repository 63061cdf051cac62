"""The private PostgreSQL cluster under var/: made on first use, started for a command, stopped after.

    python3 deploy/cluster.py exec [--tests] -- COMMAND...

Runs COMMAND with DATABASE_URL pointing at the cluster; with --tests at a second one, which loses
everything when the machine stops and is quicker for it. Several commands may run at once: each
holds a shared lock on var/cluster.lock while it lives, and the last one out stops the server.
Where DATABASE_URL is already set, COMMAND simply runs. PostgreSQL refuses to run as root, so as
root everything is done as the system user `postgres`. Standard library only.
"""

import fcntl
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
BIN = Path("/usr/lib/postgresql/15/bin")
SOCKET_PATH_LIMIT = 90  # bytes; the kernel's limit is 107 with the file name PostgreSQL appends
OWNER = "postgres"

SETTINGS = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "2GB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "wal_compression": "lz4",
    "random_page_cost": "1.1",
    "jit": "off",  # short spatial queries lose more by compiling than they gain
    "timezone": "'UTC'",
    "log_min_messages": "warning",
    "log_min_error_statement": "panic",  # a failed statement may carry personal data
    "log_parameter_max_length_on_error": "0",
}


FOR_TESTS = {  # nothing in it is worth a wait for the disk
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}
SUFFIX = "-tests" if sys.argv[2:3] == ["--tests"] else ""  # of every name under var/


def main() -> int:
    head, command = _parted(sys.argv[1:])
    if head not in (["exec"], ["exec", "--tests"]) or not command:
        sys.exit(__doc__)
    if os.environ.get("DATABASE_URL"):
        return run_command(command, os.environ)
    if not (BIN / "initdb").exists():
        sys.exit("PostgreSQL 15 is not installed; `make run` installs it, or set DATABASE_URL.")
    VAR.mkdir(exist_ok=True)
    with open(VAR / f"cluster{SUFFIX}.lock", "w") as users:
        with door():
            start()
            fcntl.flock(users, fcntl.LOCK_SH)
        code = run_command(command, os.environ | {"DATABASE_URL": address()})
        with door():
            if last_one_out(users):
                stop()
    return code


def _parted(words: list[str]) -> tuple[list[str], list[str]]:
    """What stands before the two dashes, and after them."""
    place = words.index("--") if "--" in words else len(words)
    return words[:place], words[place + 1 :]


@contextmanager
def door():
    """One at a time may start or stop the server."""
    with open(VAR / f"cluster{SUFFIX}.door", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def run_command(command: list[str], environment: dict) -> int:
    """Run and wait. Ctrl-C goes to the child by the terminal; this parent only waits for it."""
    child = subprocess.Popen(command, env=environment, cwd=ROOT)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    code = child.wait()
    return 128 - code if code < 0 else code


def last_one_out(lock) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def start() -> None:
    data, sockets = data_folder(), socket_folder()
    if running(data, sockets):
        return
    if not (data / "PG_VERSION").exists():
        create(data)
    sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
    give(sockets)
    options = f"-c unix_socket_directories='{sockets}'"
    log = data / "server.log"
    result = as_owner(
        [BIN / "pg_ctl", "-D", data, "-l", log, "-o", options, "-w", "-t", "60", "-s", "start"]
    )
    if result.returncode:
        sys.exit(f"The database does not start; its log is {log}.")
    make_database(sockets)


def make_database(sockets: Path) -> None:
    """Make the database in a new cluster; a second call finds it there and does nothing."""
    server = ["-h", sockets, "-U", "gridkeeper"]
    probe = as_owner([BIN / "psql", *server, "-d", "gridkeeper", "-qc", "SELECT 1"], quiet=True)
    if probe.returncode:
        as_owner([BIN / "createdb", *server, "gridkeeper"])


def stop() -> None:
    as_owner([BIN / "pg_ctl", "-D", data_folder(), "-m", "fast", "-w", "-s", "stop"])


def running(data: Path, sockets: Path) -> bool:
    if as_owner([BIN / "pg_ctl", "-D", data, "status"], quiet=True).returncode:
        return False
    ready = as_owner([BIN / "pg_isready", "-q", "-h", sockets], quiet=True)
    return ready.returncode == 0


def create(data: Path) -> None:
    print("gridkeeper: making the private database cluster", flush=True)
    free = shutil.disk_usage(VAR).free
    if free < 10**9:
        sys.exit(f"Not enough disk for a database: {free / 1e9:.1f} GB free, 1 GB needed.")
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    give(data)
    arguments = ["-U", "gridkeeper", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-k"]
    result = as_owner([BIN / "initdb", "-D", data, *arguments], quiet=True)
    if result.returncode:
        shutil.rmtree(data)
        sys.exit(f"The database cluster could not be made: {result.stderr.strip()}")
    with open(data / "postgresql.auto.conf", "a") as settings:
        wanted = SETTINGS | (FOR_TESTS if SUFFIX else {})
        settings.writelines(f"{name} = {value}\n" for name, value in wanted.items())


def data_folder() -> Path:
    """var/postgres; as root, where `postgres` cannot reach it, a link to a folder it can reach."""
    folder = VAR / f"postgres{SUFFIX}"
    if folder.is_symlink() or os.geteuid() != 0 or reachable(VAR):
        return folder.resolve()
    outside = Path("/var/lib/postgresql") / f"gridkeeper-{fingerprint()}{SUFFIX}"
    folder.symlink_to(outside)
    return outside


def socket_folder() -> Path:
    folder = VAR / f"run{SUFFIX}"
    fits = len(bytes(folder)) <= SOCKET_PATH_LIMIT
    if fits and (os.geteuid() != 0 or reachable(VAR)):
        return folder
    return Path(tempfile.gettempdir()) / f"gridkeeper-{os.geteuid()}-{fingerprint()}{SUFFIX}"


def reachable(folder: Path) -> bool:
    return as_owner(["test", "-x", folder], quiet=True).returncode == 0


def fingerprint() -> str:
    return hashlib.sha256(bytes(ROOT)).hexdigest()[:8]


def address() -> str:
    return f"postgis://gridkeeper@{quote(str(socket_folder()), safe='')}/gridkeeper"


def give(folder: Path) -> None:
    if os.geteuid() == 0:
        owner = pwd.getpwnam(OWNER)
        os.chown(folder, owner.pw_uid, owner.pw_gid)


def as_owner(command: list, quiet: bool = False) -> subprocess.CompletedProcess:
    """Run as `postgres` when we are root; in a session of its own, so Ctrl-C does not reach it."""
    arguments = [str(part) for part in command]
    if os.geteuid() == 0:
        drop = ["setpriv", f"--reuid={OWNER}", f"--regid={OWNER}", "--init-groups"]
        arguments = [*drop, *arguments]
    output = subprocess.PIPE if quiet else None
    environment = os.environ | {"LC_ALL": "C.UTF-8"}
    return subprocess.run(
        arguments,
        stdout=output,
        stderr=output,
        text=True,
        cwd="/",
        env=environment,
        start_new_session=True,
    )


if __name__ == "__main__":
    sys.exit(main())
