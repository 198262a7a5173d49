"""``python -m musegen_app`` and the ``musegen`` command."""

from __future__ import annotations

import sys

ENGINE_ARGUMENT = "--engine"


def main() -> int:
    """Run the playback engine when called as its process, else the command line; return the exit code."""
    argv = sys.argv[1:]
    if argv[:1] == [ENGINE_ARGUMENT]:  # first, and without the rest of the program: the engine starts while music waits
        from musegen_app.playback.engine import main as run_engine

        return run_engine(argv[1:])
    from musegen_app.cli.main import run

    return run(argv)


if __name__ == "__main__":
    sys.exit(main())
