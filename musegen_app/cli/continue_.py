"""``musegen continue``: a seed file in, the seed and its continuation out."""

from __future__ import annotations

import argparse
import json
import secrets
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from musegen_app.cli import controls, guidance, options, seeds, verdicts
from musegen_app.cli.command import Command
from musegen_app.cli.keys import ChosenKey, choose_key, no_key
from musegen_app.cli.seeds import Seed
from musegen_app.encoding.drums import PITCHED
from musegen_app.errors import FileError, InputError
from musegen_app.files import write_midi
from musegen_app.generate import FAMILIES, GeneratedNote, GenerateRequest, Manifest, Sampling, available, find, load
from musegen_app.generate.families import fills, for_instrument
from musegen_app.generate.judging import judge
from musegen_app.generate.ranking import Verdict
from musegen_app.generate.request import mean_energy, remarks_of

_SUFFIXES: Final = (".mid", ".midi", ".smf")
_RANDOM_SEEDS: Final = 1_000_000

DETAILS: Final = """
Continue a MIDI file. OUT holds the seed, unchanged, and after it the continuation. With --fill OUT holds the seed with those
bars written anew, to fit what comes before and after them.
The model hears all tracks but the drums as one; each new note goes to the track of the seed that would play it, by
register: hands stay hands and voices stay voices. Where the track (or all there is) is drums, a model that plays drums goes
on with it, and hears drums alone. With --track only that track is heard and continued; those named by
--standing-tracks are heard beside it and left as they are, so that "--track 1 --standing-tracks all --fill 5-8" writes
another melody over what the others play.
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was drawn: the notes of each take, the seconds this took without loading the model, and what it remarked.

    ``verdicts`` say which take is the best, and why.
    """

    request: GenerateRequest
    takes: list[list[GeneratedNote]]
    seconds: float
    remarks: tuple[str, ...] = ()
    verdicts: tuple[Verdict, ...] = ()

    @property
    def energy(self) -> float | None:
        """Mean energy a step over all takes, in nats, where the model has one."""
        return mean_energy([note for take in self.takes for note in take])

    @property
    def count(self) -> int:
        """Notes of all takes."""
        return sum(map(len, self.takes))

    @property
    def notes_per_s(self) -> float:
        """Notes a second over all takes."""
        return self.count / self.seconds if self.seconds > 0 else 0.0


