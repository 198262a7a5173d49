"""A training in a process of its own: started, heard, asked to end. It ends by itself when whoever started it is gone."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from typing import IO, Final

from musegen_app.errors import TrainingError
from musegen_app.jobs.priority import WORKER_NICE
from musegen_app.jobs.training_events import Broke, Done, OnTrainingEvent, Stopped, TrainingEvent, event_of

CLOSE_PATIENCE_S: Final = 10.0
UNEXPECTED: Final = "The training ended unexpectedly; it can be gone on with from where it was last saved."
_STOPPED_CODE: Final = 3
_KNOWN_FAILURE: Final = 2  # the terminal's code for an error with a sentence of its own
_TAIL_BYTES: Final = 4_000
_log = logging.getLogger(__name__)


def _nothing(_line: str) -> None:
    """No line is kept."""


class TrainingProcess:
    """Runs ``command`` at low priority and tells its events.

    The last is one :class:`Done`, :class:`Stopped` or :class:`Broke`, told once the process has ended. ``on_event`` and
    ``keep`` (given each line as it came) are called on a thread of its own. The methods may be called from any other
    thread; none but :meth:`close` waits.
    """

    def __init__(self, command: Sequence[str], on_event: OnTrainingEvent, keep: Callable[[str], None] = _nothing) -> None:
        self._command, self._on_event, self._keep = list(command), on_event, keep
        self._process: subprocess.Popen[str] | None = None
        self._errors: IO[bytes] | None = None
        self._end: TrainingEvent | None = None
        self._killed = self._closed = False
        self._thread = threading.Thread(target=self._listen, name="musegen-training")

    def start(self) -> None:
        """Start it.

        Raises:
            TrainingError: the system refuses.
        """
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  read and closed where the process has ended
        try:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                encoding="utf-8",
                errors="replace",
                env=_surroundings(),
                creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),
            )
        except OSError as error:
            self._errors.close()
            raise TrainingError("The training could not be started; the system refused a process of its own.") from error
        _give_way(self._process.pid)
        self._thread.start()

    @property
    def pid(self) -> int | None:
        """Id of the process, None before the start."""
        return self._process.pid if self._process else None

    def finish(self) -> None:
        """Ask it to learn no more and to make a model of what it has learnt."""
        self._say("finish")

    def stop(self) -> None:
        """Ask it to save where it stands, and end."""
        self._say("stop")

    def kill(self) -> None:
        """End it now; what was saved last stays. :class:`Stopped` follows."""
        self._killed = True
        if self._process is not None:
            self._process.kill()

    def close(self, patience_s: float = CLOSE_PATIENCE_S) -> None:
        """Ask it to save and end, wait for that, and end it when patience is over. No event comes from now on."""
        self._closed = True
        process = self._process
        if process is None:
            return
        self._hang_up(process)
        try:
            process.wait(patience_s)
        except subprocess.TimeoutExpired:
            process.kill()
        self._thread.join()

    def _say(self, word: str) -> None:
        if self._process is None or self._process.stdin is None:
            return
        try:
            self._process.stdin.write(f"{word}\n")
            self._process.stdin.flush()
        except (OSError, ValueError):
            _log.info("The training was gone before it heard: %s", word)

    @staticmethod
    def _hang_up(process: subprocess.Popen[str]) -> None:
        """The end of its input means "stop" to it."""
        try:
            if process.stdin is not None:
                process.stdin.close()
        except OSError:
            _log.info("The training was gone before it was left")

    # --- on its thread ------------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        process = self._process
        if process is None or process.stdout is None:
            return
        with process.stdout as lines:
            for line in lines:
                self._keep(line)
                event = event_of(line)
                if isinstance(event, Done | Broke):
                    self._end = event
                elif event is not None:
                    self._tell(event)
        code = process.wait()
        self._hang_up(process)
        self._tell(self._outcome(code))

    def _outcome(self, code: int) -> TrainingEvent:
        said = self._last_words()
        if code == 0 and isinstance(self._end, Done):
            return self._end
        if code == _STOPPED_CODE or self._killed:
            return Stopped()
        if code == _KNOWN_FAILURE:
            line = said.splitlines()[-1].removeprefix("musegen: ") if said else ""
            return self._end if isinstance(self._end, Broke) else Broke(line or UNEXPECTED)
        _log.info("A training ended with code %s: %s", code, said)
        return Broke(UNEXPECTED)

    def _last_words(self) -> str:
        """The end of what it wrote to standard error."""
        if self._errors is None:
            return ""
        with self._errors as errors:
            size = errors.seek(0, os.SEEK_END)
            errors.seek(max(size - _TAIL_BYTES, 0))
            return errors.read().decode("utf-8", "replace").strip()

    def _tell(self, event: TrainingEvent) -> None:
        if not self._closed:
            self._on_event(event)


def _surroundings() -> dict[str, str]:
    """One core is left to the window and the player."""
    cores = max((os.cpu_count() or 2) - 1, 1)
    return {"OMP_NUM_THREADS": str(cores), **os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONUNBUFFERED": "1"}


def _give_way(pid: int) -> None:
    """Lower the priority of a process that has just begun; its threads to come inherit it."""
    if sys.platform == "win32":
        return  # it was started with a lower one
    try:
        os.setpriority(os.PRIO_PROCESS, pid, WORKER_NICE)
    except OSError as error:
        _log.info("The training keeps its priority: %s", error)
