"""Describes the machine and the versions of the programs."""

import datetime
import importlib.metadata
import os
import platform
import re
import subprocess
from pathlib import Path

from .programs import FRAMEMILL, ROOT

PACKAGES = ("av", "imageio-ffmpeg", "opencv-python-headless", "matplotlib", "numpy")


def machine() -> dict[str, str]:
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": cpu[1] if cpu else platform.machine(),
        "processors": str(len(os.sched_getaffinity(0))),
        "memory": f"{memory / 2**30:.0f} GiB",
        "kernel": platform.release(),
        "load before": f"{os.getloadavg()[0]:.2f}",
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
    }


def versions() -> dict[str, str]:
    commit = first_line(["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--exclude=*"])
    found = {
        "framemill": f"{first_line([FRAMEMILL, '--version']).removeprefix('framemill ')} ({commit})",
        "ffmpeg": first_line(["ffmpeg", "-version"]).split()[2],
        "x264": first_line(["x264", "--version"]).removeprefix("x264 "),
    }
    for package in PACKAGES:
        found[package] = importlib.metadata.version(package)
    return found


def first_line(command: list[str]) -> str:
    """Return the first line that a command prints, or "not installed" if there is no such program."""
    try:
        printed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    except FileNotFoundError:
        return "not installed"
    return (printed.splitlines() or [""])[0]
