"""`python -m benchmarks`: all benchmarks, one JSON object each."""

from __future__ import annotations

import runpy
import sys


def main() -> None:
    sys.argv = sys.argv[:1]
    for name in (
        "benchmarks.understanding",
        "benchmarks.answers",
        "benchmarks.stages",
        "benchmarks.kafka",
        "benchmarks.ear",
    ):
        print(f"— {name}", file=sys.stderr)
        runpy.run_module(name, run_name="__main__")


if __name__ == "__main__":
    main()
