"""What the controls promise, by the models that ship, in corners where it was once not kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from statistics import mean

import pytest

from musegen_app.files.notation import read_corpus
from musegen_app.generate import GenerateRequest, Generator, find, load
from musegen_app.paths import bundle_dir
from musegen_app.score import EMPTY, Note, NoteTable, Score, Timeline

BAR = 3840
TUNE = NoteTable.of(Note(i * 480, 480, (72, 74, 76, 77, 79, 77, 76, 74)[i % 8], 80) for i in range(32))
BASS = NoteTable.of(Note(i * 960, 960, (36, 43, 41, 43)[i % 4], 80) for i in range(64))


@pytest.fixture(scope="module", params=["flagship", "pop"])
def model(request: pytest.FixtureRequest) -> Generator:
    return load(find(request.param, [bundle_dir() / "models"]))


@pytest.fixture(scope="module")
def piano() -> Score:
    """A real piece for the piano."""
    return read_corpus("schumann_clara/opus17/movement3")


def seed_of(score: Score) -> NoteTable:
    return NoteTable.of(note for track in score.tracks for note in track.notes if note.start < 12 * BAR)


def takes_of(model: Generator, request: GenerateRequest) -> list[list[Note]]:
    takes: list[list[Note]] = [[] for _ in range(request.takes)]
    for made in model.generate(request, lambda: False):
        takes[made.take].append(made.note)
    return [sorted(take, key=lambda note: (note.start, note.pitch)) for take in takes]


def test_a_kept_rhythm_stays_in_range_where_its_notes_are_longer_than_the_model_thinks(model: Generator) -> None:
    kept = NoteTable.of([Note(0, 4080, 60), Note(4080, 960, 60), Note(5050, 3000, 60), Note(8061, 700, 60)])
    for pitches in ((60, 60), (60, 61)):
        request = GenerateRequest(
            EMPTY, Timeline(), start_tick=0, until_tick=3 * BAR, keep="rhythm", pitch_range=pitches, takes=4, kept=kept
        )
        for take in takes_of(model, request):
            assert take
            assert {note.pitch for note in take} <= set(range(pitches[0], pitches[1] + 1))


def test_with_a_density_and_nothing_before_a_take_may_begin_on_the_downbeat(model: Generator) -> None:
    asked = {"start_tick": 0, "bars": 2, "takes": 8, "controls": (("density", 8.0),)}
    begun = [take[0].start for take in takes_of(model, GenerateRequest(EMPTY, Timeline(), **asked))]
    assert 0 in begun, "played music seldom begins quite there"
    begun = [take[0].start for take in takes_of(model, GenerateRequest(EMPTY, Timeline(), prompt=True, **asked))]
    assert begun == [0] * 8


@pytest.mark.parametrize("seed_number", [1, 2, 3])
def test_a_phrase_that_closes_beside_a_bass_holds_its_last_chord(model: Generator, seed_number: int) -> None:
    request = GenerateRequest(TUNE, Timeline(), 4, 4 * BAR, standing=BASS, ending="close", takes=8, seed_number=seed_number)
    for take in takes_of(model, request):
        last = [note for note in take if note.start == take[-1].start]
        assert {note.end for note in last} == {8 * BAR}
        assert last[0].start >= 7 * BAR


@pytest.mark.parametrize("seed_number", [7, 1212])
def test_one_voice_is_as_dense_as_asked(model: Generator, seed_number: int) -> None:
    controls = (("density", 6.0), ("polyphony", 1.0))
    request = GenerateRequest(EMPTY, Timeline(), 8, 0, takes=4, seed_number=seed_number, controls=controls)
    for take in takes_of(model, request):
        assert abs(len(take) - 48) <= 0.08 * 48


def test_pitches_that_are_kept_find_new_times_on_the_grid_of_the_music(model: Generator) -> None:
    """Each comes twice: it waits until the first has ended, which may be anywhere, for the next sixteenth."""
    kept = NoteTable.of(Note(4 * BAR + i * 320, 320, TUNE[i // 2].pitch, 80) for i in range(48))
    request = GenerateRequest(
        TUNE, Timeline(), start_tick=4 * BAR, until_tick=8 * BAR, keep="pitches", kept=kept, takes=6, standing=BASS
    )
    takes = takes_of(model, request)
    assert [sorted(note.pitch for note in take) for take in takes] == [sorted(kept.pitch.tolist())] * 6
    assert mean(note.start % 240 != 0 for take in takes for note in take) < 0.04


def chord_sizes(notes: Iterable[Note]) -> list[int]:
    return list(Counter(round(note.start / 40) for note in notes).values())


@pytest.mark.parametrize("grid", [1.0, 2.0])
def test_a_coarse_grid_makes_no_thick_chords(model: Generator, piano: Score, grid: float) -> None:
    """Were a chord to go on whenever the model wants an onset off the grid, some would have ten notes."""
    seed = seed_of(piano)
    request = GenerateRequest(seed, piano.timeline, 6, takes=4, controls=(("grid", grid),))
    sizes = [size for take in takes_of(model, request) for size in chord_sizes(take)]
    assert mean(sizes) < mean(chord_sizes(seed)) + 2  # on the beat there is more to hear than between


@pytest.mark.parametrize("density", [4.0, 24.0])
def test_a_density_is_met_on_the_music_s_own_places_and_in_its_register(
    model: Generator, piano: Score, density: float
) -> None:
    """Once one note in eight fell between all sixteenths, and chords were piled up two octaves above the tune."""
    seed = seed_of(piano)
    request = GenerateRequest(seed, piano.timeline, 6, takes=4, controls=(("density", density),))
    notes = [note for take in takes_of(model, request) for note in take]
    assert mean(note.start % 240 != 0 for note in notes) < 0.05
    assert max(note.pitch for note in notes) <= int(seed.pitch.max()) + 18


def test_a_note_is_found_above_all_that_the_track_had_where_it_can_only_join_a_chord(model: Generator) -> None:
    """The register that chords are not piled up above does not forbid the only notes that there can be."""
    low, chord = TUNE.with_columns(pitch=TUNE.pitch - 24), Note(4 * BAR, BAR, 60, 80)
    request = GenerateRequest(
        low, Timeline(), start_tick=4 * BAR, until_tick=4 * BAR + 60, standing=NoteTable.of([chord]), pitch_range=(90, 127)
    )
    assert takes_of(model, request)[0]


@pytest.mark.parametrize("controls", [(), (("grid", 4.0),)], ids=["plain", "steered"])
def test_chords_grow_little_thicker_than_what_was_heard(model: Generator, controls: tuple[tuple[str, float], ...]) -> None:
    chords = [Note(i * 480, 480, pitch, 80) for i in range(32) for pitch in (48, 60 + i % 5, 67)[: 1 + i % 3]]
    for seed, most in ((chords, 5), ([note for note in chords if note.pitch == 48], 3), (chords[:6], 6)):
        request = GenerateRequest(NoteTable.of(seed), Timeline(), 8, takes=8, controls=controls, seed_number=3)
        assert max(size for take in takes_of(model, request) for size in chord_sizes(take)) <= most


def test_the_piano_roll_model_is_never_silent_for_long() -> None:
    model = load(find("piano-roll", [bundle_dir() / "models"]))
    seed = NoteTable.of(Note(i * 480, 480, (60, 62, 64, 65)[i % 4], 80) for i in range(32))
    for controls in ((("density", -1.0),), (("density", -1.0), ("stretch", 1.0))):
        request = GenerateRequest(seed, Timeline(), 16, 4 * BAR, takes=8, controls=controls)
        for take in takes_of(model, request):
            heard = 4 * BAR
            for note in take:
                assert note.start - heard <= 2 * BAR + 240
                heard = max(heard, note.end)
            assert 20 * BAR - heard <= 2 * BAR
