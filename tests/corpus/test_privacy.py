from __future__ import annotations

import json
from pathlib import Path

import pytest

from corpus.privacy import redact
from eval.gold import DATA
from tests.conftest import Loaded


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("write to anna.diop@example.org please", "e-mail"),
        ("anna [at] example [dot] org", "e-mail"),
        ("tel. +39.091.0000123", "phone"),
        ("Fax: 020 7946 0123", "phone"),
        ("call me on +226 00 11 22 33", "phone"),
        ("Tél : 01 99 00 12 34", "phone"),
        ("mobile 202-555-0143", "phone"),
        ("skype ID: anna.diop", "messenger"),
        ("WhatsApp : +33 1 99 00 12 34", "messenger"),
        ("our office at 12, rue des Lilas", "address"),
        ("Via E. Rossi, 162", "address"),
        ("P.O. Box 4411, Nairobi", "address"),
        ("27 Market Street", "address"),
    ],
)
def test_contact_details_are_replaced(text: str, kind: str) -> None:
    redacted, kinds = redact(text)
    assert f"[{kind}]" in redacted
    assert kind in kinds


@pytest.mark.parametrize(
    "text",
    [
        "Between 800,000 and 1,000,000 people moved in 2005-2009.",
        "En 2007-2011, 220 membres et 13,5 % des ménages.",
        "It fell from 1 240 to 912 within 18 months (Ratha and Shaw, 2007).",
        "A WhatsApp group of 200 users reports failures.",
        "pp. 267-289, No. 32, ISBN",
        "le prix est passé de 34 000 à 212 000 FCFA",
        "bottom line: users pay; prix fixe : 150 000 FCFA; they paid 500 via mobile money in 2019",
        "Article 12 of Law 2004-63 of 27 July 2004",
    ],
)
def test_figures_years_and_plain_words_stay(text: str) -> None:
    assert redact(text) == (text, ())


def test_in_a_signature_whatever_holds_a_number_is_an_address_and_the_country_stays() -> None:
    text = "Anna Diop\nLot II Z 99 bis, Haute-Ville, Madagascar"
    redacted, kinds = redact(text, [(0, len(text))])
    assert redacted == "Anna Diop\n[address], Madagascar"
    assert kinds == ("address",)


def test_no_contact_detail_of_the_sample_is_anywhere_but_in_sources(sample: Loaded) -> None:
    details = [
        d["text"] for d in json.loads((DATA / "sample" / "gold.json").read_text(encoding="utf-8"))["contact_details"]
    ]
    assert len(details) >= 20
    assert leaks(sample.folder, details) == []


def test_no_contact_detail_of_the_real_discussion_is_anywhere_but_in_sources(seed: Loaded) -> None:
    """Digits of telephone and fax numbers, whatever stands between them; addresses; e-mail and messenger names."""
    import re

    text = next(iter(seed.files.values()))
    body = text[text.index("Chers membres") :]
    numbers = re.findall(r"(?:tel\.|fax|Telf\.|Fax\.|cell:)[\s\u00a0]*(\+?[\d.\u00a0 ]{8,}\d)", body)
    mails = re.findall(r"[\w.]+@[\w.]+?\.it", body)
    streets = re.findall(r"(?:[Vv]ia|Avda\.) [^;\n]*\d+", body)
    assert len(numbers) >= 4
    assert mails
    assert len(streets) >= 4
    assert leaks(seed.folder, [*numbers, *mails, *streets]) == []


def leaks(folder: Path, details: list[str]) -> list[str]:
    found = []
    for path in folder.rglob("*"):
        if path.is_file() and "sources" not in path.parts:
            data = path.read_bytes()
            found += [f"{path.name}: {d}" for d in details if d.encode() in data]
    return found


@pytest.mark.parametrize("piece", ["a", "a.", "x.y", "1.", "1 ", "\n", "A. ", "de la A ", "Dear all, ", "- ", "« "])
def test_a_hundred_thousand_characters_of_anything_are_read(piece: str) -> None:
    """Patterns that look back and forth would never end on these."""
    from corpus.answers import label_answers
    from corpus.people import identify
    from tests.corpus.test_taking_in import ASKED

    text = piece * (100_000 // len(piece)) + "!"
    assert len(redact(text)[0]) > 0
    identify(text, ASKED)
    label_answers(text, ASKED)
