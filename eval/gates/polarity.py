"""What a sentence says no to, hedges, limits or generalises, in English and French."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from corpus.words import flat

# "Not only … but also", « non seulement », "not least", a question tag: no negation. Taken out before anything is looked for.
_NO_NEGATION = {
    "en": re.compile(
        r"\b(?:not|n't) (?:only|just|merely|simply|solely|least|to mention)\b|\bwhether or not\b|\bor not\b|\bno (?:doubt|matter|less|fewer|sooner|one but|more than)\b|\bnothing but\b|\bcannot (?:help )?but\b"
        r"|\bnot (?:to be )?(?:under|over)(?:stated|estimated)\b|\bif not\b|\bno\. ?(?=\d)|\b(?:not|n't)(?= (?:[\w'-]+ ){0,10}until\b)|\b(?:not|cannot|n't)(?: [\w'-]+){1,6} without\b|\b(?:nobody|none|no one)(?= but\b)|\bin no time\b|\bnone ?theless\b|\bnever ?theless\b|\bwhy not\b|\bno longer only\b|\bfree of charge\b"
    ),
    "fr": re.compile(
        r"\b(?:ne |n')?(?:[\w'-]+ ){0,2}?(?:pas|non) (?:(?:les?|la) seule?s?|seulement|uniquement|simplement|juste)\b|\bn'est[- ]ce pas\b|\bne serait[- ]ce que\b|\bn'importe (?:qui|quoi|quel\w*|ou|comment|quand)\b|\bnon[- ]negligeables?\b"
        r"|\bsans (?:doute|cesse|conteste|peine|difficulte|mal(?! )|compter|parler|aucun doute)\b|\bil n'en (?:reste|demeure) pas moins\b|\bpas moins\b|\bsi ce n'est(?: pas)?\b|\bsi jamais\b|(?<!n')\ba (?:tout )?jamais\b|\bpourquoi pas\b|\bpas mal d\b|\bou (?:non|pas)\b"
        r"|\b(?:ne |n')(?:[\w'-]+ )(?:pas |jamais )?(?:[\w'-]+ ){0,6}sans\b|\ben moins de rien\b|\brien que\b|\bpas a pas\b|\b(?:un|le|les|des|au|chaque|premiers?|grands?) pas\b"
    ),
}
_EN_NOT = re.compile(
    r"\b(?:not|cannot|never|nobody|nothing|nowhere|none|neither|nor|without)\b|n't\b|\bno(?= [a-z])|\bno one\b|\bno longer\b"
)
_FR_NE = re.compile(r"\b(?:ne |n')")
_FR_SECOND = re.compile(
    r"\b(?:pas|point|jamais|rien|aucune?s?|personne|ni|nulle?s?|nullement|guere|nul(?= besoin| doute| autre)|plus|non plus)\b"
)
_FR_QUE = re.compile(r"\b(?:que|qu')")
_FR_ALONE = re.compile(r"\b(?:pas|ni|non|aucune?|jamais|sans|rien|nulle part|nullement)\b|n't\b|\bnot\b")
_EXPLETIVE = re.compile(
    r"\b(?:avant que?|avant qu'\w+|de (?:peur|crainte) qu|a moins qu|sans qu|empech\w+ qu|evit\w+ qu|crai(?:nt|gn\w+) qu|peur qu|plus|moins|mieux|pire|autre\w*|autrement|davantage|meilleur\w*)\b"
)
_EXPLETIVE_AT = re.compile(r"\b(?:avant|de peur|de crainte|a moins|sans|tant) qu(?:e|'\w+)? ?(?:[\w']+ ){0,3}$")
_BARE_NE = re.compile(r"^(?:\w+ )?(?:peu(?:t|vent|x)|pouvai\w+|pourrai\w+|sai[ts]|saurai\w+|sav\w+|cess\w+|ose\w*)\b")

# Says no less openly: may stand for a "not" of the other language, asserts none by itself.
_PREFIXED_EN = (
    r"un(?!der|i|til|less|cles?\b)\w{5,}|in(?:access|accura|activ|adequa|appropri|capab|capac|certain|coheren|compatib|complet|consisten|correct|definit|dependen|direct|effect|effic|equal|equit|evitab|"
    r"exist|formal|frequent|justic|operativ|secur|signific|stab|suffic|toler|variab|vis)\w*|im(?:mobil|possib|practic|proper|perfect|patien)\w*|ir(?:regular|relevant|respons|revers)\w*|il(?:legal|literate|legitim)\w*|"
    r"dis(?:agree|advantage|allow|appear|approv|belie|comfort|connect|continu|count|credit|engag|honest|interest|like|loyal|obey|organi|pleas|prov|regard|respect|satisf|trust|use)\w*|mis(?:trust|understand|us)\w*|non(?!e\b|ethe)[a-z]+|\w{3,}less(?:ly|ness)?"
)
_PREFIXED_FR = (
    r"in(?:access|actif|activ|adapt|adequa|appropri|capa|certain|coheren|compatib|complet|connu|correct|define|defini|depend|direct|disponib|egal|efficac|equit|evit|exact|exist|form(?:el|al)|frequent|hab|juste|observ|occup|"
    r"secur|signifi|stab|suffi|toler|util|variab|visib|volont)\w*|im(?:mobil|possib|pratic|propr|prob|parfait|patien)\w*|ir(?:regul|respons|revers)\w*|il(?:legal|letr|lettr|legitim)\w*|"
    r"de(?:s?accord|sapprou|savantag|sinteress|sorganis|connect|plai|fiance)\w*|mal(?:honnet|heureu)\w*|me(?:fian|content|connai)\w*|non-\w+"
)
_WEAK = {
    "en": re.compile(
        r"\b(?:lack\w*|fail\w*|unable|inab\w+|hardly|barely|scarcely|rarely|seldom|unless|refus\w+|den(?:y|ies|ied|ying)|prevent\w*|avoid\w*|stop(?:s|ped|ping)?|ceas\w+|absen\w+|missing|depriv\w+|"
        r"instead|rather than|except\w*|apart from|far from|nobody but|idle|too \w+ to|ha(?:s|ve|d) yet to|left out|turn(?:s|ed|ing)? down|ke(?:ep\w*|pt) (?:[\w'-]+ ){1,4}from|un(?:paid|til)|broken|short of|out of (?:date|order|reach|use|service)|free (?:of|from)|\w+-free|other than|neglect\w*|ignor\w+|exclud\w+|prohibit\w*|forbid\w*|forbade|ban(?:s|ned)?|(?<!a )few|(?<!a )little|"
        rf"reject\w*|doubt\w*|oppos\w+|against|in vain|{_PREFIXED_EN})\b"
    ),
    "fr": re.compile(
        r"\b(?:manqu\w+|a defaut|superflu\w*|introuvables?|se passe\w* d|en panne|hors (?:service|d'usage)|inutil\w*|faute d\w*|echou\w+|echecs?|inapte?s?|a peine|rarement|guere|(?<!un )peu|a moins (?:qu\w*|d(?:e |')\w+(?:er|ir|re))|refus\w+|ni(?:e|ent|er|ait)|empech\w+|evit\w+|cess\w+|arret\w*|absen\w+|au lieu|plutot qu\w*|"
        r"sauf|hormis|except\w*|loin d\w*|neglig\w+|ignor\w+|exclu\w*|interdi\w+|depourvu\w*|prive\w*|denu\w+|rejet\w+|dout\w+|oppos\w+|contre|en vain|"
        rf"{_PREFIXED_FR})\b"
    ),
}  # fmt: skip


# How far a statement reaches and how firmly it is made: (words that say so plainly, words that may amount to it).
_FACETS = {
    "only": {
        "en": (r"only(?! \d)|solely|exclusively|nothing but|none but", r"just|merely|alone|sole|single|exclusive\w*|limited|restrict\w*|but|except\w*|unless|until"),
        "fr": (r"seule?s?|seulement|uniquement|exclusivement|rien que", r"simplement|juste|unique\w*|exclusi\w+|limit\w+|restrei\w+|sauf|que|qu'\w+|purement"),
    },
    "all": {
        "en": (r"all(?! (?:the same|of a sudden|in all)\b)(?<!above all)(?<!after all)(?<!at all)|every(?! (?:day|evening|morning|week|month|year|time)\b)(?:one|body|thing|where)?|always|nobody|no one|never|none", r"each|entire\w*|whole|throughout|any\w*|who(?:m|so)?ever|total\w*|full\w*|complet\w*|whatever|any|no|both|every|systematic\w*|constant\w*|universal\w*|overall|not"),
        "fr": (r"tous(?! (?:les )?(?:deux|jours|mois|ans)\b)|toutes(?! les semaines)|toujours|partout|personne ne|quiconque|tout le monde|la totalite", r"tout\w*|chaque|chacune?|jamais|entier\w*|ensemble|totalement|aucune?|n'importe|integral\w*|systematiqu\w*|constam\w*|les deux|pas"),
    },
    "some": {
        "en": (r"some(?:times| of)?|several|certain|often|usually|generally|mostly|mainly|partly|in (?:some|many|most) cases|a number of", r"many|most|part|majority|various|numerous|few|frequently|occasionally|half|minority|at times|some\w*|tend\w*|among|one of|different|a|an|including|such as|most\w*|\d+"),
        "fr": (r"certaine?s?|quelques|plusieurs|la plupart|souvent|parfois|generalement|en general|principalement|en partie|quelquefois", r"nombreu\w+|beaucoup|nombre|partie|majori\w+|divers\w*|frequem\w*|moitie|minorite|quelqu\w*|parmi|l'un\w*|different\w*|des|une?|dont|notamment|plus|\d+"),
    },
    "must": {
        "en": (r"should|must|ought|needs? to|ha(?:s|ve) to|recommend\w*|calls? (?:for|on)", r"shall|need\w*|had to|(?:is|are|was|were) to|let|propos\w+|suggest\w*|call\w*|urg\w+|requir\w+|demand\w*|necess\w+|essential|indispensable|crucial|imperative|important|want\w*|would|wish\w*|plead\w*|advoca\w+|ask\w*|expect\w*|oblig\w+|vital|insist\w*|advis\w+|desirable|supposed|encourag\w+|can|could|will|may|might|key|invit\w+|deserv\w+|due"),
        "fr": (r"devrai\w+|doi(?:t|vent)|il (?:nous )?fau(?:t|drait)|recommand\w+|appellent? a|il convient", r"dev\w+|du|dues?|fau\w*|fallait|necess\w+|indispensab\w+|essentiel\w*|crucia\w+|imperati\w+|important\w*|propos\w+|sugger\w+|demand\w+|appel\w+|souhait\w+|voud\w+|veu\w+|voul\w+|exig\w+|requi\w+|plaid\w+|preconis\w+|prone\w*|invit\w+|conseill\w+|besoin\w*|tenus?|oblig\w+|primordia\w+|vita\w+|attend\w*|convien\w+|cens\w+|encourag\w+|incit\w+|peu(?:t|vent)|pourr\w+|\w+rai(?:t|ent)|merit\w+|cle|urgent\w*|gagn\w+|a \w+er|\w+ra|\w+ront"),
    },
    "may": {
        "en": (r"may(?! \d)|might|could|perhaps|maybe|possibly|probably|potentially|seems?|appears? to", r"can|would|possib\w+|probab\w+|likely|unlikely|potential\w*|appear\w*|seem\w*|tend\w*|risk\w*|if|whether|believ\w+|think\w*|thought|hop\w+|estimat\w+|suggest\w*|suppos\w+|apparent\w*|allow\w*|able|capab\w+|assum\w+|expect\w*|claim\w*|consider\w*|according|feels?|felt|plan\w*|aim\w*|intend\w*|unable|suspect\w*|alleged\w*|fear\w*|will|should|theor\w+|opportunit\w+|capacity|chance\w*|ability|propos\w+|need\w*|must|ought|recommend\w*|[a-z]+able"),
        "fr": (r"pourrai\w+|peut-etre|probablement|eventuellement|possiblement|semblent?|parait|risquent? de|il se peut|puissent?", r"peu\w+|pou(?:vai|rr)\w*|pouv\w+|pu|possib\w+|probab\w+|vraisembl\w+|potenti\w+|sembl\w+|parai\w+|apparai\w+|tend\w*|risqu\w+|si|s'il\w*|croi\w+|cru|pens\w+|esp\w+r\w*|estim\w+|suppos\w+|apparemment|perme\w+|capab\w+|capacite\w*|\w+rai(?:t|ent|s)|selon|consider\w+|juge\w*|envisag\w+|prevu\w*|vis\w+|incapab\w+|soupconn\w+|crai\w+|eventuel\w*|susceptib\w+|chance\w*|dev\w+|doi\w+|faut|faudr\w*|propos\w+|recommand\w+|besoin\w*|[a-z]+able"),
    },
}  # fmt: skip
_PLAINLY, _AT_ALL = (
    {
        code: {name: re.compile(rf"\b(?:{'|'.join(by[code][: 1 + loosely])})\b") for name, by in _FACETS.items()}
        for code in ("en", "fr")
    }
    for loosely in (False, True)
)


@dataclass(frozen=True)
class Polarity:
    """What a text says no to (openly, in other words), and which of "only", "all", "some", "must", "may" it says.

    `plainly` holds what it says in so many words, `at_all` also what its words may amount to.
    """

    negations: int
    weak: int
    plainly: frozenset[str] = frozenset()
    at_all: frozenset[str] = frozenset()

    def says_no_more_often(self, other: Polarity) -> bool:
        """Openly, and in all: "unable" may stand for « ne peut pas », but not for another "not" beside it."""
        return self.negations > other.negations and self.negations + self.weak > other.negations + other.weak


@lru_cache(maxsize=8192)
def polarity(text: str, language: str) -> Polarity:
    """What `text` says no to and how. "Not only" and the like are no negation; « ne … que » is "only"; « ne » alone mostly expletive."""
    code = "fr" if language == "fr" else "en"
    folded = _NO_NEGATION[code].sub(" ; ", flat(text))
    count, only = _french(folded) if code == "fr" else (_english(folded), False)
    also = frozenset({"only"} if only else ())
    return Polarity(
        negations=count,
        weak=len(_WEAK[code].findall(folded)),
        plainly=also | {name for name, words in _PLAINLY[code].items() if words.search(folded)},
        at_all=also | {name for name, words in _AT_ALL[code].items() if words.search(folded)},
    )


def _english(folded: str) -> int:
    found = _EN_NOT.findall(folded)
    again = found.count("nor") if len(found) > found.count("nor") else 0  # "neither … nor" is one negation
    return len(found) - again


_SANS_AUCUN = re.compile(r"\bsans (?:aucune?s?|nulle?s?|jamais|plus|rien)\b")
_FR_END = re.compile(r"[.;:!?]|\b(?:ne |n')(?!importe)")  # a « ne » begins a clause of its own
_REACH = 60  # characters within which the second half of « ne … pas » stands


def _french(folded: str) -> tuple[int, bool]:
    """(negations, whether it has a « ne … que »): each « ne » with its second half is one, then what negates without « ne »."""
    folded = _SANS_AUCUN.sub("sans ", folded)
    count, only = 0, False
    spans: list[tuple[int, int]] = []
    for match in _FR_NE.finditer(folded):
        clause = _FR_END.split(folded[match.end() : match.end() + _REACH])[0]
        second, que = _FR_SECOND.search(clause), _FR_QUE.search(clause.split(",")[0])
        before = folded[max(0, match.start() - 40) : match.start()]
        if second and second.group() == "plus" and _EXPLETIVE_AT.search(before):
            second = None  # « avant qu'ils n'abîment le cylindre, qui coûte plus cher »
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
