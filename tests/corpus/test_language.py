from __future__ import annotations

import json
from pathlib import Path

from corpus.language import detect, main_language


def test_short_texts_are_not_decided() -> None:
    assert detect("Oui, merci beaucoup") is None


def test_a_third_language_is_called_by_its_name() -> None:
    assert (
        detect("Los comités de agua del pueblo no tienen dinero para pagar las reparaciones de la bomba cada año")
        == "es"
    )


def test_names_of_the_other_language_within_a_sentence_do_not_turn_it() -> None:
    assert (
        detect("Our partner, the Fédération des comités de points d’eau du Bani-Sud, keeps the books for all of them")
        == "en"
    )


def test_the_main_language_is_that_of_most_words() -> None:
    assert main_language(["Nous avons beaucoup de choses à dire sur les points d’eau de notre commune.", "One more sentence in English for all the others."]) == "fr"  # fmt: skip


def test_sentences_nobody_here_wrote_are_told_apart(claims_folder: Path) -> None:
    rows = [
        json.loads(line) for line in (claims_folder / "dev_pud.jsonl").read_text(encoding="utf-8").split("\n") if line
    ]
    told = [(detect(r["claim"]), r["lang_claim"]) for r in rows]
    decided = [(found, true) for found, true in told if found]
    assert len(decided) >= 200
    assert sum(found == true for found, true in decided) / len(decided) >= 0.98
