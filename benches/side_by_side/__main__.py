"""`python -m side_by_side`: measures, and writes RESULTS.md, results.json and speed.svg."""

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
            # What was measured until a failure is kept too.
            save(results, saved)
    results["targets"] = targets.targets(results)
    save(results, saved)
    (arguments.output / "RESULTS.md").write_text(report.markdown(results))
    chart.draw(results, arguments.output / "speed.svg")
    print(report.terminal(results))
    print(f"All of it is in {arguments.output / 'RESULTS.md'}")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description="Measures framemill beside its peers.")
    parser.add_argument("--plan", choices=PLANS, default="full", help="how much is measured; full by default")
    parser.add_argument("--quick", dest="plan", action="store_const", const="quick", help="as --plan quick")
    parser.add_argument("--only-report", action="store_true", help="write the report from results.json only")
    parser.add_argument(
        "--output",
        type=Path,
        default=Path(__file__).parents[1],
        help="the directory of the results; benches/ by default",
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
    """Fills `results`, part by part."""
    for way in WAYS:
        if not way.is_here:
            say(f"left out, as it is not installed: {way.name}")
    say("start-up")
    results["startup"] = singles.startup(plan.startup_runs)
    for animation in plan.animations:
        compared = animations.compare(animation)
        results["animations"].append(compared)
        fps = {name: round(writer["fps"], 1) for name, writer in compared["writers"].items()}
        say(f"matplotlib, {animation.content}, {animation.preset}: {fps}")
    for case in plan.cases:
        say(f"drawing {case.frames} frames: {case.label}")
        with contents.clip(case) as clip:
            judge = Judge()
            for preset in case.presets:
                for row in turns.alternate(clip, preset, judge):
                    say(f"{case.label}, {preset}, {row.way}: {row.fps:.1f} fps")
                    results["rows"].append(asdict(row))
            if case.holding:
                presets = singles.held(clip, plan.holding_rounds)
                results["holding"] = {"case": case.label, "presets": presets}
            if case.bd_rate:
                results["bd_rate"].append(bd_rate.compare(clip))
                say(f"{case.label}, BD-rate: {results['bd_rate'][-1]['per_cent']:+.2f} %")
    if plan.memory_frames:
        say("memory by the number of frames")
        results["memory"] = singles.memory(plan.memory_frames)


def say(what: str) -> None:
    print(f"[{time.strftime('%H:%M:%S')}] {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
