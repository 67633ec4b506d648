"""What a sentence says no to, hedges, limits or generalises, in English and French."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from corpus.words import flat

# "Not only … but also", « non seulement », "not least", a question tag: no negation. Taken out before anything is looked for.
_NO_NEGATION = {
    "en": re.compile(
        r"\b(?:not|n't) (?:only|just|merely|simply|solely|least|to mention)\b|\bwhether or not\b|\bor not\b|\bno (?:doubt|matter|less|fewer|sooner|one but|more than)\b|\bnothing but\b|\bcannot but\b"
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
_FR_ALONE = re.compile(r"\b(?:pas|ni|non|aucune?|jamais|sans|rien|nulle part|nullement)\b|n't\b|\bnot\b")
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
        rf"reject\w*|doubt\w*|oppos\w+|against|in vain|{_PREFIXED_EN})\b"
    ),
    "fr": re.compile(
        r"\b(?:manqu\w+|a defaut|faute d\w*|echou\w+|echecs?|inapte?s?|a peine|rarement|guere|(?<!un )peu|a moins|refus\w+|ni(?:e|ent|er|ait)|empech\w+|evit\w+|cess\w+|arret\w+|absen\w+|au lieu|plutot qu\w*|"
        r"sauf|hormis|except\w*|loin d\w*|neglig\w+|ignor\w+|exclu\w*|interdi\w+|depourvu\w*|prive\w*|denu\w+|trop|seule?s?|seulement|uniquement|jusqu|rejet\w+|dout\w+|oppos\w+|contre|en vain|"
        rf"{_PREFIXED_FR})\b"
    ),
}  # fmt: skip


# How far a statement reaches and how firmly it is made.
_EVERY = {
    "en": re.compile(r"\b(?:all(?! (?:the )?(?:same|of a|in all)\b)|every(?!day)\w*|always|each(?! other)|entire\w*|whole|throughout|any(?:one|body)?(?= (?:of|who|is|are|must|can|should)\b)|nobody|no one|never|none|whatever|everywhere)\b(?<!above all)(?<!after all)(?<!at all)"),
    "fr": re.compile(r"\b(?:tous|toutes|toute(?=s?\b)|tout (?=l|le|les|un)|chaque|chacune?|toujours|jamais|entiere?s?|entierement|ensemble des?|la totalite|totalement|partout|aucune?|personne ne|quiconque|tout le monde)\b(?<!avant tout)(?<!apres tout)"),
}  # fmt: skip
_SOME = {
    "en": re.compile(r"\b(?:some\w*|many|most|several|certain|often|sometimes|usually|generally|mostly|mainly|partly|part of|majority|various|numerous|few|frequently|occasionally|in (?:some|many|most) cases|about half|half|minority|a number of|at times)\b"),
    "fr": re.compile(r"\b(?:certaine?s?|quelques?|plusieurs|nombreu\w+|beaucoup|bon nombre|la plupart|souvent|parfois|generalement|en general|principalement|partie|majorite|majoritairement|divers\w*|frequemment|quelquefois|la moitie|minorite|un nombre|des fois)\b"),
}  # fmt: skip
_MUST = {
    "en": re.compile(r"\b(?:should|must|ought|needs? to|need(?= (?:be|more|better)\b)|ha(?:s|ve|d) to|(?:is|are) to be|let us|recommend\w*|propos\w+|suggest\w*|call(?:s|ed|ing)? (?:for|on)|urg\w+|requir\w+|demand\w*|necessary|essential|indispensable|crucial|imperative|important to|required|want\w*|would like|wish\w*|plead\w*|advocat\w+|ask\w*|expect\w*|oblig\w+|vital|shall|insist\w*|advis\w+|desirable)\b"),
    "fr": re.compile(r"\b(?:devrai\w+|devr(?:a|ont|ons)|doi(?:t|vent|s)|devons|devai\w+|faut|faudra\w*|fallait|necessaires?|necessite\w*|indispensables?|essentiel\w*|crucia\w+|imperati\w+|important d\w*|recommand\w+|propos\w+|sugger\w+|demand\w+|appell\w+|souhait\w+|voud\w+|veu\w+|exig\w+|requi\w+|plaid\w+|preconis\w+|prone\w*|invit\w+|conseill\w+|besoin\w*|tenus?|obliga\w+|oblige\w*|primordia\w+|vita\w+|attend\w*|serait)\b"),
}  # fmt: skip
_MAY = {
    "en": re.compile(r"\b(?:may(?! \d)|might|could|can|would|perhaps|maybe|possibl\w+|probabl\w+|likely|unlikely|potential\w*|appear\w*|seem\w*|tend\w*|risk\w*|if|believ\w+|think\w*|thought|hop\w+|estimat\w+|suggest\w*|suppos\w+|apparent\w*|allow\w*|help\w*|able|capab\w+|assum\w+|expect\w*|claim\w*|consider\w*|according|feels?|felt|plan\w*|aim\w*|intend\w*|unable|suspect\w*|alleged\w*|fear\w*|will|should|theor\w+)\b|'d\b|'ll\b"),
    "fr": re.compile(r"\b(?:peu(?:t|vent|x)|pou(?:vai|rra|rri|rro|rrai)\w*|pouv\w+|puiss\w+|peut-etre|possib\w+|probab\w+|vraisembl\w+|potenti\w+|sembl\w+|parai\w+|apparai\w+|tend\w*|risqu\w+|si|s'il\w*|croi\w+|cru|pens\w+|esp\w+r\w*|estim\w+|suppos\w+|apparemment|permet\w*|aide\w*|capab\w+|[a-z]+(?:erai|irai|drai|vrai|trai)(?:t|ent|s)|serai\w+|aurai\w+|selon|considere\w*|juge\w*|envisag\w+|prevu\w*|vis\w+|incapab\w+|soupconn\w+|craint\w*|eventuel\w*|susceptib\w+|[a-z]+(?:era|eront|ira|iront|dra|dront|vra|vront))\b"),
}  # fmt: skip


@dataclass(frozen=True)
class Polarity:
    """What a text says no to (openly, in other words), and whether it limits, generalises, demands or hedges."""

    negations: int
    weak: int
    only: bool
    every: bool = False
    some: bool = False
    must: bool = False
    may: bool = False

    def says_no_more_often(self, other: Polarity) -> bool:
        """Openly, and in all: "unable" may stand for « ne peut pas », but not for another "not" beside it."""
        return self.negations > other.negations and self.negations + self.weak > other.negations + other.weak


@lru_cache(maxsize=8192)
def polarity(text: str, language: str) -> Polarity:
    """What `text` says no to and how. "Not only" and the like are no negation; « ne … que » is "only"; « ne » alone mostly expletive."""
    code = "fr" if language == "fr" else "en"
    folded = _NO_NEGATION[code].sub(" ; ", flat(text))
    count, only = (_french if code == "fr" else _english)(folded)
    return Polarity(
        negations=count,
        weak=len(_WEAK[code].findall(folded)),
        only=only,
        every=bool(_EVERY[code].search(folded)),
        some=bool(_SOME[code].search(folded)),
        must=bool(_MUST[code].search(folded)),
        may=bool(_MAY[code].search(folded)),
    )


_EN_ONLY = re.compile(r"\b(?:only|solely|exclusively|merely|just|nothing but|none but|alone)\b")
_FR_ONLY = re.compile(r"\b(?:seule?s?|seulement|uniquement|exclusivement|rien que|simplement|juste)\b")


def _english(folded: str) -> tuple[int, bool]:
    found = _EN_NOT.findall(folded)
    again = found.count("nor") if len(found) > found.count("nor") else 0  # "neither … nor" is one negation
    return len(found) - again, bool(_EN_ONLY.search(folded))


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
        again = match.group() == "ni" and count
        if not again and (match.group() == "sans" or not any(start <= match.start() < end for start, end in spans)):
            count += 1
    return count, only
