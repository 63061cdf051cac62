"""A real server process for hostile traffic: its worker's pid and CPU, and a client of raw bytes."""

import contextlib
import http.client
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from django.conf import settings

from tests.servers import Server

BIN = str(Path(sys.executable).parent)
TICKS = os.sysconf("SC_CLK_TCK")


def unthrottled() -> dict[str, str]:
    """Every rate that the settings read from the environment, so high that none hides a result."""
    words = Path(settings.ROOT, "config", "settings.py").read_text()
    return dict.fromkeys(re.findall(r'"(RATE_\w+)"', words), "1000000/min")


def start(address: str, **more: str) -> Server:
    return Server("web", address, **(unthrottled() | more))


class Broken(Server):
    """The site with a promise broken, as `broken.py` says."""

    application = "tests.reliability.broken:application"

    def __init__(self, address: str, **more: str):
        super().__init__("web", address, **(unthrottled() | more))

    def strike(self) -> None:
        """SIGKILL to all of it, and up again."""
        self.kill()
        self.start()


class Site(Server):
    """The site with the very line of the Procfile, which must bring it back by itself."""

    def __init__(self, address: str, **more: str):
        super().__init__("web", address, **(unthrottled() | more))

    def start(self) -> None:
        lines = Path(settings.ROOT, "Procfile").read_text().splitlines()
        words = next(line for line in lines if line.startswith("web: ")).removeprefix("web: ")
        told = {"HOST": "127.0.0.1", "SITE_PORT": str(self.port)}
        path = f"{BIN}:{os.environ['PATH']}"
        self.process = subprocess.Popen(
            ["sh", "-c", words],
            env={**self.environment, **told, "PATH": path},
            cwd=settings.ROOT,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.wait()

    def kill_a_worker(self, within_s: float = 30) -> None:
        """SIGKILL to one of those that answer, as soon as there is one."""
        ends = time.monotonic() + within_s
        while time.monotonic() < ends:
            with contextlib.suppress(OSError, IndexError):
                main = children(self.process.pid)[0]
                os.kill(random.choice(workers(self, main)), signal.SIGKILL)
                return
            time.sleep(0.1)
        raise AssertionError("nobody answers any more")

    def stop(self) -> None:
        super().stop()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


def children(pid: int) -> list[int]:
    """The processes that one has started."""
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def workers(server: Server, main: int = 0) -> list[int]:
    """The processes that answer, by number. main: who started them."""
    found = children(main or server.process.pid)
    return sorted(pid for pid in found if b"resource_tracker" not in _command(pid))


def _command(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def cpu_seconds(pids: list[int]) -> float:
    """What they have computed so far, in user and system mode."""
    spent = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        spent += int(fields[11]) + int(fields[12])
    return spent / TICKS


class Client:
    """Sends bytes as they are, over one connection that is opened again when it is gone."""

    def __init__(self, server: Server, **headers: str):
        self.server, self.headers = server, headers
        self.line: http.client.HTTPConnection | None = None

    def send(self, method: str, path: str, content: bytes = b"", **headers: str) -> int:
        """The status of the answer; 0 where there was none."""
        return self.ask(method, path, content, **headers)[0]

    def ask(self, method: str, path: str, content: bytes = b"", **headers: str):
        """(status, media type, body)."""
        told = {"Content-Type": "application/json", **self.headers, **headers}
        # A kept connection may have been closed meanwhile; and who is refused while still sending
        # may find the line cut before the answer is read, which is no answer's fault.
        for _attempt in range(8):
            try:
                if self.line is None:
                    self.line = http.client.HTTPConnection(
                        "127.0.0.1", self.server.port, timeout=30
                    )
                self.line.request(method, path, content, told)
                answer = self.line.getresponse()
                return answer.status, answer.getheader("Content-Type", ""), answer.read()
            except (OSError, http.client.HTTPException):
                self.close()
        return 0, "", b""

    def close(self) -> None:
        with contextlib.suppress(OSError):
            if self.line is not None:
                self.line.close()
        self.line = None
