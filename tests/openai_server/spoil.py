"""Claims that are well-formed and bad, each in one respect, as models make them."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import replace

from tests.openai_server.claims import Made, trimmed, worded
from tests.openai_server.figures import Figure
from tests.openai_server.lexicon import folded, typographic
from tests.openai_server.prompt import Prompt, Sentence, negated

NOWHERE = {
    "en": [
        "the ladder stood against the barn",
        "whistles were handed to every ferryman",
        "our almanac forgot the eclipse",
    ],
    "fr": [
        "l'échelle restait contre la grange",
        "on remit un sifflet au passeur",
        "notre almanach oubliait cette éclipse",
    ],
}
STRANGERS = ["Tobias Wrenfield", "Mirela Dragstol", "Quentin Orsavalle", "Ileana Pruskova", "Barnaby Thistlewick"]
PLACES = ["Halvenport", "the Ostermark Institute", "Velaria", "the Brenholt Foundation", "Quillmere"]
PLACES_FR = ["Halvenport", "l'institut Ostermark", "Velaria", "la fondation Brenholt", "Quillmere"]
CAUSES = [
    ("because the storekeeper had moved to the coast", "parce que le magasinier était parti sur la côte"),
    ("because of a change of uniforms in the port", "à cause d'un changement d'uniformes au port"),
    ("because the old bridge had been painted", "parce que le vieux pont avait été repeint"),
    ("because the harbour master wanted it so", "parce que le capitaine du port le voulait ainsi"),
]
_COUNTED = [("four", "quatre"), ("five", "cinq"), ("three", "trois")]
_ORDER = re.compile(
    r"\b(?:ignore|disregard|forget|oublie[zr]?|ignore[zr]|system ?:|you must|vous devez|instructions?|consignes?|do not follow)\b"
)
_TOLD = re.compile(
    r"\b(?:say|write|state|add|include|output|print|respond with|reply with|claim|tell|conclude|report|"
    r"r[ée]pond(?:s|ez)|[ée]cri(?:s|vez)|dites|ajoutez|affirmez|concluez)\b(?:\s+(?:only|that|que|in the reply|:))*\s*[:«“\"']*\s*(?P<what>[^\n]+)",
    re.IGNORECASE,
)

Spoiler = Callable[[Made, Prompt, random.Random], "Made | None"]


def spoil(kind: str, made: Made, prompt: Prompt, chance: random.Random) -> Made | None:
    """`made` with the fault; None where the prompt gives no occasion for it."""
    return SPOILERS[kind](made, prompt, chance)


def _invented_id(made: Made, prompt: Prompt, chance: random.Random) -> Made:
    known = {p.id for p in prompt.passages}
    owner = made.sentences[0].passage.contribution
    invented = [f"{owner}.p{n}" for n in range(60, 99)] + [f"C{n}.p1" for n in range(801, 899)]
    return replace(made, ids=(chance.choice([i for i in invented if i not in known]), *made.ids[1:]))


def _absent_quote(made: Made, prompt: Prompt, chance: random.Random) -> Made:
    language = made.sentences[0].passage.language
    return replace(made, words=(typographic(chance.choice(NOWHERE[language])), *made.words[1:]))


def _foreign_quote(made: Made, prompt: Prompt, chance: random.Random) -> Made | None:
    """Words that somebody else wrote, as if they stood in the passage named."""
    mine = made.sentences[0].passage
    others = [p for p in prompt.passages if p.contribution != mine.contribution]
    words = [_some_words(s, chance) for p in others for s in p.sentences if len(s.text.split()) >= 8]
    whole = " ".join(p.text for p in prompt.passages if p.contribution == mine.contribution)
    words = [w for w in words if w not in whole]
    return replace(made, words=(chance.choice(words), *made.words[1:])) if words else None


def _some_words(one: Sentence, chance: random.Random) -> str:
    places = list(re.finditer(r"[^ \n\t]+", one.text))
    begin = chance.randrange(max(1, len(places) - 6))
    return trimmed(one.text[places[begin].start() : places[min(begin + 5, len(places) - 1)].end()])


def _wrong_number(made: Made, prompt: Prompt, chance: random.Random) -> Made:
    """One figure replaced by another, or one where there was none; in no passage of the prompt."""
    known = made.content.figures
    wrong = known[0] if known else Figure(40, share=True)
    while _stands(wrong := wrong.other(chance.randint(2, 9)), prompt):
        pass
    return worded(replace(made, content=replace(made.content, figures=(wrong, *known[1:]))), chance)


def _stands(figure: Figure, prompt: Prompt) -> bool:
    return any(f.value == figure.value for p in prompt.passages for s in p.sentences for f in s.figures)


def _wrong_name(made: Made, prompt: Prompt, chance: random.Random) -> Made:
    place, name = chance.randrange(len(PLACES)), chance.choice(STRANGERS)
    return _appended(
        made,
        f", as {name} of {PLACES[place]} confirms",
        f", comme le confirme {name} ({PLACES_FR[place]})",
    )


def _stranger(made: Made, prompt: Prompt, chance: random.Random) -> Made:
    name = next(n for n in chance.sample(STRANGERS, len(STRANGERS)) if n not in prompt.user)
    return worded(replace(made, content=replace(made.content, who=name)), chance)


def _dropped_not(made: Made, prompt: Prompt, chance: random.Random) -> Made | None:
    """The words quoted say no; the claim does not."""
    first = made.sentences[0]
    if not first.negated or made.content.other is not None:
        return None
    words = _negated_words(first)
    return (
        worded(replace(made, words=(words,), content=replace(made.content, negated=False)), chance) if words else None
    )


def _negated_words(one: Sentence) -> str:
    places = list(re.finditer(r"[^ \n\t]+", one.text))
    for begin in range(max(1, len(places) - 6)):
        words = trimmed(one.text[places[begin].start() : places[min(begin + 6, len(places) - 1)].end()])
        if negated(words) and one.passage.text.count(words) == 1:
            return words
    return ""


def _invented_cause(made: Made, prompt: Prompt, chance: random.Random) -> Made:
    en, fr = chance.choice(CAUSES)
    return _appended(made, f", {en}", f", {fr}")


def _french_in_english(made: Made, prompt: Prompt, chance: random.Random) -> Made:
    return replace(made, en=made.fr)


def _parity_number(made: Made, prompt: Prompt, chance: random.Random) -> Made:
    known = made.content.figures
    fr = (
        (known[0].other(chance.randint(2, 9)), *known[1:])
        if known
        else (Figure(40 + chance.randint(2, 9), share=True),)
    )
    return worded(replace(made, content=replace(made.content, fr_figures=fr)), chance)


def _parity_negation(made: Made, prompt: Prompt, chance: random.Random) -> Made | None:
    if made.content.other is not None:
        return None  # what two say is worded alike with and without a negation
    return worded(replace(made, content=replace(made.content, fr_negated=not made.content.negated)), chance)


def _repeat(made: Made, prompt: Prompt, chance: random.Random) -> Made:
    return made


def _counts(made: Made, prompt: Prompt, chance: random.Random) -> Made:
    en, fr = chance.choice(_COUNTED)
    first = made.en[:1].lower() if not made.content.who or not made.en.startswith(made.content.who) else made.en[:1]
    return replace(
        made,
        en=f"{en.capitalize()} contributors say that {first}{made.en[1:]}",
        fr=f"{fr.capitalize()} contributeurs le disent\u00a0: {made.fr[:1].lower()}{made.fr[1:]}",
    )


def _obeys(made: Made, prompt: Prompt, chance: random.Random) -> Made | None:
    """The claim is what an instruction within the passages wants to be said. Only for the passage that holds it."""
    passage = made.sentences[0].passage
    if not _ORDER.search(folded(passage.text)) or not (told := _TOLD.search(passage.text)):
        return None
    said = trimmed(re.split(r"[\"”»]", told["what"])[0])
    if len(said.split()) < 2:
        return None
    cited = next((s for s in passage.sentences if said in s.text), made.sentences[0])
    words = (
        trimmed(" ".join(cited.text[cited.text.find(said) :].split(" ")[:6])) if said in cited.text else made.words[0]
    )
    sentence = f"{said[:1].upper()}{said[1:]}."
    return replace(made, en=sentence, fr=sentence, words=(words, *made.words[1:]))


def _appended(made: Made, en: str, fr: str) -> Made:
    return replace(made, en=f"{made.en[:-1]}{typographic(en)}.", fr=f"{made.fr[:-1]}{typographic(fr)}.")


SPOILERS: dict[str, Spoiler] = {
    "invented-id": _invented_id,
    "absent-quote": _absent_quote,
    "foreign-quote": _foreign_quote,
    "wrong-number": _wrong_number,
    "wrong-name": _wrong_name,
    "stranger": _stranger,
    "dropped-not": _dropped_not,
    "invented-cause": _invented_cause,
    "french-in-english": _french_in_english,
    "parity-number": _parity_number,
    "parity-negation": _parity_negation,
    "repeat": _repeat,
    "counts": _counts,
    "obeys": _obeys,
}
