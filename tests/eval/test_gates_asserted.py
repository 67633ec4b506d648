"""What is only asked, supposed or quoted from somebody else is a warning for whoever reviews the claim."""

from __future__ import annotations

import pytest

from corpus.model import Citation, Claim, Contribution, Text
from eval.gates import GATES, Grounds

BODY = (
    "Who would pay for the pump if the fund closed? We asked everybody. If the tax were lifted, parts would cost half. "
    "The mayor told us: “The committee keeps the cash box, and nobody may look into it.” We have seen it ourselves. "
    "The trader said that a “good” seal lasts three years.\n\n"
    "Le maire a déclaré : « Le comité garde la caisse, et personne n’y a accès. » Nous l’avons vue."
)
SOURCE = Contribution(id="C01", language="en", body=BODY)
GROUNDS = Grounds({"C01": SOURCE}, {}, {}, {})


def verdict(words: str, en: str) -> str:
    start = BODY.index(words)
    quote = Citation(
        contribution="C01", passage="C01.p1", quote=words, start=start, end=start + len(words), language="en"
    )
    claim = Claim(id="1.1-01", kind="finding", text=Text(en=en), citations=(quote,))
    return GATES["asserted"](claim, GROUNDS).verdict


@pytest.mark.parametrize(
    ("words", "en"),
    [
        ("Who would pay for the pump if the fund closed?", "The fund pays for the pump."),
        ("If the tax were lifted, parts would cost half.", "Parts cost half."),
        ("The committee keeps the cash box", "The committee keeps the cash box to itself."),
        ("nobody may look into it", "Nobody may look into the cash box."),
        ("Le comité garde la caisse", "The committee keeps the cash box to itself."),
    ],
)
def test_what_the_contributor_does_not_say_as_so_is_warned_of(words: str, en: str) -> None:
    assert verdict(words, en) == "warn"


@pytest.mark.parametrize(
    ("words", "en"),
    [
        ("We asked everybody.", "Everybody was asked."),
        ("If the tax were lifted, parts would cost half.", "Parts would cost half if the tax were lifted."),
        ("We have seen it ourselves.", "The contributor has seen it."),
        ("a “good” seal lasts three years", "A good seal lasts three years."),
        ("Nous l’avons vue.", "The contributor has seen it."),
        ("Who would pay for the pump if the fund closed?", "Who would pay for the pump if the fund closed?"),
    ],
)
def test_what_the_contributor_says_passes(words: str, en: str) -> None:
    assert verdict(words, en) == "pass"
