"""The judge on this machine, with tiny models made here: `make test-nli`. Apart from `make test`, since PyTorch is large.

They know no sense: most say the same of everything, one is trained for a few seconds to tell a long premise from a short one. That is
enough to see that what a model says arrives in the verdict, and which text it was given as premise.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

from eval.gates import Grounds
from eval.nli import NliJudge, load
from synth.store import load_report
from tests.conftest import Loaded, Outcome

LABELS = {0: "contradiction", 1: "entailment", 2: "neutral"}
WORDS = [f"w{n}" for n in range(60)]


def tokenizer() -> PreTrainedTokenizerFast:
    """A few invented words; all others are unknown to it."""
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    vocabulary = {word: n for n, word in enumerate([*special, *WORDS])}
    made = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]"
    )  # fmt: skip


def save(folder: Path, model: BertForSequenceClassification) -> str:
    model.save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    return str(folder)


def made(labels: dict[int, str], bias: list[float]) -> BertForSequenceClassification:
    """An untrained model whose last layer says the same of everything."""
    torch.manual_seed(1)
    config = BertConfig(vocab_size=65, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32, num_labels=len(labels), id2label=labels, label2id={v: k for k, v in labels.items()})  # fmt: skip
    model = BertForSequenceClassification(config)
    with torch.no_grad():
        model.classifier.weight.zero_()
        model.classifier.bias.copy_(torch.tensor(bias))
    return model


@pytest.mark.parametrize(("bias", "supported"), [([0.0, 4.0, 0.0], True), ([4.0, 0.0, 0.0], False)])
def test_the_verdict_follows_what_the_model_says_and_names_it(
    copy: Path, synth: Callable[..., Outcome], tmp_path: Path, bias: list[float], supported: bool
) -> None:
    path = save(tmp_path / "tiny-nli", made(LABELS, bias))
    done = synth("-C", copy, "check", "--judge", f"nli:{path}", "--json")
    verdict = json.loads(done.out)
    assert done.code == (0 if supported else 1)
    assert verdict["supported_by"] == "nli:tiny-nli"
    assert verdict["supported"] == (verdict["claims"] if supported else 0)
    assert verdict["failed"] == 0
    if not supported:
        assert all(re.match("not borne by the quotes: .", u["detail"]) for u in verdict["unsupported"])


def test_the_probability_is_that_of_the_label_entailment_wherever_it_stands(tmp_path: Path) -> None:
    path = save(tmp_path / "other-order", made({0: "ENTAILMENT", 1: "not_entailment"}, [1.0, 0.0]))
    [sure] = load(path)([("w1 w2", "w1")])
    assert sure == pytest.approx(0.731, abs=0.001)


def test_premise_and_hypothesis_are_told_apart(tmp_path: Path) -> None:
    """A model trained for some seconds that a word follows from a list it stands in, and a list from none of its words."""
    torch.manual_seed(2)
    chance = random.Random(2)
    model = made(LABELS, [0.0, 0.0, 0.0])
    torch.nn.init.normal_(model.classifier.weight, std=0.2)
    words = tokenizer()
    training = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(200):
        pairs, labels = [], []
        for _ in range(32):
            long = chance.sample(WORDS[:6], 5)
            forward = chance.random() < 0.5
            pairs.append((" ".join(long), long[0]) if forward else (long[0], " ".join(long)))
            labels.append(1 if forward else 2)
        rows = words([p for p, _ in pairs], [h for _, h in pairs], padding=True, return_tensors="pt")
        loss = model(**rows, labels=torch.tensor(labels)).loss
        training.zero_grad()
        loss.backward()
        training.step()
    model.eval()
    entails = load(save(tmp_path / "trained", model))
    forward, backward = entails([("w1 w2 w3 w4 w5", "w2"), ("w2", "w1 w2 w3 w4 w5")])
    assert forward > 0.9 > 0.1 > backward


@pytest.mark.parametrize("wrong", ["missing", "labels"])
def test_a_model_that_is_missing_or_of_another_kind_is_told_in_one_line(
    copy: Path, synth: Callable[..., Outcome], tmp_path: Path, wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    path = str(tmp_path / "nowhere") if wrong == "missing" else save(tmp_path / "sentiment", made({0: "good", 1: "bad"}, [0.0, 0.0]))  # fmt: skip
    done = synth("-C", copy, "check", "--judge", f"nli:{path}")
    assert done.code == 4
    assert "by gates" in done.out
    assert "nli:" in done.err


def test_what_was_said_in_one_language_only_is_judged_in_that(sample: Loaded) -> None:
    report = load_report(sample.folder)
    assert report is not None
    [claim, *_] = report.claims()
    judge = NliJudge("none", Grounds({}, {}, {}, {}))
    asked: list[tuple[str, str]] = []

    def entails(pairs: list[tuple[str, str]]) -> list[float]:
        asked.extend(pairs)
        return [0.9] * len(pairs)

    judge.__dict__["entails"] = entails
    assert judge.judge([claim])[claim.id].bears == "supported"
    assert len(asked) == len(claim.text.versions()) ** 2
