"""``python -m sorter_core``."""

import sys

from sorter_core.commands import run

if __name__ == "__main__":
    sys.exit(run())
