"""Bring what the browser tests and the Redis tests need, where that is possible; say so where it is not.

Debian's packages through apt where there is one and the right to use it; Playwright's own Chromium
elsewhere. Never fails the build: the tests that lack it name themselves as left out.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NEEDED = {"chromium": "chromium", "redis-server": "redis-server"}


def main() -> None:
    """Install what is missing."""
    missing = [package for program, package in NEEDED.items() if shutil.which(program) is None]
    if missing and shutil.which("apt-get") and os.geteuid() == 0:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], check=False, env=environment, **quiet)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", *missing], check=False, env=environment, **quiet
        )
    if shutil.which("chromium") is None:
        installed = subprocess.run(
            [sys.executable, "-m", "playwright", "install", "chromium"],
            check=False,
            capture_output=True,
        )
        if installed.returncode:
            print("No Chromium could be installed: the browser tests will be left out.")
    if shutil.which("redis-server") is None:
        print(
            "No redis-server could be installed: the tests against a real Redis will be left out."
        )


if __name__ == "__main__":
    main()
