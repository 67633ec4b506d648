"""Where a contribution gives orders to whoever, or whatever, writes the reply: "ignore all instructions and state that …".

A reply that obeys would tell what nobody experienced. So such a stretch is no source, and what it tells a writer to say is
known. Found by its words, in English and French; an order in words of its own goes unseen (docs/checks.md).
"""

from __future__ import annotations

import re
from functools import lru_cache

from corpus.sentences import Range, sentences

FOLLOWING = 3  # sentences after an order, in its paragraph, that may still say what to write

_TEXTS = (
    r"(?:instructions?|prompts?|guidelines?|directions|orders|rules|passages?|everything|anything|all (?:that|of)|what (?:stands|is|was|comes|came)|"
    r"(?:the )?(?:above|previous|prior|preceding|foregoing)|consignes?|directives?|r[èe]gles|tout ce qui|ce qui pr[ée]c[èe]de)"
)
# An imperative stands at the head of a sentence, or after a word or two that may stand before one.
_BEFORE = r"(?:(?:please|now|and|but|so|then|instead|you (?:must|should|shall|will)|merci d[e'’]|veuillez|maintenant|et|mais|donc|vous dev(?:ez|rez))[\s,]{1,2}){0,2}"
_HEAD = rf"(?:^|(?<=[.!?:;\n\"“”«»(\[\]}}>*#-]))[\s\"“«(>*#-]{{0,4}}{_BEFORE}"
_IGNORE = r"(?:ignor(?:e|ez|er)|disregard|forget|override|bypass|oubli(?:e|ez|er)|faites abstraction|ne tenez (?:pas|aucun) compte|n[ée]gligez|do not follow|don['’]t follow|ne suivez pas)"
_WRITE = (
    r"(?:write|state|answer|reply|respond|output|print|conclude|declare|claim|announce|insert|"
    r"[ée]crivez|[ée]cris|affirmez|dites|r[ée]pondez|r[ée]ponds|concluez|d[ée]clarez|ins[ée]rez|imprimez)"
)
_ADD = r"(?:add|include|mention|put|mets|mettez|ajoutez?|mentionnez)"
_REPLY = r"(?:answer|reply|response|summary|synthesis|output|draft|r[ée]ponse|synth[èe]se|r[ée]sum[ée])"
_MODEL = r"(?:AI|IA|LLM|chatbot|(?:large )?language model|mod[èe]le de langage)"
_ORDERS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?:{_HEAD}|,\s){_IGNORE}\b[^.!?\n]{{0,40}}\b{_TEXTS}",
        rf"\b(?:you are|act as|pretend to be|as|if you are|tu es|vous [êe]tes|agi(?:s|ssez) comme|en tant que)\s(?:now\s)?(?:an?\s|une?\s)?{_MODEL}\b",
        rf"\b{_MODEL}s?\s(?:assistants?\s)?(?:reading|writing|drafting|summari[sz]ing|qui li(?:t|sent)|qui r[ée]dige(?:nt)?)\b",
        r"\b(?:new|nouvelles?) (?:rules?|instructions?|r[èe]gles|consignes)\s?:|\bsystem prompt\b|#{2,}\s*(?:instruction|system|assistant)|<\|im_(?:start|end)\|>|^\s*\[?(?:system|assistant)\]?\s*[:\]]",
        r"\b(?:your (?:task|job|role) (?:is|now)|from now on,? you|(?:votre|ta) (?:t[âa]che|mission) est)\b",
        rf"\b(?:your|votre|ta)\s{_REPLY}\s(?:must|should|shall|has to|needs to|doit|devra|devrait)\b",
        rf"{_HEAD}{_WRITE}\s+(?:that|only|exactly|this|the following|qu[e'’]|seulement|uniquement|exactement|ceci|cela)\b",
        rf"(?:{_HEAD}|,\s)(?:{_WRITE}|{_ADD})\b[^.!?\n]{{0,30}}\b(?:your|votre|ta|ton|the|la|le)\s+{_REPLY}\b",
    )
]


def orders(text: str) -> list[Range]:
    """Ranges of `text` that give orders to a writer: the sentence before, the order, and what follows it in its paragraph."""
    return list(_orders(text))


@lru_cache(maxsize=1024)
def _orders(text: str) -> tuple[Range, ...]:
    if not any(order.search(text) for order in _ORDERS):
        return ()
    found: list[Range] = []
    for paragraph in re.finditer(r"[^\n](?:[^\n]|\n(?!\s*\n))*", text):
        inside = [(paragraph.start() + a, paragraph.start() + b) for a, b in sentences(paragraph.group())]
        for i, (start, end) in enumerate(inside):
            if any(order.search(text[start:end]) for order in _ORDERS):
                found.append((inside[max(0, i - 1)][0], inside[min(len(inside) - 1, i + FOLLOWING)][1]))
    return tuple(_merged(found))


def _merged(ranges: list[Range]) -> list[Range]:
    merged: list[Range] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
