"""Runs the benchmark, and writes RESULTS.md, results.json and speed.svg: `python -m side_by_side`."""

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

from . import animations, bd_rate, chart, contents, machine, report, singles, targets, turns
from .plan import PLANS, Plan
from .quality import Judge
from .ways import WAYS


def main() -> None:
    arguments = parse()
    arguments.output.mkdir(parents=True, exist_ok=True)
    saved = arguments.output / "results.json"
    if arguments.only_report:
        results = json.loads(saved.read_text())
    else:
        results = empty(PLANS[arguments.plan])
        try:
            measure(PLANS[arguments.plan], results)
        finally:
            # After a failure too, keep the results so far.
            save(results, saved)
    results["targets"] = targets.targets(results)
    save(results, saved)
    (arguments.output / "RESULTS.md").write_text(report.markdown(results))
    chart.draw(results, arguments.output / "speed.svg")
    print(report.terminal(results))
    print(f"The complete results are in {arguments.output / 'RESULTS.md'}")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description="Compares framemill with other tools.")
    parser.add_argument("--plan", choices=PLANS, default="full", help="how much to measure; full by default")
    parser.add_argument("--quick", dest="plan", action="store_const", const="quick", help="the same as --plan quick")
    parser.add_argument("--only-report", action="store_true", help="only write the report, from results.json")
    parser.add_argument(
        "--output",
        type=Path,
        default=Path(__file__).parents[1],
        help="the directory for the results; benches/ by default",
    )
    return parser.parse_args()


def empty(plan: Plan) -> dict:
    return {
        "plan": plan.name,
        "machine": machine.machine(),
        "versions": machine.versions(),
        "rows": [],
        "bd_rate": [],
        "animations": [],
        "holding": {},
        "memory": {},
        "startup": {},
    }


def save(results: dict, path: Path) -> None:
    path.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")


def measure(plan: Plan, results: dict) -> None:
    """Run a plan, and add its results to `results`."""
    for way in WAYS:
        if not way.is_installed:
            log(f"skipping {way.name}, because it is not installed")
    log("start-up")
    results["startup"] = singles.startup(plan.startup_runs)
    for animation in plan.animations:
        compared = animations.compare(animation)
        results["animations"].append(compared)
        fps = {name: round(writer["fps"], 1) for name, writer in compared["writers"].items()}
        log(f"matplotlib, {animation.content}, {animation.preset}: {fps}")
    for case in plan.cases:
        log(f"drawing {case.frames} frames: {case.label}")
        with contents.clip(case) as clip:
            judge = Judge()
            for preset in case.presets:
                for row in turns.alternate(clip, preset, judge):
                    log(f"{case.label}, {preset}, {row.way}: {row.fps:.1f} fps")
                    results["rows"].append(asdict(row))
            if case.holding:
                presets = singles.held(clip, plan.holding_rounds)
                results["holding"] = {"case": case.label, "presets": presets}
            if case.bd_rate:
                results["bd_rate"].append(bd_rate.compare(clip))
                log(f"{case.label}, BD-rate: {results['bd_rate'][-1]['per_cent']:+.2f} %")
    if plan.memory_frames:
        log("memory by the number of frames")
        results["memory"] = singles.memory(plan.memory_frames)


def log(message: str) -> None:
    print(f"[{time.strftime('%H:%M:%S')}] {message}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
