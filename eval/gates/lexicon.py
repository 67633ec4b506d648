"""Names that have an established form in each language, as keys: « Norvégiens », "Norwegian" and "Norway" are one.

From known_names.csv (names that are formed irregularly or translated), CLDR (territories, languages, cities) and the
discussion's glossary. A key says that two names may stand for each other, not that they mean the same.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from corpus.model import Text
from corpus.words import STOPWORDS, fold

Phrase = tuple[str, ...]
_TOKEN = re.compile(r"[^\W_]+")
_ELISION = re.compile(r"\b(?:l|d|qu|n|s|j|m|t|c)'")
_LEADING = frozenset(("the", "la", "le", "les", "l", "of", "de", "du", "des", "d"))

_STOPWORDS = frozenset(fold(word) for word in STOPWORDS) - {"us"}

# Months, weekdays, titles and what is capitalised by habit: never names. Stems of some would be too broad, so forms are listed.
NO_NAMES = frozenset(
    """
        january february march april may june july august september october november december monday tuesday wednesday
        thursday friday saturday sunday janvier fevrier mars avril mai juin juillet aout septembre octobre novembre
        decembre lundi mardi mercredi jeudi vendredi samedi dimanche i ms mr mrs miss dr prof professor sir madam m mme
        mlle mm pr me maitre monsieur madame docteur professeur eng ing ir rev hon reverend honorable ok no nos
        state states etat etats government governments gouvernement gouvernements internet ministry ministries minister ministere
        ministeres ministre ministres department departments departement departements national nationale nationaux nationales
        international internationale internationaux federal federale regional regionale regionaux local locale municipal
        municipale municipality municipalities municipalite commune communes district districts province provinces region regions county counties city cities town
        ville villes village villages university universities universite school schools ecole ecoles college institute institut institution
        institutions centre center centres centers association associations federation federations union unions organisation organisations organization
        organizations committee committees comite comites council councils conseil conseils commission commissions agency
        agencies agence agences authority authorities autorite autorites office bureau board fund funds fonds foundation
        fondation trust network networks reseau reseaux programme programmes program programs project projects projet projets plan plans
        strategy strategies strategie policy policies politique law laws loi lois act acts code decree decret constitution parliament parlement senate senat
        assembly assemblee president presidente presidency vice prime premier king queen roi reine prince emperor empereur
        director directeur directrice secretary secretaire general generale chair chairman member membre mayor maire
        parties party parti partis court courts cour tribunal police army armee bank banks banque banques company companies societe group groupe
        groups groupes forum conference congress congres summit sommet convention treaty traite charter charte agreement accord
        declaration report reports rapport rapports topic topics question questions sujet theme annex annexe article chapter chapitre table figure
        north south east west northern southern eastern western nord sud est ouest central centrale lower upper
        new nouveau nouvelle saint sainte st ste great grand grande river fleuve riviere lake lac mount mont sea mer ocean
        island islands ile iles gulf golfe valley vallee street rue avenue place square bay baie cape cap
        first second third premiere deuxieme troisieme world monde global mondial mondiale war guerre day journee week
        semaine year annee women femmes youth jeunes jeunesse children enfants health sante education water eau
        environment environnement development developpement agriculture agricultural agricole finance finances economy economie affairs affaires
        labour labor travail social sociale sociaux culture culturelle human humain rights droits civil society private
        prive public publique sector secteur service services cooperative cooperation partnership partenariat community
        communities communaute communautes contributor contributors contributeur contributeurs contributrice contributrices
        participant participants participante participantes respondent respondents one church eglise temple museum musee
        officer officers commissioner bachelor master arts prefecture presidential election elections anniversary business
        corporation alliance society chairperson delegate delegation
        battle bataille siege revolution empire republic republique kingdom royaume dynasty dynastie stadium stade airport
        aeroport hospital hopital hotel bridge pont tower tour park parc palace palais castle chateau house maison hall
        station gare road route club team equipe cup coupe league ligue championship championnat festival award prize prix
        order ordre knight duke duc duchess duchesse earl count comte baron captain capitaine colonel sergeant sheriff
        judge juge justice senator senateur mp mps deputy depute deputes elder ancien senior junior certificate memorial
        god dieu lord lady chief chef his her their mother father street phase step option level
        none nobody nothing everyone everybody someone somebody personne rien chacun chacune
        he she it we they you this that these those there here who what when where why how and or but if in on at by to of for from with as
        the a an any all some many most few several each every both other another such no not yes only
        il elle on nous vous ils elles je tu ce cela ca ces cette cet qui que quoi quand ou comment pourquoi et mais si en
        dans sur par pour avec sans sous de du des la le les un une au aux d l tout tous toute toutes certains certaines plusieurs chaque autre autres aucun aucune
    """.split()
)

_HEAD = 4  # letters a country's name must have to be known by its beginning
_ENDINGS = {
    "en": r"(?:n|an|ian|ean|ese|i|ish|er|ite)s?",
    "fr": r"(?:n|en|an|ien|een|ain|in|on)(?:ne?)?s?|(?:l?ais|ois)(?:es?)?|(?:it|ot)es?|al(?:e|es)?|eux|eennes?|iennes?|aines?|ines?",
}
_FR_LOWER = re.compile(
    r"(?:(?:l?ais|ois)(?:es?)?|(?:ien|een)(?:ne)?s?|(?:an)(?:e|es|s)?|(?:ain)(?:e|es|s)?|en(?:ne)?s?)"
)


@dataclass(frozen=True, eq=False)
class Lexicon:
    """Phrases (folded words) by their first word, longest first, with their key; `acronyms` are names in capitals only."""

    by_first: dict[str, list[tuple[Phrase, str]]]
    acronyms: frozenset[str]

    def find(self, words: Sequence[str], at: int, in_capitals: bool) -> tuple[int, str] | None:
        """(number of words, key) of the longest known name that stands at `at` in folded `words`.

        `in_capitals`: whether that word is written so; "who", « un » and « car » are no organisations.
        """
        for phrase, key in self.by_first.get(words[at], ()):
            if tuple(words[at : at + len(phrase)]) == phrase and (in_capitals or not self._only_in_capitals(phrase)):
                return len(phrase), key
        return None

    def _only_in_capitals(self, phrase: Phrase) -> bool:
        return len(phrase) == 1 and (phrase[0] in self.acronyms or phrase[0] in _STOPWORDS)


def lexicon(glossary: Sequence[Text] = ()) -> Lexicon:
    """The names known everywhere and those of a glossary."""
    return _lexicon(tuple(glossary))


@lru_cache(maxsize=16)
def _lexicon(glossary: tuple[Text, ...]) -> Lexicon:
    names: dict[Phrase, str] = {}
    for i, term in enumerate(glossary):
        for text in (term.en, term.fr):
            for form in _forms(text or ""):
                names.setdefault(as_phrase(form), f"glossary:{i}")
    for phrase, key in _everywhere().items():
        names.setdefault(phrase, key)
    by_first: dict[str, list[tuple[Phrase, str]]] = {}
    for phrase, key in sorted(names.items(), key=lambda item: (-len(item[0]), item[0])):
        by_first.setdefault(phrase[0], []).append((phrase, key))
    written = [form for term in glossary for text in (term.en, term.fr) for form in _forms(text or "")]
    acronyms = frozenset(fold(form) for form in [*written, *_table_forms()] if form.isupper() and form.isalnum())
    return Lexicon(by_first, acronyms)


def _table_forms() -> Iterable[str]:
    return (form for english, french in _table() for form in (*english, *french))


def _forms(term: str) -> list[str]:
    """ "World Health Organization (WHO)" is known by its name and by its letters."""
    inside = re.findall(r"\(([^)]+)\)", term)
    outside = re.sub(r"\s*\([^)]*\)", "", term)
    return [form for form in (*re.split(r"\s*[|/;]\s*", outside), *inside) if as_phrase(form)]


def as_phrase(name: str) -> Phrase:
    """Folded words of a name without the article before it."""
    words = _TOKEN.findall(_ELISION.sub(" ", fold(name)))
    while len(words) > 1 and words[0] in _LEADING:
        words = words[1:]
    return tuple(words)


@lru_cache(maxsize=1)
def _table() -> list[tuple[list[str], list[str]]]:
    """The rows of known_names.csv: forms in English, forms in French."""
    rows = csv.DictReader(files("eval.gates").joinpath("known_names.csv").read_text("utf-8").splitlines())
    return [(row["en"].split("|"), row["fr"].split("|")) for row in rows]


@lru_cache(maxsize=1)
def _everywhere() -> dict[Phrase, str]:
    """Phrase → key for the names of the table and of CLDR; the table goes first."""
    names: dict[Phrase, str] = {}
    for english, french in _table():
        key = english[0].lower()
        for form in [
            *english,
            *(f"{e}s" for e in english if e.endswith(("an", "i"))),
            *french,
            *(inflected for name in french for inflected in _inflected(name)),
        ]:
            names.setdefault(as_phrase(form), key)
    for key, forms in _cldr():
        known = next((names[as_phrase(form)] for form in forms if as_phrase(form) in names), key)
        for form in forms:
            names.setdefault(as_phrase(form), known)
    return {phrase: key for phrase, key in names.items() if phrase}


def _inflected(name: str) -> Iterable[str]:
    """Feminine and plural of a French adjective: norvégien → norvégienne, norvégiens, norvégiennes."""
    if name[0].isupper():
        return []
    double = {"en": "ne", "an": "e", "on": "ne"}.get(name[-2:], "e")
    feminine = name if name.endswith("e") else {"c": name[:-1] + "que", "f": name[:-1] + "ve"}.get(name[-1], name + double)  # fmt: skip
    masculine = name if name.endswith(("s", "x")) else f"{name}s"
    return (feminine, f"{feminine}s", masculine)


def _cldr() -> Iterable[tuple[str, list[str]]]:
    """(key, names) of territories, cities of time zones and languages in English and French."""
    from babel import Locale

    en, fr = Locale("en"), Locale("fr")
    for code in en.territories:
        if code != "001" and code in fr.territories:
            names = [en.territories[code], fr.territories[code]]
            yield f"territory:{code}", [form for name in names for form in (name, re.sub(r"\s*[([].*", "", name))]
    for zone, name in fr.time_zones.items():
        if "city" in name:
            english = en.time_zones.get(zone, {}).get("city") or zone.rsplit("/", 1)[-1].replace("_", " ")
            yield f"city:{zone}", [english, name["city"]]
    for code in en.languages:
        if code in fr.languages and len(en.languages[code]) > 3 and len(fr.languages[code]) > 3:
            yield f"language:{code}", [en.languages[code], fr.languages[code]]


@lru_cache(maxsize=1)
def _stems_of_territories() -> dict[str, list[tuple[str, str]]]:
    """(stem, key) of the one-word names of countries by their first letters, longer ones first: « kényans » begins with one."""
    from babel import Locale

    found: dict[str, str] = {}
    known = _everywhere()
    for code in map(str, Locale("en").territories):
        for locale in ("en", "fr"):
            phrase = as_phrase(Locale(locale).territories.get(code, ""))
            if len(phrase) == 1 and len(code) == 2:
                stems = {phrase[0], phrase[0].rstrip("aeiouy")}
                found |= {
                    s: known.get(phrase, f"territory:{code}") for s in stems if len(s) >= _HEAD and s not in found
                }
    by_head: dict[str, list[tuple[str, str]]] = {}
    for stem, key in sorted(found.items(), key=lambda item: -len(item[0])):
        by_head.setdefault(stem[:_HEAD], []).append((stem, key))
    return by_head


@lru_cache(maxsize=16384)
def inhabitant(word: str, lower_case: bool) -> str | None:
    """Key of the country whose people or things a folded word names: "senegalese", « kenyanes ».

    `lower_case`: a French adjective that is written small; fewer endings count then (« malin » is nobody from Mali).
    """
    for stem, key in _stems_of_territories().get(word[:_HEAD], ()):
        if word.startswith(stem) and len(word) > len(stem):
            ending = word[len(stem) :]
            patterns = [_FR_LOWER.pattern] if lower_case else list(_ENDINGS.values())
            if any(re.fullmatch(pattern, ending) for pattern in patterns):
                return key
    return None
