"""A `portal` command that is killed half-way: `python -m tests.killed MODULE:NAME TIMES COMMAND…`, when NAME is called so often."""

import os
import signal
import sys
from importlib import import_module

from app.cli import main


def kill_at(place, times):
    """Let the call of a function send SIGKILL to this process: nothing after it happens, no `finally` either."""
    module, _, path = place.partition(":")
    *owners, name = path.split(".")
    owner = import_module(module)
    for one in owners:
        owner = getattr(owner, one)
    original, left = getattr(owner, name), [times]

    def call(*arguments, **named):
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*arguments, **named)

    setattr(owner, name, call)


if __name__ == "__main__":
    kill_at(sys.argv[1], int(sys.argv[2]))
    sys.argv[1:] = sys.argv[3:]
    main()
