from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot
from roll_stage import Stage


@pytest.fixture
def stage(qtbot: QtBot) -> Iterator[Stage]:
    """A roll of three notes, shown, with every place known."""
    made = Stage()
    qtbot.addWidget(made.roll)
    made.roll.show()
    qtbot.waitExposed(made.roll)
    made.settle()
    yield made
    made.roll.close()
