"""Runs the fault campaigns: `python -m faults [--cases N] [--seed S] [CAMPAIGN…]`, in the folder `tests`.

Each case depends only on the seed and its number, so you can repeat a failure: `--only calls:17`.
"""

import argparse
import os
import sys
import traceback
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor

from . import calls, ends, power

# By campaign: the function that runs a case, and the number of cases.
CAMPAIGNS: dict[str, tuple[Callable[[int, int], str], int]] = {
    "calls": (calls.case, 8_000),
    "kills": (ends.kill, 300),
    "signals": (ends.signals, 300),
    "damage": (ends.damage, 1_000),
    "races": (ends.race, 300),
    "power": (power.cut, 150),
}
# Campaigns that not every machine can run, each with a function that returns the reason to skip it, or None.
SKIPPED: dict[str, Callable[[], str | None]] = {"power": power.why_not}


def run(name: str, seed: int, number: int) -> str | None:
    """Run a case, and return a description of its failure, or None."""
    described = "?"
    try:
        described = CAMPAIGNS[name][0](seed, number)
    except Exception:
        return f"{name}:{number} {described}\n{traceback.format_exc()}"
    return None


def main() -> int:
    parser = argparse.ArgumentParser(prog="faults", description=__doc__)
    parser.add_argument("campaigns", nargs="*", help=", ".join(CAMPAIGNS))
    parser.add_argument("--cases", type=int, help="run at most this many cases of each campaign")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="run a single case, such as calls:17")
    options = parser.parse_args()
    if options.only:
        name, _, number = options.only.partition(":")
        wrong = run(name, options.seed, int(number))
        print(wrong or "ok")
        return 1 if wrong else 0
    failed = 0
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for name in options.campaigns or CAMPAIGNS:
            if why_not := SKIPPED.get(name, lambda: None)():
                print(f"faults: {name}: skipped: {why_not}", flush=True)
                continue
            count = min(CAMPAIGNS[name][1], options.cases or CAMPAIGNS[name][1])
            ended = pool.map(run, [name] * count, [options.seed] * count, range(count), chunksize=4)
            failures = [each for each in ended if each]
            print(f"faults: {name}: {count} cases, {len(failures)} failed (seed {options.seed})", flush=True)
            for each in failures[:5]:
                print(each)
            if failures[5:]:
                print("and", *(each.split()[0] for each in failures[5:]))
            failed += len(failures)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
