"""What a sentence says no to, hedges, limits or generalises, in English and French."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from corpus.words import flat

# "Not only … but also", « non seulement », "not least", a question tag: no negation. Taken out before anything is looked for.
_NO_NEGATION = {
    "en": re.compile(
        r"\b(?:not|n't) (?:only|just|merely|simply|solely|least|to mention)\b|\bwhether or not\b|\bor not\b|\bno (?:doubt|matter|less|fewer|sooner|one but)\b|\bnothing but\b|\bcannot but\b"
        r"|\bnot (?:to be )?(?:under|over)(?:stated|estimated)\b|\bif not\b|\bno\. ?(?=\d)|\bnot until\b|\bin no time\b|\bnone ?theless\b|\bnever ?theless\b|\bwhy not\b|\bno longer only\b"
    ),
    "fr": re.compile(
        r"\b(?:ne |n')?(?:[\w'-]+ ){0,2}?(?:pas|non) (?:seulement|uniquement|simplement|juste|que)\b|\bn'est[- ]ce pas\b|\bne serait[- ]ce que\b|\bn'importe (?:qui|quoi|quel\w*|ou|comment|quand)\b|\bnon[- ]negligeables?\b"
        r"|\bsans (?:doute|cesse|conteste|compter|parler|aucun doute)\b|\bil n'en (?:reste|demeure) pas moins\b|\bpas moins\b|\bsi ce n'est\b|\b(?:si|a) jamais\b|\bpourquoi pas\b|\bpas mal d\b|\bou (?:non|pas)\b"
        r"|\ben moins de rien\b|\brien que\b|\bpas a pas\b|\b(?:un|le|les|des|au|chaque|premiers?|grands?) pas\b"
    ),
}
_EN_NOT = re.compile(
    r"\b(?:not|cannot|never|nobody|nothing|nowhere|none|neither|nor|without)\b|n't\b|\bno(?= [a-z])|\bno one\b|\bno longer\b"
)
_FR_NE = re.compile(r"\b(?:ne |n')")
_FR_SECOND = re.compile(r"\b(?:pas|point|jamais|rien|aucune?s?|personne|ni|nulle?s?|nullement|guere|plus|non plus)\b")
_FR_QUE = re.compile(r"\b(?:que|qu')")
_FR_ALONE = re.compile(r"\b(?:pas|ni|non|aucune?|jamais|sans|rien|nulle part|nullement)\b")
_EXPLETIVE = re.compile(
    r"\b(?:avant que?|avant qu'\w+|de (?:peur|crainte) qu|a moins qu|sans qu|empech\w+ qu|evit\w+ qu|crai(?:nt|gn\w+) qu|peur qu|plus|moins|mieux|pire|autre\w*|autrement|davantage|meilleur\w*)\b"
)
_BARE_NE = re.compile(r"^(?:\w+ )?(?:peu(?:t|vent|x)|pouvai\w+|pourrai\w+|sai[ts]|sav\w+|cess\w+|ose\w*)\b")

# Says no less openly: may stand for a "not" of the other language, asserts none by itself.
_PREFIXED_EN = (
    r"un(?!der|i|til|less|cle)\w{5,}|in(?:access|accura|activ|adequa|appropri|capab|capac|certain|coheren|compatib|complet|consisten|correct|definit|dependen|direct|effect|effic|equal|equit|evitab|"
    r"exist|formal|frequent|justic|operativ|secur|signific|stab|suffic|toler|variab|vis)\w*|im(?:mobil|possib|practic|proper|perfect|patien)\w*|ir(?:regular|relevant|respons|revers)\w*|il(?:legal|literate|legitim)\w*|"
    r"dis(?:agree|advantage|allow|appear|approv|belie|comfort|connect|continu|count|credit|engag|honest|interest|like|loyal|obey|organi|pleas|prov|regard|respect|satisf|trust|use)\w*|mis(?:trust|understand|us)\w*|non[a-z]*|\w{3,}less(?:ly|ness)?"
)
_PREFIXED_FR = (
    r"in(?:access|actif|activ|adapt|adequa|appropri|capa|certain|coheren|compatib|complet|connu|correct|define|defini|depend|direct|disponib|egal|efficac|equit|evit|exact|exist|form(?:el|al)|frequent|hab|juste|observ|occup|"
    r"secur|signifi|stab|suffi|toler|util|variab|visib|volont)\w*|im(?:mobil|possib|pratic|propr|prob|parfait|patien)\w*|ir(?:regul|respons|revers)\w*|il(?:legal|letr|lettr|legitim)\w*|"
    r"de(?:s?accord|sapprou|savantag|sinteress|sorganis|connect|plai|fiance)\w*|mal(?:honnet|heureu)\w*|me(?:fian|content|connai)\w*|non[- ]?\w*"
)
_WEAK = {
    "en": re.compile(
        r"\b(?:lack\w*|fail\w*|unable|inab\w+|hardly|barely|scarcely|rarely|seldom|unless|refus\w+|den(?:y|ies|ied|ying)|prevent\w*|avoid\w*|stop\w*|ceas\w+|absen\w+|missing|depriv\w+|"
        r"instead|rather than|except\w*|apart from|far from|free (?:of|from)|other than|neglect\w*|ignor\w+|exclud\w+|prohibit\w*|forbid\w*|forbade|ban(?:s|ned)?|(?<!a )few|(?<!a )little|too|only|just|merely|until|"
        rf"reject\w*|doubt\w*|oppos\w+|against|dead|in vain|{_PREFIXED_EN})\b"
    ),
    "fr": re.compile(
        r"\b(?:manqu\w+|a defaut|faute d\w*|echou\w+|echecs?|inapte?s?|a peine|rarement|guere|(?<!un )peu|a moins|refus\w+|ni(?:e|ent|er|ait)|empech\w+|evit\w+|cess\w+|arret\w+|absen\w+|au lieu|plutot qu\w*|"
        r"sauf|hormis|except\w*|loin d\w*|neglig\w+|ignor\w+|exclu\w*|interdi\w+|depourvu\w*|prive\w*|denu\w+|trop|seule?s?|seulement|uniquement|jusqu|rejet\w+|dout\w+|oppos\w+|contre|morte?s?|defunte?s?|en vain|"
        rf"{_PREFIXED_FR})\b"
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Polarity:
    """How often a text says no openly, and how often in other words."""

    negations: int
    weak: int
    only: bool


@lru_cache(maxsize=8192)
def polarity(text: str, language: str) -> Polarity:
    """Negations of `text`. "Not only", a question tag and the like are none; « ne … que » is "only"; « ne » alone mostly expletive."""
    folded = _NO_NEGATION["fr" if language == "fr" else "en"].sub(" ; ", flat(text))
    if language == "fr":
        count, only = _french(folded)
    else:
        count, only = len(_EN_NOT.findall(_NEITHER_NOR.sub(" neither ", folded))), bool(_EN_ONLY.search(folded))
    return Polarity(count, len(_WEAK["fr" if language == "fr" else "en"].findall(folded)), only)


_NEITHER_NOR = re.compile(r"\bneither\b[^.;]*?\bnor\b")
_EN_ONLY = re.compile(r"\b(?:only|solely|exclusively|merely|just|nothing but|none but)\b")
_FR_ONLY = re.compile(r"\b(?:seule?s?|seulement|uniquement|exclusivement|rien que)\b")
_REACH = 60  # characters within which the second half of « ne … pas » stands


def _french(folded: str) -> tuple[int, bool]:
    """(negations, whether it says "only"): each « ne » with its second half is one, then what negates without « ne »."""
    count, only = 0, bool(_FR_ONLY.search(folded))
    spans: list[tuple[int, int]] = []
    for match in _FR_NE.finditer(folded):
        clause = re.split(r"[.;:!?]", folded[match.end() : match.end() + _REACH])[0]
        second, que = _FR_SECOND.search(clause), _FR_QUE.search(clause)
        before = folded[max(0, match.start() - 40) : match.start()]
        if second and not (que and que.start() < second.start() and second.group() in ("plus", "non plus")):
            count += 1
            spans.append((match.start(), match.end() + len(clause)))
        elif re.search(r"\b(?:personne|rien|aucune?|nulle?|jamais|ni)\b[^.;:!?]*$", before):
            count += 1
            spans.append((match.start() - len(before), match.end()))
        elif que and not _EXPLETIVE.search(before):
            only = True
        elif not _EXPLETIVE.search(before) and _BARE_NE.match(clause):
            count += 1
    for match in _FR_ALONE.finditer(folded):
        if not any(start <= match.start() < end for start, end in spans):
            count += 1
    return count, only
