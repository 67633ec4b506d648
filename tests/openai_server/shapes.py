"""Sentences in both languages from what can be carried over: who says it, concepts, figures, whether it is negated.

A shape is a pair of templates that say the same. `{A:de}` is French « de » with the article drawn in, `{A:a}` « à ».
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from tests.openai_server.figures import Figure
from tests.openai_server.lexicon import NOTHING_KNOWN, Concept, typographic

Shape = tuple[str, str]

_ONE = {
    "finding": [
        ("{who} reports on {A} and on what it means for {B}", "{who} rend compte {A:de} et de ce que cela signifie pour {B}"),
        ("{who} describes {A} in connection with {B}", "{who} décrit {A} en lien avec {B}"),
        ("{who} has seen how {A} can go together with {B}", "{who} a vu comment on peut réunir {A} et {B}"),
        ("{who} gives an account of {A} as it bears on {B}", "{who} expose la situation {A:de} par rapport {B:a}"),
        ("{who} observes what happens to {A} with regard to {B}", "{who} observe ce qu'il advient {A:de} à l'égard {B:de}"),
        ("{who} tells of the experience that was made with {A} and with {B}", "{who} raconte l'expérience qui a été faite avec {A} et avec {B}"),
        ("{who} notes that {A} and {B} belong to the same matter", "{who} note que {A} et {B} relèvent de la même question"),
        ("{who} sets out the place of {A} in relation to {B}", "{who} précise la place {A:de} par rapport {B:a}"),
        ("what {who} reports is about {A} and the way in which it touches {B}", "ce que rapporte {who} concerne {A} et la façon dont cela touche {B}"),
        ("according to {who}, {A} can be understood from the side of {B}", "selon {who}, on peut comprendre {A} à partir {B:de}"),
        ("it is {who} who speaks of {A} and of the part of {B} in it", "c'est {who} qui parle {A:de} et du rôle {B:de} dans ce domaine"),
        ("as {who} sees it, the question of {A} is also one of {B}", "pour {who}, la question {A:de} est aussi celle {B:de}"),
    ],
    "challenge": [
        ("{who} points to a difficulty with {A} that also affects {B}", "{who} signale une difficulté liée {A:a} qui touche aussi {B}"),
        ("{who} warns of the problems that come from {A} for {B}", "{who} met en garde contre les problèmes qui viennent {A:de} pour {B}"),
        ("{who} calls the state of {A} a difficulty for {B}", "{who} voit dans l'état {A:de} une difficulté pour {B}"),
        ("what worries {who} is the situation of {A} and of {B}", "ce qui inquiète {who} est la situation {A:de} et {B:de}"),
        ("{who} describes how hard it is to bring {A} and {B} together", "{who} décrit combien il est difficile de concilier {A} et {B}"),
        ("for {who}, {A} and {B} are among the things that remain difficult", "pour {who}, {A} et {B} font partie de ce qui reste difficile"),
        ("{who} regards {A} as a weak point in dealing with {B}", "{who} considère {A} comme un point faible au regard {B:de}"),
        ("the trouble that {who} reports lies with {A} and its effect on {B}", "l'ennui que rapporte {who} tient {A:a} et à l'effet sur {B}"),
    ],
    "example": [
        ("{who} gives the example of {A} and of what was done with {B}", "{who} donne l'exemple {A:de} et de ce qui a été fait avec {B}"),
        ("{who} cites a case in which {A} and {B} were involved", "{who} cite un cas dans lequel {A} et {B} étaient en jeu"),
        ("{who} recalls what was done about {A} and about {B}", "{who} rappelle ce qui a été fait au sujet {A:de} et {B:de}"),
        ("the case that {who} tells is one of {A} and of {B}", "le cas que raconte {who} concerne {A} et {B}"),
        ("an example from {who} shows {A} beside {B}", "un exemple donné par {who} montre {A} à côté {B:de}"),
        ("{who} illustrates {A} with a case that concerns {B}", "{who} illustre {A} par un cas qui concerne {B}"),
        ("in the case that {who} knows, {A} came together with {B}", "dans le cas que connaît {who}, on trouve {A} avec {B}"),
    ],
    "recommendation": [
        ("{who} recommends that {A} should be dealt with together with {B}", "{who} recommande de traiter {A} en même temps que {B}"),
        ("{who} asks that those in charge of {A} should also look at {B}", "{who} demande que les responsables {A:de} s'occupent aussi {B:de}"),
        ("{who} proposes that the work on {A} should include {B}", "{who} propose que le travail sur {A} comprenne aussi {B}"),
        ("{who} holds that {A} should be arranged with a view to {B}", "{who} estime qu'il faudrait organiser {A} en pensant {B:a}"),
        ("{who} suggests that attention should go to {A} as part of {B}", "{who} suggère d'accorder de l'attention {A:a} dans le cadre {B:de}"),
        ("for {who}, something should be done about {A} in favour of {B}", "pour {who}, il faudrait agir sur {A} en faveur {B:de}"),
        ("it should be possible, {who} says, to link {A} with {B}", "il devrait être possible, dit {who}, de relier {A} et {B}"),
        ("{who} would like {A} to be taken up along with {B}", "{who} souhaite que l'on reprenne {A} en même temps que {B}"),
    ],
}  # fmt: skip
_ONE_NEGATED = [
    ("{who} describes what does not work between {A} and {B}", "{who} décrit ce qui ne fonctionne pas entre {A} et {B}"),
    ("{who} has not come to count on {A} for {B}", "{who} n'a pas pris l'habitude de compter sur {A} pour {B}"),
    ("{who} reports that the point is not settled for {A} and for {B}", "{who} signale que la question n'est pas réglée pour {A} et pour {B}"),
    ("what does not hold, according to {who}, concerns {A} and {B}", "ce qui ne tient pas, selon {who}, concerne {A} et {B}"),
    ("{who} does not see {A} and {B} in the usual way", "{who} ne voit pas {A} et {B} de la manière habituelle"),
    ("for {who}, it is not enough to speak of {A} in a debate on {B}", "pour {who}, il ne suffit pas de parler {A:de} dans un débat sur {B}"),
    ("{who} tells what was not obtained with {A} and with {B}", "{who} raconte ce qui n'a pas été obtenu avec {A} et avec {B}"),
    ("{who} has not found what was hoped for from {A} and from {B}", "{who} n'a pas trouvé ce qui était espéré {A:de} et {B:de}"),
]  # fmt: skip
_PROPOSED_NEGATED = [
    ("{who} recommends what should not be done about {A} and {B}", "{who} recommande ce qu'il ne faudrait pas faire au sujet {A:de} et {B:de}"),
    ("{who} proposes that {A} should not be separated from {B}", "{who} propose de ne pas séparer {A} et {B}"),
    ("{who} asks that {A} should not be left out of the work on {B}", "{who} demande de ne pas oublier {A} dans le travail sur {B}"),
    ("for {who}, one should not treat {A} in the manner of {B}", "pour {who}, il ne faudrait pas traiter {A} à la manière {B:de}"),
    ("{who} holds that one should not make {A} depend on {B}", "{who} estime qu'il ne faudrait pas lier {A} {B:a}"),
]  # fmt: skip
_TWO = [
    ("{who} speaks of {A} with {B} in mind, and {other} does so from the side of {C}", "{who} parle {A:de} en pensant {B:a}, et {other} le fait du côté {C:de}"),
    ("like {other}, {who} brings up {A}, together with {B} and with {C}", "comme {other}, {who} évoque {A}, avec {B} et avec {C}"),
    ("{who} and {other} both mention {A}, the former with {B} and the latter with {C}", "{who} et {other} mentionnent {A}, avec {B} d'un côté et avec {C} de l'autre"),
    ("what {who} reports of {A} and of {B} is found again with {other}, beside {C}", "ce que rapporte {who} au sujet {A:de} et {B:de} se retrouve chez {other}, à côté {C:de}"),
    ("{who} and {other} have the question of {A} in common, for {B} as well as for {C}", "{who} et {other} ont en commun la question {A:de}, pour {B} comme pour {C}"),
]  # fmt: skip
_TWO_PROPOSED = [
    ("{who} and {other} ask that {A} should be taken up, with {B} and with {C}", "{who} et {other} demandent que l'on reprenne {A}, avec {B} et avec {C}"),
    ("like {other}, {who} proposes that {A} should be joined to {B} and to {C}", "comme {other}, {who} propose de relier {A} {B:a} et {C:a}"),
    ("for {who}, as for {other}, there should be work on {A}, on {B} and on {C}", "pour {who}, comme pour {other}, il faudrait travailler sur {A}, sur {B} et sur {C}"),
]  # fmt: skip
_AGAINST = [
    ("on {A}, {who} and {other} do not see things alike, the one speaking of {B} and the other of {C}", "sur {A}, {who} et {other} ne voient pas les choses de la même façon, l'un parlant {B:de} et l'autre {C:de}"),
    ("{who} speaks up for {A} in connection with {B}, but {other} does not share the view and points to {C}", "{who} défend {A} en lien avec {B}, mais {other} ne partage pas cet avis et renvoie {C:a}"),
    ("{other} does not agree with {who} about {A}, and sets {C} against {B}", "{other} n'est pas d'accord avec {who} au sujet {A:de}, et oppose {C} {B:a}"),
    ("{who} and {other} do not draw the same lesson about {A}: {B} for the former, {C} for the latter", "{who} et {other} ne tirent pas la même leçon au sujet {A:de} : {B} pour l'un, {C} pour l'autre"),
]  # fmt: skip
_JOINED = [
    ("contributions speak of {A} and of {B}, and of the way in which they belong to the matter", "des contributions parlent {A:de} et {B:de}, et de la façon dont cela relève du sujet"),
    ("there are accounts of {A} that also concern {B} and with the question asked", "il existe des récits au sujet {A:de} qui se rapportent aussi {B:a} et à la question posée"),
    ("practitioners bring {A} and {B} together in what they have to say on the question", "des praticiens rapprochent {A} et {B} dans ce qu'ils ont à dire sur la question"),
]  # fmt: skip
_JOINED_NEGATED = [
    ("contributions describe what does not work with {A} and with {B} in the experience of the writers", "des contributions décrivent ce qui ne fonctionne pas avec {A} et avec {B} selon l'expérience de leurs auteurs"),
    ("there are accounts of what was not achieved with {A} and with {B} in practice", "il existe des récits de ce qui n'a pas été obtenu avec {A} et avec {B} dans la pratique"),
]  # fmt: skip
_ACTIONS = [
    ("work on {A} together with {B} and with those who are concerned by it", "travailler sur {A} en même temps que sur {B} et avec les personnes concernées"),
    ("take up {A} along with {B} in the next plans that are made", "reprendre {A} en même temps que {B} dans les prochains plans"),
    ("arrange {A} with a view to {B} and keep to what was agreed", "organiser {A} en pensant {B:a} et tenir ce qui a été convenu"),
    ("link {A} with {B} where the conditions for it are given", "relier {A} et {B} là où les conditions en sont réunies"),
]  # fmt: skip
_ACTIONS_NEGATED = [
    ("do not separate {A} from {B} in the plans that are to be made", "ne pas séparer {A} et {B} dans les plans à venir"),
    ("do not leave {A} out of the work that is done on {B}", "ne pas oublier {A} dans le travail qui est fait sur {B}"),
]  # fmt: skip
_LEADS = [
    ("on the subject of {X}, ", "au sujet {X:de}, "),
    ("when it comes to {X}, ", "quand il s'agit {X:de}, "),
    ("in a passage on {X}, ", "dans un passage sur {X}, "),
    ("from the point of view of {X}, ", "du point de vue {X:de}, "),
    ("with respect to {X}, ", "pour ce qui est {X:de}, "),
    ("in the discussion of {X}, ", "dans la discussion sur {X}, "),
]
_TAILS = [
    (", also with {X} in mind", ", en pensant aussi {X:a}"),
    (", with {X} as a further point", ", avec {X} comme autre point"),
    (" in a setting that includes {X}", " dans un contexte qui comprend {X}"),
    (" within the wider question of {X}", " dans la question plus large {X:de}"),
    (", to which {X} can be added", ", à quoi on peut ajouter {X}"),
    (" on the occasion of a point about {X}", " à l'occasion d'un point sur {X}"),
]
_FIGURES = [
    (", with the figure{s} {n}", ", avec {le} chiffre{s} {n}"),
    (", where the figure{s} given {is} {n}", ", où {le} chiffre{s} donné{s} {est} {n}"),
    (" (figure{s}: {n})", " (chiffre{s} : {n})"),
    (", and the figure{s} for it {is} {n}", ", et {le} chiffre{s} à ce sujet {est} {n}"),
]
_YEARS = [(" for the year{s} {y}", " pour {le} {annee} {y}"), (" (year{s} {y})", " ({annee} {y})")]
_FILL = [
    (", as far as the contribution goes into it", ", pour autant que la contribution en parle"),
    (" in the part of the work that is told here", " dans la partie du travail qui est racontée ici"),
    (" in the contribution that was sent to the discussion", " dans la contribution envoyée à la discussion"),
]
_HEDGES = [
    (", as may well be", ", comme cela peut arriver"),
    (", which may be so in other places", ", ce qui peut être vrai ailleurs"),
    (", or so it may be", ", ou cela peut être ainsi"),
    (", which might be looked at again", ", ce qui pourrait être revu"),
]
LEAST, MOST = 14, 25  # words of a sentence


@dataclass(frozen=True)
class Content:
    """What a sentence has to say. `other`: who else, for a sentence of two sources ("": somebody without a name).

    `fr_figures` and `fr_negated`: where French is to say otherwise.
    """

    kind: str
    who: str
    concepts: tuple[Concept, ...]
    figures: tuple[Figure, ...] = ()
    negated: bool = False
    hedged: bool = False
    other: str | None = None
    fr_figures: tuple[Figure, ...] | None = None
    fr_negated: bool | None = None
    joined: bool = False
    action: bool = False


def sentence(content: Content, chance: random.Random) -> tuple[str, str]:
    """The content in English and in French. Of several tries the first of 14 to 25 words; deterministic in `chance`."""
    best: tuple[str, str] = ("", "")
    for attempt in range(12):
        pair = _try(content, chance, attempt)
        size = len((pair[0].replace(content.who, "X") if content.who else pair[0]).split())
        if LEAST <= size <= MOST:
            return pair
        if not best[0] or abs(size - 20) < abs(len(best[0].split()) - 20):
            best = pair
    return best


def _try(content: Content, chance: random.Random, attempt: int) -> tuple[str, str]:
    concepts = list(content.concepts)
    while len(concepts) < 3:
        concepts.append(NOTHING_KNOWN)
    core = list(_core(content, chance))
    used = 3 if content.other is not None else 2
    extra = [c for c in concepts[used:] if c != NOTHING_KNOWN]
    if extra and not content.joined and not content.action:
        core = _with_more(core, extra[attempt % len(extra)], chance)
    elif attempt % 3 == 2 and content.other is None:
        core = [part + fill for part, fill in zip(core, chance.choice(_FILL), strict=True)]
    if content.hedged:
        core = [part + hedge for part, hedge in zip(core, chance.choice(_HEDGES), strict=True)]
    pair = []
    tails = _figure_tails(content, chance)
    for language, template, tail in zip(("en", "fr"), core, tails, strict=True):
        pair.append(_filled(template, content, concepts, language) + tail)
    return _finished(pair[0]), _finished(pair[1]).replace(" :", "\u00a0:")


def _core(content: Content, chance: random.Random) -> Shape:
    """A shape for the content; where French is told to say the opposite, each language has its own."""
    first = chance.choice(_shapes(content))
    if content.fr_negated is None or content.fr_negated == content.negated:
        return first
    opposite = chance.choice(_shapes(replace(content, negated=content.fr_negated)))
    return first[0], opposite[1]


def _shapes(content: Content) -> list[Shape]:
    no, proposed = content.negated, content.kind == "recommendation"
    if content.action:
        return _ACTIONS_NEGATED if no else _ACTIONS
    if content.joined:
        return _JOINED_NEGATED if no else _JOINED
    if content.kind == "disagreement":
        return _AGAINST
    if content.other is not None:
        return _TWO_PROPOSED if proposed else _TWO
    if no:
        return _PROPOSED_NEGATED if proposed else _ONE_NEGATED
    return _ONE[content.kind]


def _with_more(core: list[str], concept: Concept, chance: random.Random) -> list[str]:
    """The core with a further concept before or behind it."""
    lead = chance.random() < 0.5
    shape = chance.choice(_LEADS if lead else _TAILS)
    more = [_spelled(part, {"X": concept}, language) for part, language in zip(shape, ("en", "fr"), strict=True)]
    return [m + part if lead else part + m for m, part in zip(more, core, strict=True)]


def _filled(template: str, content: Content, concepts: list[Concept], language: str) -> str:
    nameless = {"en": ("one contributor", "another contributor"), "fr": ("un contributeur", "un autre contributeur")}
    text = _spelled(template, dict(zip("ABC", concepts, strict=False)), language)
    text = text.replace("{who}", content.who or nameless[language][0])
    return text.replace("{other}", content.other or nameless[language][1])


def _spelled(template: str, concepts: dict[str, Concept], language: str) -> str:
    for letter, c in concepts.items():
        template = template.replace(f"{{{letter}:de}}", c.fr_de).replace(f"{{{letter}:a}}", c.fr_a)
        template = template.replace(f"{{{letter}}}", c.en if language == "en" else c.fr)
    return template


def _figure_tails(content: Content, chance: random.Random) -> tuple[str, str]:
    """What follows with the figures, in both languages of the same shape."""
    shape, year_shape = chance.choice(_FIGURES), chance.choice(_YEARS)
    fr_figures = content.figures if content.fr_figures is None else content.fr_figures
    found = []
    for language, shown in (("en", content.figures), ("fr", fr_figures)):
        at = 0 if language == "en" else 1
        counts, years = sorted((f for f in shown if not f.is_year), key=_shares_first), [f for f in shown if f.is_year]
        tail = _one_tail(year_shape[at], [getattr(f, language)() for f in years], language) if years else ""
        tail += _one_tail(shape[at], [getattr(f, language)() for f in counts], language) if counts else ""
        found.append(tail)
    return found[0], found[1]


def _shares_first(figure: Figure) -> int:
    """In "800 and 41%" or "800 and 1 million" the first number might be read as of the second's kind."""
    return 0 if figure.share else 1 if figure.scale else 2


def _one_tail(template: str, written: list[str], language: str) -> str:
    many = len(written) > 1
    last = " and " if language == "en" else " et "
    text = last.join(filter(None, [", ".join(written[:-1]), written[-1]]))
    year = "année" if not many else "années"
    article = "l'" if "{annee}" in template and not many else ("les" if many else "le")
    template = template.replace("{le} {annee}", f"{article}{year}" if article == "l'" else f"{article} {year}")
    for name, value in {
        "annee": year, "le": article, "s": "s" if many else "", "is": "are" if many else "is",
        "est": "sont" if many else "est", "n": text, "y": text,
    }.items():  # fmt: skip
        template = template.replace(f"{{{name}}}", value)
    return template


def _finished(text: str) -> str:
    return typographic(text[:1].upper() + text[1:]) + "."
