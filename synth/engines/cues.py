"""Words by which English and French practitioners mark a proposal, a finding, a problem, a disagreement, an example.

Patterns are matched on folded text (lower case, no accents). They say what kind of sentence it is and help to rank it;
they decide nothing alone.
"""

from __future__ import annotations

import re

from corpus.model import Kind
from corpus.words import content_words, fold, words

PROPOSAL = re.compile(
    r"\b(?:should|ought to|must be|(?<!and )(?<!they )needs? to|ha(?:s|ve) to be|(?:i|we) (?:would |strongly )?(?:recommend|propose|suggest)|(?:my|our) proposal|call(?:s|ing)? (?:on|for)|let the|"
    r"(?:it is|is also|are also) (?:very |also |therefore )?(?:important|essential|crucial|necessary|vital|paramount)|could (?:help|play)|can start by|(?:might|would) rather (?:pay|have)|"
    r"refus(?:e|ing) to finance|should rely|there is a need|in search of a|please read|"
    r"il (?:nous )?fau(?:t|drait)|doi(?:t|vent) etre|devr(?:ait|aient|ions|ons)|il (?:est|serait) (?:\w+ ){0,2}(?:important|necessaire|indispensable|crucial|"
    r"essentiel|fondamental|souhaitable|temps)|nous (?:demandons|proposons|recommandons|souhaitons|suggerons)|je (?:propose|souhaite|recommande|demande|suggere)|"
    r"recommand(?:ons|ent)|peuvent (?:promouvoir|jouer)|que l'etat|ce que nous proposons|doivent?(?= d'abord etre| pouvoir)|"
    r"reserver \d)\b"
    r"|^(?:la creation d|creer|developper|mettre en place|renforcer|supporting|launch(?:ing)?|adopt(?:ing)?|developing|developping|unifying|establish(?:ing)?)\b"
)
FIGURE = re.compile(
    r"\d[\d .,]{0,20}\s?(?:%|per ?cent|pour cent|€|\$|litres?|km\b|m\b|francs?|f ?cfa|million|milliard|billion|days|jours|years|ans\b|months|mois|schemes|menages|households)"
    r"|(?:€|us\$|\$|[a-z]{3}) ?\d|\b\d{2,}\b"
)
OPENLY_DISSENTS = re.compile(
    r"\b(?:(?:do not|don't|cannot) agree with|disagree with|part company|pas (?:du tout )?d'accord avec)\b"
)
CHANGE = re.compile(
    r"\b(?:fell|rose|dropped|came down|went (?:up|down)|increas\w*|decreas\w*|reduc\w*|improv\w*|grew|doubl\w*|halv\w*|led to|result\w*|"
    r"baiss\w*|augment\w*|passee?s? de|diminu\w*|recul\w*|descendue?s?|moindres?|chut\w*|a permis|ont permis|abouti\w*)\b"
)
PROBLEM = re.compile(
    r"\b(?:lack\w*|difficult\w*|obstacles?|challeng\w*|barriers?|problems?|fail\w*|cannot|can't|limited|unable|insufficient|scarce|weak\w*|risks?|danger\w*|"
    r"vulnerable|mistrust|suspicion|constraints?|bureaucra\w*|manqu\w*|difficultes?|defis?|freins?|echou\w*|echecs?|problemes?|insuffisan\w*|faibl\w*|"
    r"absence|inexisten\w*|confrontee?s?|sous-exploit\w*|penurie)\b"
)
CONTRAST = re.compile(
    r"\b(?:however|rather than|instead of|contrary|not only|although|whereas|disagree\w*|part company|do not believe|on the other hand|yet|"
    r"toutefois|cependant|plutot que|au lieu d|contrairement|ne suffit|pas d'accord|et non|neanmoins|pourtant|en revanche|par contre|d'autre part)\b"
)
DISSENT = re.compile(
    r"\b(?:(?:do not|don't|does not|cannot) (?:agree|believe|find|share)|nor would i|disagree\w*|part company|contrary to|unlike|not (?:convinced|sure that)|dangerous idea|"
    r"sorry to (?:say|see)|what is wrong with|is (?:false|wrong)|should not be (?:on )?|rather than|instead of|conventional belief|"
    r"(?:ne (?:suis|sommes) pas|pas) (?:du tout )?d'accord|contrairement a|est fausse?|a echoue|a tort|n'est pas le cas|plutot que|au lieu d|et non pas|"
    r"nous avons renonce|avec tout le respect|on nous dit)\b"
)
EXAMPLE = re.compile(
    r"\b(?:for example|for instance|an example|good practice|par exemple|un exemple|exemple concret|tels? que|telles? que|such as)\b"
)
NEGATION = re.compile(r"\b(?:not|no|never|nor|without|ne|n'|pas|sans|aucun\w*|ni)\b")
EMPHASIS = re.compile(
    r"\b(?:most|main|major|crucial|key|only|never|always|above all|first|core|especially|critical|essential|avant tout|seul\w*|jamais|surtout|principal\w*|"
    r"tou(?:t|s|tes)|premi\w+|majorite|plus (?:de|que))\b"
)
MODAL = re.compile(r"\b(?:can|could|may|might|would|will|peut|peuvent|pourrait|permet\w*)\b")
ACTOR = re.compile(
    r"\b(?:governments?|authorit\w+|state|municipal\w*|donors?|private sector|civil society|associations?|migrants?|diaspora\w*|returnees|institutions?|banks?|users?|"
    r"committees?|communes?|operat\w+|households?|companies|employers?|schools?|teachers?|farmers?|patients?|"
    r"gouvernement\w*|autorites?|collectivites?|etat|bailleurs|prive|usagers?|comites?|villages?|exploitants?|menages|entreprises?|ecoles?|enseignants?|agriculteurs?)\b"
)
TALK = re.compile(  # about the writer, the discussion or the greeting: nothing a reply reports
    r"\b(?:i am (?:an?|the)\b|i have been|my name|i would like to|i'd like|we would like to|thank\w*|merci|pardon|apolog\w*|je suis (?:un|une|technicien\w*|president\w*)|"
    r"je m'appelle|voudrais? (?:partager|apporter|ajouter)|souhaiterais partager|facilitat\w*|e-?discussion|discussion en ligne|ma contribution|my contribution|"
    r"i take these|questions ci-dessous|questions below|tend to agree|agree with this|il faut bien l'avouer|i should add|whoever asks|the spreadsheet|je lis dans|i read the message|in the framework of the current|have been asked|on me demande|"
    r"this contribution|looking forward|look forward|the report is available|je me baserai|as (?:we|i) have mentioned|we have mentioned|partager avec vous|share with you)\b"
)
SAID_OF_OTHERS = re.compile(
    r"\b(?:one (?:would|might|could) (?:think|expect)|you (?:would|might) think|it is (?:often|sometimes) (?:said|argued|claimed)|some (?:people )?(?:say|argue|claim)|"
    r"on (?:pourrait|aurait pu) (?:penser|croire)|on (?:nous )?dit (?:souvent )?que|d'aucuns|certains (?:disent|pretendent))\b"
)
DEPENDENT = re.compile(  # opens with a word that points at an earlier sentence
    r"^(?:this|these|those|that|it|they|he|she|his|her|their|its|such|here|there|both|ce|cela|ceci|ces|cette|cet|il(?! (?:faut|est|serait|y a|existe|convient))|ils|elle|elles|"
    r"leurs?|celui|celle|ceux|on|y)\b"
)


