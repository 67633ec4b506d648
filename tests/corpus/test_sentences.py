from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.sentences import sentences, units


def split(text: str) -> list[str]:
    return [text[s:e] for s, e in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dr. Diallo met Mr. Chen. They agreed.", ["Dr. Diallo met Mr. Chen.", "They agreed."]),
        ("M. Koné et Mme. Roy viennent. Ils parlent.", ["M. Koné et Mme. Roy viennent.", "Ils parlent."]),
        ("It costs 3.5 million. Too much.", ["It costs 3.5 million.", "Too much."]),
        ("See pp. 12-14 of No. 32. It is there.", ["See pp. 12-14 of No. 32.", "It is there."]),
        ("Selon J.-P. Martin, c’est vrai. Oui.", ["Selon J.-P. Martin, c’est vrai.", "Oui."]),
        ("« Est-ce vrai ? » demande-t-il. Oui !", ["« Est-ce vrai ? » demande-t-il.", "Oui !"]),
        ("Il dit : « C’est fini. » Puis il sort.", ["Il dit : « C’est fini. »", "Puis il sort."]),
        ("Roads, power, etc. The state pays.", ["Roads, power, etc.", "The state pays."]),
        ("roads, power, etc. and so on.", ["roads, power, etc. and so on."]),
        ("Read www.example.org/a.b for more. Thanks.", ["Read www.example.org/a.b for more.", "Thanks."]),
        ("We stop the aid.The village pays.", ["We stop the aid.", "The village pays."]),
        ("In 1997 (e.g. in Mali) it rose. Then it fell.", ["In 1997 (e.g. in Mali) it rose.", "Then it fell."]),
        ("Vraiment…? Oui… peut-être.", ["Vraiment…?", "Oui… peut-être."]),
        ("2. La deuxième voie est ouverte. Elle reste chère.", ["2. La deuxième voie est ouverte.", "Elle reste chère."]),
        ("C.I.C.U. est une association. Elle vit.", ["C.I.C.U. est une association.", "Elle vit."]),
    ],
)  # fmt: skip
def test_sentences_end_where_a_reader_ends_them(text: str, expected: list[str]) -> None:
    assert split(text) == expected


def test_a_line_wrapped_by_the_mail_program_is_one_sentence() -> None:
    text = "The committee keeps the money in a box under the bed of the\ntreasurer, and nobody knows how much there is. It works."
    assert len(split(text)) == 2


def test_list_items_headings_and_signature_lines_are_units_of_their_own() -> None:
    text = "Topic 1: Water\n- first item\n- second item\n\nAnna Diop\nWater Board"
    assert [text[s:e] for s, e in units(text)] == ["Topic 1: Water", "- first item", "- second item", "Anna Diop", "Water Board"]  # fmt: skip


def test_only_a_line_feed_ends_a_line() -> None:
    assert len(units("one line\u2028still the same\u0085and still")) == 1


@given(st.text(alphabet=st.sampled_from("abc ABC.!?…«»\"'()\n\u00a0\u202f:;-–12"), max_size=300))
def test_sentences_cover_all_text_once_in_order(text: str) -> None:
    spans = sentences(text)
    covered = [i for s, e in spans for i in range(s, e)]
    assert covered == sorted(set(covered))
    assert {i for i, c in enumerate(text) if not c.isspace()} <= set(covered)
    assert all(text[s:e] == text[s:e].strip() for s, e in spans)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_running_text_nobody_here_wrote_is_split_where_its_sentences_ended(claims_folder: Path, language: str) -> None:
    """News and encyclopedia sentences, glued together in sixes: at least 97 % of the ends are found, 2 % invented."""
    rows = [
        json.loads(line) for line in (claims_folder / "dev_pud.jsonl").read_text(encoding="utf-8").split("\n") if line
    ]
    known = [r["claim"] for r in rows if r["lang_claim"] == language and r["label"] == "supported"]
    random.Random(7).shuffle(known)
    true = found = right = 0
    for i in range(0, len(known) - 5, 6):
        group = known[i : i + 6]
        text = " ".join(group)
        ends, at = set(), 0
        for sentence in group:
            at += len(sentence) + 1
            ends.add(at - 1)
        mine = {e for _, e in sentences(text)}
        true, found, right = true + len(ends), found + len(mine), right + len(ends & mine)
    assert right / true >= 0.97
    assert right / found >= 0.98
