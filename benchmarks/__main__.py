"""Run the benchmarks in a database of their own and write benchmarks/latest.json.

make bench                      all of them
make bench ARGS="http bulk"     some of them
make bench ARGS="--rows 100000" with fewer rows
"""

import argparse
import json
import os
import subprocess
import sys

from benchmarks.databases import ROOT, demo_database

NAME = "gridkeeper_bench"
PARTS = (
    "http",
    "bulk",
    "growth",
    "statistics",
    "planning",
    "proposals",
    "tiles",
    "live",
    "handling",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=PARTS, choices=[*PARTS, []])
    parser.add_argument("--rows", type=int, default=1_000_000)
    options = parser.parse_args()
    parts = options.parts or PARTS
    address = demo_database(os.environ["DATABASE_URL"], NAME)
    latest = ROOT / "benchmarks" / "latest.json"
    results = json.loads(latest.read_text()) if latest.exists() else {}
    for part in parts:
        command = [sys.executable, "-m", f"benchmarks.{part}", str(options.rows)]
        run = subprocess.run(
            command, env=os.environ | {"DATABASE_URL": address}, cwd=ROOT, stdout=subprocess.PIPE
        )
        if run.returncode:
            sys.exit(f"benchmark {part} failed")
        results[part] = json.loads(run.stdout)
        show(part, results[part])
        latest.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")


def show(part: str, figures: list[dict]) -> None:
    for row in figures:
        verdict = "" if row.get("wanted") is None else f"  wanted {row['wanted']}: {row['verdict']}"
        peer = (
            f"  peer {row['peer']} {row['peer_value']}  ratio {row['ratio']}"
            if "peer" in row
            else ""
        )
        print(f"{part:7} {row['what']}: {row['value']} {row['unit']}{peer}{verdict}", flush=True)


if __name__ == "__main__":
    main()