# What a cue adds to a sentence's weight. Chosen on both discussions with gold key points (docs/eval.md), rounded; a weight
# twice or half as large moves recall by less than the two discussions differ.
_WEIGHTS = [
    (PROPOSAL, 0.7),
    (DISSENT, 0.5),
    (CONTRAST, 0.3),
    (NEGATION, 0.4),
    (ACTOR, 0.55),
    (CHANGE, 0.35),
    (EMPHASIS, 0.2),
    (MODAL, 0.15),
    (FIGURE, 0.2),
    (TALK, -0.9),
    (DEPENDENT, -1.0),
]


def weight(text: str) -> float:
    """How much the words of a sentence promise a point: higher is more."""
    folded = fold(text)
    return sum(value for pattern, value in _WEIGHTS if pattern.search(folded))


def kind_of(text: str) -> Kind:
    """What a sentence is, by its words: the first that fits of recommendation, challenge, example; else a finding."""
    folded = re.sub(r"^\W*(?:\d{1,2}[.)]\s*)?", "", fold(text))
    if OPENLY_DISSENTS.search(folded):
        return "disagreement"
    if PROPOSAL.search(folded):
        return "recommendation"
    if PROBLEM.search(folded) and not CHANGE.search(folded):
        return "challenge"
    if EXAMPLE.search(folded) or re.search(r"\b(?:in|en|since|depuis) (?:19|20)\d\d\b", folded):
        return "example"
    return "finding"


def dissents(text: str) -> bool:
    """Whether the sentence marks itself as contradicting something."""
    return bool(DISSENT.search(fold(text)))


def makes_a_point(text: str) -> bool:
    """Whether a sentence proposes, reports a change or a problem, or dissents: more than who somebody is or was."""
    folded = fold(text)
    return any(pattern.search(folded) for pattern in (PROPOSAL, CHANGE, PROBLEM, DISSENT))


def negates(text: str) -> bool:
    """Whether it says no to something: two sentences of which one does so never say the same, however alike they are."""
    folded = fold(text)
    return bool(NEGATION.search(folded) or DISSENT.search(folded))


def is_said_of_others(text: str) -> bool:
    """Put up only to be knocked down ("one would think …"), or reported as what people say: not the writer's view."""
    return bool(SAID_OF_OTHERS.search(fold(text)))


def is_talk(text: str) -> bool:
    """Greetings, self-presentation and talk about the discussion itself."""
    return bool(TALK.search(fold(text)))


def is_question(text: str) -> bool:
    """Whether it asks rather than states."""
    return text.rstrip('”"» \u00a0)').endswith("?")


def long_enough(text: str) -> bool:
    """Too few words carry no point that could be understood alone: eight, of which four mean something."""
    return len(words(text)) >= 8 and len(content_words(text)) >= 4