def _configure(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("seed_file", metavar="SEED", type=options.file_argument, help="a MIDI file")
    add("-o", "--output", metavar="OUT", type=options.file_argument, required=True, help="the MIDI file to write")
    add("--bars", type=options.whole, default=8, metavar="N", help="bars to add (8)")
    add("--fill", type=options.bar_range, metavar="FROM-TO", help="write these bars of the seed anew, such as 5-8 or 5")
    options.add_model(parser)
    add("--style", default="", metavar="NAME", help='a style of the model ("musegen models" lists them)')
    add("--seed", type=options.seed_number, metavar="N", help="the same number gives the same notes (random)")
    add(
        "--takes",
        type=options.whole,
        default=1,
        metavar="K",
        help="draw K takes and rank them, written to OUT-1.mid, …",
    )
    add("--temperature", type=options.number, default=1.0, metavar="T", help="0.05 to 4; near 1 is like real music (1)")
    add(
        "--top-p",
        type=options.number,
        default=1.0,
        metavar="P",
        help="draw from the likeliest notes that reach P together (1)",
    )
    add(
        "--key",
        type=options.key_choice,
        metavar="auto|KEY|off",
        help='stay in the key found in the seed, in a named one ("D minor"), or in none; '
        "without this option the seed's key is kept where the seed itself keeps to it",
    )
    add("--range", type=options.pitch_range, default=(0, 127), metavar="LOW-HIGH", help="such as C3-C6 (no limit)")
    add(
        "--control",
        type=controls.pair,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help='a control of the model ("musegen models" lists them); may be given several times',
    )
    add("--track", type=options.whole, metavar="N", help="continue only this track, counted from 1, and hear no other")
    add(
        "--standing-tracks",
        type=options.track_numbers,
        default=(),
        metavar="N,M|all",
        help="tracks that are heard beside what is continued and stay as they are; all but --track",
    )
    guidance.add(parser)
    options.add_json(parser)


def _run(args: argparse.Namespace) -> int:
    outputs = _outputs(args.output, args.takes, args.seed_file)
    named = find(args.model) if args.model else None
    seed = seeds.read(args.seed_file, args.track, args.standing_tracks, named.instrument if named else "")
    key = choose_key(args.key, seed.notes) if seed.instrument == PITCHED else no_key(args.key)
    manifest = _model(args.model, seed.instrument, to_fill=args.fill is not None)
    request = guidance.guided(_request(args, seed, key, manifest), args, seed, manifest)
    answer = _generate(request, manifest)
    for path, take, verdict in zip(outputs, answer.takes, answer.verdicts, strict=True):
        score = seed.continued([made.note for made in take], answer.request.span if args.fill else None)
        texts = verdicts.texts(request, manifest, verdict, score, seed.file.provenance, seed.next_generation)
        write_midi(score, path, key=seed.file.key or key.locked, texts=texts, markers=seed.file.markers)
    if args.json:
        print(json.dumps(_as_json(answer, outputs, seed, key, manifest), ensure_ascii=False, indent=2))
    else:
        _print(answer, outputs, seed, key, manifest)
    return 0


def _outputs(path: Path, takes: int, seed: Path) -> list[Path]:
    """The files to write, refused before any work is done where they cannot be."""
    if path.suffix.lower() not in _SUFFIXES:
        raise InputError(f'"{path}" does not end in .mid; a continuation is written as a MIDI file.')
    if not path.parent.is_dir():
        raise FileError(f"There is no folder {path.parent} to write {path.name} to.", path)
    if takes < 1:
        raise InputError(f"{takes} takes cannot be generated; ask for 1 or more.")
    outputs = [path] if takes == 1 else [path.with_stem(f"{path.stem}-{take}") for take in range(1, takes + 1)]
    for output in outputs:
        if output.is_dir():
            raise FileError(f"{output} is a folder, not a file.", output)
        if output.exists() and seed.exists() and output.samefile(seed):
            raise InputError(f"{output} is the seed itself; write to another file.")
    return outputs


def _model(name: str, instrument: str, *, to_fill: bool) -> Manifest:
    """The model that is named; to fill without one named, the default one or else the first that can."""
    able = [model for model in for_instrument(available(), instrument) if fills(model)] if to_fill else []
    manifest = find(name, instrument=instrument)
    if to_fill and not fills(manifest) and able and not name:
        return able[0]
    if to_fill and not fills(manifest):
        others = f"; {', '.join(model.name for model in able)} can" if able else ""
        raise InputError(f'Model "{manifest.name}" cannot fill bars between others{others}.')
    return manifest


def _request(args: argparse.Namespace, seed: Seed, key: ChosenKey, manifest: Manifest) -> GenerateRequest:
    styles = manifest.styles if FAMILIES[manifest.family].has_styles else ()
    if args.style and args.style not in styles:
        known = f"its styles are {', '.join(styles)}" if styles else "it knows none"
        raise InputError(f'Model "{manifest.name}" does not know the style "{args.style}"; {known}.')
    start, until = seed.gap(*args.fill) if args.fill else (None, None)
    return GenerateRequest(
        notes=seed.notes,
        timeline=seed.score.timeline,
        bars=args.bars,
        model=manifest.name,
        style=args.style,
        sampling=Sampling(temperature=args.temperature, top_p=args.top_p),
        key=key.locked,
        pitch_range=args.range,
        seed_number=secrets.randbelow(_RANDOM_SEEDS) if args.seed is None else args.seed,
        takes=args.takes,
        start_tick=start,
        until_tick=until,
        controls=controls.checked(args.control, manifest),
    )


def _generate(request: GenerateRequest, manifest: Manifest) -> Answer:
    generator = load(manifest)
    takes: list[list[GeneratedNote]] = [[] for _ in range(request.takes)]
    began = time.perf_counter()
    for made in generator.generate(request, lambda: False):
        takes[made.take].append(made)
    seconds = time.perf_counter() - began
    judged = judge(generator, request, [made for take in takes for made in take])
    return Answer(request, takes, seconds, remarks_of(generator, request), judged)


def _as_json(answer: Answer, outputs: Sequence[Path], seed: Seed, key: ChosenKey, manifest: Manifest) -> dict[str, object]:
    start, end = answer.request.span
    timeline, filled = seed.score.timeline, answer.request.until_tick is not None
    return {
        "files": [str(path) for path in outputs],
        "notes": answer.count,
        "notes_per_take": [len(take) for take in answer.takes],
        "seconds": round(answer.seconds, 6),
        "notes_per_s": round(answer.notes_per_s, 1),
        "key": key.found.name if key.found else None,
        "key_locked": key.locked is not None,
        "seed": answer.request.seed_number,
        "model": manifest.name,
        "style": answer.request.style or manifest.default_style,
        "bars": timeline.bar_at(end - 1) - timeline.bar_at(start) + 1 if filled else answer.request.bars,
        "fill": [timeline.bar_at(start) + 1, timeline.bar_at(end - 1) + 1] if filled else None,
        "controls": dict(answer.request.controls),
        "keep": answer.request.keep or None,
        "ending": answer.request.ending or None,
        "chords": [list(chord) for chord in answer.request.chords],
        "standing_notes": len(answer.request.standing),
        "start_s": round(timeline.second_at(start), 6),
        "end_s": round(timeline.second_at(end), 6),
        "energy": round(answer.energy, 4) if answer.energy is not None else None,
        "ranking": verdicts.as_json(answer.verdicts),
        "remarks": list(answer.remarks),
        "repairs": list(seed.file.repairs),
    }


def _print(answer: Answer, outputs: Sequence[Path], seed: Seed, key: ChosenKey, manifest: Manifest) -> None:
    for repair in seed.file.repairs:
        print(f"{seed.path.name}: {repair}", file=sys.stderr)
    for remark in answer.remarks:
        print(f"{manifest.name}: {remark}", file=sys.stderr)
    for path, take in zip(outputs, answer.takes, strict=True):
        print(f"{path}: {len(take)} notes")
    verdicts.tell(answer.verdicts, outputs)
    print(f"{answer.count} notes in {answer.seconds:.2f} s, {answer.notes_per_s:,.0f} notes a second")
    if answer.energy is not None:
        print(f"energy: {answer.energy:.1f} a step")
    print(f"key: {key.sentence}")
    print(f"model: {manifest.name}, seed number: {answer.request.seed_number}")


COMMAND = Command("continue", "continue a MIDI file", _configure, _run, DETAILS)
