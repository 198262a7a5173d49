"""Which take is the best and why, for the terminal; and what the written files tell of where their notes came from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from musegen_app.files.provenance import texts_of
from musegen_app.generate import GenerateRequest, Manifest
from musegen_app.generate.provenance import Accepted, Origin, record_of
from musegen_app.generate.ranking import Verdict
from musegen_app.score import Generation, Provenance, Score


def as_json(verdicts: Sequence[Verdict]) -> list[dict[str, object]]:
    """The takes from the best on."""
    return [
        {
            "take": verdict.take + 1,
            "rank": verdict.rank,
            "score": round(verdict.score, 4),
            "longest_shared_run": verdict.run.notes if verdict.run else None,
            "marks": {name: round(mark, 4) for name, mark in verdict.marks.items()},
            "reasons": list(verdict.reasons),
        }
        for verdict in sorted(verdicts, key=lambda verdict: verdict.rank)
    ]


def tell(verdicts: Sequence[Verdict], outputs: Sequence[Path]) -> None:
    """Print the takes from the best on; of a single one what it shares with what the model learnt from."""
    if len(verdicts) == 1:
        if verdicts[0].run is not None:
            print(verdicts[0].run.words)
        return
    print("ranking:")
    for verdict in sorted(verdicts, key=lambda verdict: verdict.rank):
        print(f"{verdict.rank:3}. {outputs[verdict.take].name}  {100 * verdict.score:.0f} %  {'; '.join(verdict.reasons)}")


def texts(
    request: GenerateRequest, manifest: Manifest, verdict: Verdict, score: Score, before: Provenance, number: int
) -> tuple[str, ...]:
    """Lines that tell where the generated notes of ``score`` came from: those known ``before``, and this take."""
    run = verdict.run.notes if verdict.run else 0
    record = record_of(Origin(request, manifest.sha256, manifest.title), Accepted(verdict.take, verdict.rank, run))
    return texts_of((*before, Generation(number, record)), score)
