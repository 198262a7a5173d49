"""From threads to the UI thread: everything arrives, in order, in bundles, and nothing after the end."""

from __future__ import annotations

import threading

from pytestqt.qtbot import QtBot

from musegen_app.errors import FileError, MuseGenError
from musegen_app.ui.background import Background
from musegen_app.ui.bridge import Bridge

PER_THREAD = 2_000


def test_values_of_several_threads_arrive_in_order_on_the_ui_thread(qtbot: QtBot) -> None:
    got: list[tuple[int, int]] = []
    threads_seen: set[threading.Thread] = set()

    def receive(value: tuple[int, int]) -> None:
        got.append(value)
        threads_seen.add(threading.current_thread())

    bridge = Bridge(receive)

    def post(thread: int) -> None:
        for number in range(PER_THREAD):
            bridge.post((thread, number))

    threads = [threading.Thread(target=post, args=(index,)) for index in range(3)]
    for thread in threads:
        thread.start()
    qtbot.waitUntil(lambda: len(got) == 3 * PER_THREAD)
    for thread in threads:
        thread.join()
    assert threads_seen == {threading.current_thread()}
    for index in range(3):
        assert [number for thread, number in got if thread == index] == list(range(PER_THREAD))


def test_a_flood_wakes_the_loop_once(qtbot: QtBot) -> None:
    got: list[int] = []
    bridge = Bridge(got.append)
    wakes: list[int] = []
    bridge._waker.woken.connect(lambda: wakes.append(1))
    for number in range(5_000):
        bridge.post(number)
    assert got == []
    qtbot.waitUntil(lambda: len(got) == 5_000)
    assert len(wakes) == 1


def test_nothing_arrives_after_the_end(qtbot: QtBot) -> None:
    got: list[int] = []
    bridge = Bridge(got.append)
    bridge.post(1)
    bridge.close()
    bridge.post(2)
    qtbot.wait(20)
    assert got == []


def test_closing_while_a_bundle_is_handed_on_ends_it(qtbot: QtBot) -> None:
    got: list[int] = []

    def receive(value: int) -> None:
        got.append(value)
        bridge.close()

    bridge = Bridge(receive)
    bridge.post(1)
    bridge.post(2)
    qtbot.waitUntil(lambda: bool(got))
    qtbot.wait(20)
    assert got == [1]


def test_background_answers_on_the_ui_thread(qtbot: QtBot) -> None:
    background = Background()
    done: list[tuple[int, threading.Thread]] = []
    failed: list[MuseGenError] = []

    def fails() -> int:
        raise FileError("It is damaged.", __file__)

    background.run(lambda: 41 + 1, lambda value: done.append((value, threading.current_thread())), failed.append)
    background.run(fails, lambda _value: None, failed.append)
    qtbot.waitUntil(lambda: bool(failed))
    background.close()
    assert done == [(42, threading.current_thread())]
    assert str(failed[0]) == "It is damaged."


def test_a_bug_in_the_background_is_logged_and_told(qtbot: QtBot, caplog) -> None:
    background = Background()
    failed: list[MuseGenError] = []
    background.run(lambda: 1 // 0, lambda _value: None, failed.append)
    qtbot.waitUntil(lambda: bool(failed))
    background.close()
    assert "went wrong" in str(failed[0])
    assert "ZeroDivisionError" in caplog.text


def test_closing_finishes_what_waits_but_answers_no_more(qtbot: QtBot) -> None:
    background = Background()
    worked: list[int] = []
    answered: list[int] = []
    gate = threading.Event()
    background.run(lambda: gate.wait(20), lambda _value: answered.append(0), lambda _error: None)
    background.run(lambda: worked.append(1), lambda _value: answered.append(1), lambda _error: None)
    gate.set()
    background.close()
    qtbot.wait(20)
    assert worked == [1]
    assert answered == []
