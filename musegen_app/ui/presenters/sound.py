"""How the writing of a WAV file goes, told in the notice."""

from __future__ import annotations

from collections.abc import Callable

from musegen_app.ui.flows.sound_export import SoundExport
from musegen_app.ui.panels.status import Notice


def show_sound(sound: SoundExport, notice: Notice, say: Callable[[str], None]) -> None:
    """Join the export to the notice, which tells how far it is and offers to cancel, and to the status line."""

    def progressed(name: str, share: float) -> None:
        notice.tell(f"Rendering {name}: {100 * share:.0f} %", ("Cancel", sound.cancel))

    def ended(sentence: str) -> None:
        notice.hide()
        say(sentence)

    sound.progressed.connect(progressed)
    sound.done.connect(ended)
    sound.failed.connect(notice.tell)
