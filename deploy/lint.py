"""Every check in turn; one line each, the output of those that fail."""

import subprocess
import sys
from pathlib import Path

BIN = Path(sys.executable).parent
CHECKS = {
    "format": [BIN / "ruff", "format", "--check", "-q", "."],
    "style": [BIN / "ruff", "check", "-q", "."],
    "imports": [BIN / "lint-imports"],
    "types": [BIN / "mypy"],
    "migrations": [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"],
    "system": [sys.executable, "manage.py", "check"],
}


def main() -> int:
    failed = 0
    for name, command in CHECKS.items():
        result = subprocess.run(
            [str(part) for part in command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        print(f"{'ok  ' if result.returncode == 0 else 'FAIL'} {name}", flush=True)
        if result.returncode:
            print(result.stdout)
            failed += 1
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
