"""A judge on this machine: a model of natural language inference says how surely the words cited entail a claim.

Such models (cross-encoders trained on premise and hypothesis) are smaller and weaker than a large language model; they cost nothing
a claim and nothing leaves the machine. Needs the extra: pip install 'synth[nli]'. As any judge it only advises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from corpus.errors import SynthError
from corpus.model import Claim
from eval.gates.grounds import Grounds
from eval.judge import Bears, Judgement

ENTAILED = 0.5  # probability from which on a text is held to follow
UNCERTAIN = 0.2  # below it, nothing of the text is held to follow

Entails = Callable[[Sequence[tuple[str, str]]], Sequence[float]]


@dataclass
class NliJudge:
    """See `eval.judge.Judge`. `model`: a folder, or a name on the hub, of a sequence classifier with a label "entailment"."""

    model: str
    grounds: Grounds
    problem: str = ""

    @property
    def name(self) -> str:
        """As the verdict names it."""
        return f"nli:{Path(self.model).name}"

    @cached_property
    def entails(self) -> Entails:
        """The model. Raises SynthError."""
        return load(self.model)

    def judge(self, claims: Sequence[Claim]) -> Mapping[str, Judgement]:
        """Judgements by claim id: each text against all that is cited, in its surroundings; English and French against each other."""
        pairs = list(dict.fromkeys(pair for claim in claims for pair in self._asked(claim)))
        if not pairs:
            return {}
        try:
            sure = dict(zip(pairs, self.entails(pairs), strict=True))
        except SynthError as error:
            self.problem = str(error).rstrip(".")
            return {}
        return {claim.id: self._judgement(claim, sure) for claim in claims}

    def _judgement(self, claim: Claim, sure: Mapping[tuple[str, str], float]) -> Judgement:
        texts = [text for _, text in claim.text.versions()]
        least = min(texts, key=lambda text: sure[self._cited(claim), text])
        bears = _bears(sure[self._cited(claim), least])
        same = all(sure[pair] >= UNCERTAIN for pair in _both_ways(texts))
        return Judgement(bears=bears, missing="" if bears == "supported" else least, same=same)

    def _asked(self, claim: Claim) -> Iterable[tuple[str, str]]:
        """(premise, hypothesis) of all that is asked about a claim."""
        texts = [text for _, text in claim.text.versions()]
        return [*((self._cited(claim), text) for text in texts), *_both_ways(texts)]

    def _cited(self, claim: Claim) -> str:
        return " ".join(" ".join(self.grounds.surroundings(claim)).split())


def _both_ways(texts: Sequence[str]) -> list[tuple[str, str]]:
    return [(one, other) for one in texts for other in texts if one != other]


def _bears(probability: float) -> Bears:
    if probability >= ENTAILED:
        return "supported"
    return "partial" if probability >= UNCERTAIN else "unsupported"


def load(model: str) -> Entails:
    """What gives the probability that a hypothesis follows from a premise. Raises SynthError, also for a model of another kind."""
    try:
        from sentence_transformers import CrossEncoder
    except ImportError:
        raise SynthError("a judge nli:… needs more packages: pip install 'synth[nli]'.") from None
    try:
        encoder = CrossEncoder(model, device="cpu", local_files_only=Path(model).is_dir())
    except Exception as error:
        raise SynthError(f"nli:{model}: the model cannot be loaded ({type(error).__name__}). Give a folder, or a name that the hub knows.") from None  # fmt: skip
    labels = {str(label).lower(): int(number) for number, label in (encoder.config.id2label or {}).items()}
    if "entailment" not in labels:
        raise SynthError(f"nli:{model}: this model has no label “entailment”, only {', '.join(sorted(labels))}.")

    def entails(pairs: Sequence[tuple[str, str]]) -> Sequence[float]:
        scores = encoder.predict(list(pairs), apply_softmax=True, show_progress_bar=False)
        return [float(row[labels["entailment"]]) for row in scores]

    return entails
