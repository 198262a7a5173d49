from __future__ import annotations

import pytest
from midi_bytes import END, ONE_NOTE, chunk, event, meta, off, on, smf

from musegen_app.files import MidiRead, read_midi_bytes
from musegen_app.score import PITCH_BEND, ControlChange, Key, Metre, Tempo

Q = 960


def notes(read: MidiRead, track: int = 0) -> list[tuple[int, int, int]]:
    return [(n.start, n.length, n.pitch) for n in read.score.tracks[track].notes]


# --- kinds of file ----------------------------------------------------------------------------------------------------


def test_a_plain_file() -> None:
    tempo = meta(0, 0x51, (600_000).to_bytes(3, "big")) + meta(0, 0x58, bytes((6, 3, 24, 8)))
    heading = meta(0, 3, b"Gymnop\xc3\xa9die") + tempo + meta(0, 0x59, bytes((2, 0))) + meta(960, 6, b"Coda") + END
    melody = (
        meta(0, 3, b"Piano") + event(0, 0xC3, 5) + on(0, 60, 80, 3) + on(240, 64, 70, 3) + off(240, 60, 3) + off(0, 64, 3)
    )
    read = read_midi_bytes(smf(heading, melody + END))
    score = read.score
    assert (score.title, score.note_count, score.next_id) == ("Gymnopédie", 2, 3)
    assert score.timeline.tempos == (Tempo(0, 600_000),)
    assert score.timeline.metres == (Metre(0, 6, 8),)
    track = score.tracks[0]
    assert (track.name, track.channel, track.program) == ("Piano", 3, 5)
    assert notes(read) == [(0, Q, 60), (Q // 2, Q // 2, 64)]
    assert track.notes.velocity.tolist() == [80, 70]
    assert track.notes.id.tolist() == [1, 2]
    assert read.key == Key(2, "major")
    assert [(m.tick, m.text) for m in read.markers] == [(2 * Q, "Coda")]
    assert read.repairs == ()


def test_running_status_and_note_on_with_velocity_0() -> None:
    body = on(0, 60) + bytes((0, 64, 64)) + bytes((0x83, 0x60, 60, 0)) + bytes((0, 64, 0)) + END
    read = read_midi_bytes(smf(body))
    assert notes(read) == [(0, Q, 60), (0, Q, 64)]
    assert read.repairs == ()


def test_type_0_is_split_by_channel() -> None:
    body = meta(0, 3, b"Song") + event(0, 0xC0, 10) + event(0, 0xC1, 20)
    body += on(0, 60) + on(0, 40, 64, 1) + off(480, 60) + off(0, 40, 1) + on(0, 36, 64, 9) + off(480, 36, 9) + END
    read = read_midi_bytes(smf(body, kind=0))
    assert read.score.title == "Song"
    assert [(t.channel, t.program, len(t.notes), t.is_drums) for t in read.score.tracks] == [
        (0, 10, 1, False),
        (1, 20, 1, False),
        (9, 0, 1, True),
    ]
    assert len({t.id for t in read.score.tracks}) == 3
    assert sorted(i for t in read.score.tracks for i in t.notes.id.tolist()) == [1, 2, 3]


def test_a_type_1_track_with_several_channels_is_split_too() -> None:
    read = read_midi_bytes(smf(on(0, 60) + off(480, 60) + on(0, 60, 64, 4) + off(480, 60, 4) + END, ONE_NOTE))
    assert [t.channel for t in read.score.tracks] == [0, 4, 0]


def test_type_2_patterns_follow_one_another_on_bar_lines() -> None:
    fast = meta(0, 0x51, (300_000).to_bytes(3, "big")) + meta(0, 0x58, bytes((3, 2, 24, 8)))
    read = read_midi_bytes(smf(ONE_NOTE, fast + ONE_NOTE, meta(0, 6, b"Last") + ONE_NOTE, kind=2))
    assert [notes(read, i) for i in range(3)] == [[(0, Q, 60)], [(4 * Q, Q, 60)], [(7 * Q, Q, 60)]]
    assert read.score.timeline.tempo_at(4 * Q).microseconds == 300_000
    assert read.score.timeline.tempo_at(7 * Q).microseconds == 500_000
    assert read.score.timeline.metre_at(4 * Q) == Metre(4 * Q, 3, 4)
    assert read.markers[0].tick == 7 * Q
    assert read.repairs == ("The file's 3 patterns were placed one after another.",)


@pytest.mark.parametrize(
    ("division", "second"),
    [(-25 << 8 | 40, 1000), (-24 << 8 | 4, 96), (-30 << 8 | 80, 2400), (-29 << 8 | 100, 2997)],
)
def test_film_time_is_placed_by_the_second(division: int, second: int) -> None:
    tempo = meta(0, 0x51, (1_000_000).to_bytes(3, "big"))
    read = read_midi_bytes(smf(tempo + on(second, 60) + off(second, 60) + END, division=division))
    start, length, _ = notes(read)[0]
    assert read.score.timeline.second_at(start) == pytest.approx(1, abs=1e-3)
    assert read.score.timeline.second_at(start + length) == pytest.approx(2, abs=1e-3)
    assert read.repairs == ("Times in film frames were placed on a grid of 120 quarters a minute.",)


@pytest.mark.parametrize(
    ("division", "tick", "expected"), [(96, 1, 10), (7, 1, 137), (7, 3, 411), (1000, 1, 1), (32767, 17, 0)]
)
def test_times_are_rounded_to_960_a_quarter(division: int, tick: int, expected: int) -> None:
    read = read_midi_bytes(smf(on(tick, 60) + off(1, 60) + END, division=division))
    assert notes(read)[0][0] == expected
    assert notes(read)[0][1] >= 1


def test_a_riff_file_is_unwrapped_without_a_word() -> None:
    body = smf(ONE_NOTE)
    riff = b"RIFF" + (len(body) + 12).to_bytes(4, "little") + b"RMIDdata" + len(body).to_bytes(4, "little") + body
    read = read_midi_bytes(riff)
    assert notes(read) == [(0, Q, 60)]
    assert read.repairs == ()


def test_a_file_behind_other_bytes_is_found() -> None:
    read = read_midi_bytes(b"\x00" * 128 + smf(ONE_NOTE))
    assert notes(read) == [(0, Q, 60)]
    assert read.repairs == ("The file's start was skipped: the MIDI data begins later.",)


def test_chunks_of_other_kinds_are_passed_over() -> None:
    data = smf(ONE_NOTE, count=2) + chunk(b"anything", b"XFIH") + chunk(ONE_NOTE)
    assert read_midi_bytes(data).repairs == ()
    assert len(read_midi_bytes(data).score.tracks) == 2


# --- notes ------------------------------------------------------------------------------------------------------------


def test_overlapping_notes_of_one_pitch_keep_their_own_ends() -> None:
    read = read_midi_bytes(smf(on(0, 60) + on(240, 60) + off(240, 60) + off(480, 60) + END))
    assert notes(read) == [(0, Q // 2, 60), (Q // 2, 3 * Q // 2, 60)]
    assert read.repairs == ("One note was cut where the same pitch begins again.",)


def test_a_note_off_written_after_the_next_note_on_still_ends_the_first() -> None:
    read = read_midi_bytes(smf(on(0, 60) + on(480, 60) + off(0, 60) + off(480, 60) + END))
    assert notes(read) == [(0, Q, 60), (Q, Q, 60)]
    assert read.repairs == ()


def test_of_two_voices_in_unison_the_longer_note_stays() -> None:
    read = read_midi_bytes(smf(on(0, 60) + on(0, 60) + off(240, 60) + off(240, 60) + END))
    assert notes(read) == [(0, Q, 60)]
    assert "doubled" in read.repairs[0]


def test_a_hanging_note_ends_with_its_track() -> None:
    read = read_midi_bytes(smf(on(0, 60) + on(0, 64) + off(480, 64) + event(480, 0xFF, 0x2F, 0)))
    assert notes(read) == [(0, 2 * Q, 60), (0, Q, 64)]
    assert read.repairs == ("One note without an end was ended at the end of its track.",)


def test_a_lost_note_off_does_not_lengthen_later_notes() -> None:
    body = on(0, 60) + on(480, 60) + off(240, 60) + on(240, 60) + off(240, 60) + END
    assert notes(read_midi_bytes(smf(body))) == [(0, Q, 60), (Q, Q // 2, 60), (2 * Q, Q // 2, 60)]


def test_stray_note_offs_are_nothing() -> None:
    read = read_midi_bytes(smf(off(0, 60) + on(0, 60) + off(480, 60) + b"".join(off(480, p) for p in range(128)) + END))
    assert notes(read) == [(0, Q, 60)]
    assert read.repairs == ()


@pytest.mark.parametrize("controller", [120, 123])
def test_all_notes_off_ends_the_notes_of_its_channel(controller: int) -> None:
    body = (
        on(0, 60)
        + on(0, 64)
        + on(0, 67, 64, 1)
        + event(480, 0xB0, controller, 0)
        + off(480, 67, 1)
        + on(0, 60)
        + off(480, 60)
    )
    read = read_midi_bytes(smf(body + END))
    assert notes(read) == [(0, Q, 60), (0, Q, 64), (2 * Q, Q, 60)]
    assert notes(read, 1) == [(0, 2 * Q, 67)]
    assert read.repairs == ()


def test_a_note_without_length_gets_a_tick() -> None:
    assert notes(read_midi_bytes(smf(on(0, 60) + off(0, 60) + END))) == [(0, 1, 60)]


def test_values_above_127_are_lowered_and_pitches_left_out() -> None:
    read = read_midi_bytes(smf(on(0, 60, 200) + off(480, 60) + on(0, 190, 64) + off(10, 190) + END))
    assert notes(read) == [(0, Q, 60)]
    assert read.score.tracks[0].notes.velocity.tolist() == [127]
    assert read.repairs == ("One value above 127 was lowered to 127.", "One note above pitch 127 was left out.")


def test_controllers_and_pitch_bend_are_kept() -> None:
    body = event(0, 0xB0, 64, 127) + event(0, 0xB0, 7, 90) + event(240, 0xE0, 0x01, 0x40) + ONE_NOTE
    assert read_midi_bytes(smf(body)).score.tracks[0].controls == (
        ControlChange(0, 64, 127),
        ControlChange(0, 7, 90),
        ControlChange(Q // 2, PITCH_BEND, 8193),
    )


def test_programme_and_volume_set_by_another_track_reach_the_notes() -> None:
    read = read_midi_bytes(smf(event(0, 0xC2, 33) + event(0, 0xB2, 7, 80) + END, on(0, 40, 64, 2) + off(480, 40, 2) + END))
    assert read.score.tracks[0].program == 33
    assert read.score.tracks[0].controls == (ControlChange(0, 7, 80),)


def test_the_programme_at_the_first_note_counts() -> None:
    body = event(0, 0xC0, 1) + event(0, 0xC0, 2) + on(480, 60) + off(480, 60) + event(0, 0xC0, 2) + event(0, 0xC0, 3) + END
    read = read_midi_bytes(smf(body, on(0, 60, 64, 1) + event(240, 0xC1, 9) + off(240, 60, 1) + END))
    assert [track.program for track in read.score.tracks] == [2, 9]
    assert read.repairs == ("One later programme change was left out.",)


def test_doubled_and_cut_notes_are_counted_apart() -> None:
    unison = on(0, 60) + on(0, 60) + off(240, 60) + off(240, 60)
    overlap = on(0, 62) + on(240, 62) + off(240, 62) + off(240, 62)
    assert read_midi_bytes(smf(unison + overlap + END)).repairs == (
        "One note was cut where the same pitch begins again.",
        "One note doubled by another of the same pitch and start was left out.",
    )


def test_what_a_score_cannot_hold_is_named() -> None:
    body = event(0, 0xA0, 60, 5) + event(0, 0xD0, 5) + event(0, 0xF0, 3, 1, 2, 0xF7)
    body += meta(0, 5, b"la") + meta(0, 0x59, bytes((0, 0))) + meta(480, 0x59, bytes((1, 0))) + event(0, 0xB5, 7, 1)
    body += on(0, 60) + off(480, 60) + event(0, 0xC0, 1) + event(0, 0xC0, 2) + END
    assert read_midi_bytes(smf(body)).repairs == (
        "One later key signature was left out.",
        "One later programme change was left out.",
        "2 aftertouch messages were left out.",
        "One system-exclusive message was left out.",
        "One syllable of lyrics was left out.",
        "One controller on a channel without notes was left out.",
    )


# --- tempo, metre, key, text ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "bpm"), [(b"\0\0\0", 120), (b"\0\0\1", 999), (b"\xff\xff\xff", 5), (b"\1", 120), (b"", 120)]
)
def test_tempos_that_make_no_sense(body: bytes, bpm: float) -> None:
    read = read_midi_bytes(smf(meta(0, 0x51, body) + ONE_NOTE))
    assert read.score.timeline.tempo_at(0).bpm == pytest.approx(bpm, rel=1e-4)
    assert read.repairs == ("One tempo outside 5 to 999 was moved into it or left out.",)


@pytest.mark.parametrize("body", [bytes((0, 2, 24, 8)), bytes((4, 7, 24, 8)), bytes((4, 255, 0, 0)), b"\x04", b""])
def test_metres_that_make_no_sense_are_left_out(body: bytes) -> None:
    read = read_midi_bytes(smf(meta(0, 0x58, body) + ONE_NOTE))
    assert read.score.timeline.metres == (Metre(0, 4, 4),)
    assert read.repairs == ("One metre that makes no sense was left out.",)


@pytest.mark.parametrize("body", [bytes((9, 0)), bytes((0xF0, 0)), bytes((0, 2)), b"\0", b""])
def test_key_signatures_that_make_no_sense_are_left_out(body: bytes) -> None:
    read = read_midi_bytes(smf(meta(0, 0x59, body) + ONE_NOTE))
    assert read.key is None
    assert read.repairs == ("One key signature that makes no sense was left out.",)
    assert notes(read) == [(0, Q, 60)]


@pytest.mark.parametrize(
    ("sharps", "mode", "key"),
    [
        (0, 0, Key(0)),
        (-1, 1, Key(2, "minor")),
        (7, 0, Key(1)),
        (-7, 0, Key(11)),
        (-7, 1, Key(8, "minor")),
        (3, 1, Key(6, "minor")),
    ],
)
def test_key_signatures(sharps: int, mode: int, key: Key) -> None:
    assert read_midi_bytes(smf(meta(0, 0x59, bytes((sharps & 0xFF, mode))) + ONE_NOTE)).key == key


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("Étude № 3".encode(), "Étude № 3"),
        ("Étude".encode("latin-1"), "Étude"),
        (b"Piano\0\0", "Piano"),
        (b" Left\r\nhand ", "Left  hand"),
        (b"", ""),
        (bytes(range(128, 160)), ""),
    ],
)
def test_text_of_any_encoding(raw: bytes, text: str) -> None:
    assert read_midi_bytes(smf(meta(0, 3, raw) + ONE_NOTE)).score.tracks[0].name == text


@pytest.mark.parametrize("encoding", ["shift-jis", "cp1251", "utf-16"])
def test_other_encodings_are_readable_files_too(encoding: str) -> None:
    name = {"shift-jis": "ピアノ", "cp1251": "Пиано", "utf-16": "Piano"}[encoding].encode(encoding)
    read = read_midi_bytes(smf(meta(0, 3, name) + ONE_NOTE))
    assert read.score.tracks[0].name.isprintable()
    assert read.score.note_count == 1
