"""What each piece of a message is: a greeting, a quoted question, the contributor's text, a signature, references …

One pass over the units of a text (see `corpus.sentences`). The same pass serves a digest, in which it also says where a
new contribution begins, and a single body, in which it says what are the contributor's own words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import zip_longest
from typing import Literal

from corpus.language import detect
from corpus.model import Discussion
from corpus.quoted import Known, Quoted, find_quoted, is_topic_heading, known_questions
from corpus.sentences import units
from corpus.words import words

BlockKind = Literal["header", "salutation", "heading", "question", "text", "signoff", "signature", "references"]

_ADDRESSEE = r"[^.?!;:\n]{0,60}"
_SALUTATION = re.compile(
    rf"(?:dear|hello|hi|hey|greetings(?: from [\w ]+)?|good (?:morning|afternoon|evening|day)|to all|chers?|ch[eè]re?s?|bonjour|bonsoir|salut|"
    rf"mesdames|messieurs|madame|monsieur|salutations à)(?![\w’'-]){_ADDRESSEE}(?:[,:!.–-]|$)",
    re.IGNORECASE,
)
_CLOSING = "|".join(
    [
        r"thanking you\b[^.]*",
        r"with (?:my |our )?(?:very )?(?:best|warm|kind)(?:est)? [a-z ]{0,40}(?:regards|wishes|compliments)[^.]*",
        r"(?:with |my |our )*(?:very )?(?:best|kind|kindest|warm|warmest|many)?[ ]?(?:personal )?regards",
        r"(?:with )?(?:my |our )?best wishes|(?:all (?:the|my) )?best|cheers|in solidarity|cordially|respectfully(?: yours)?",
        r"(?:yours (?:very )?)?(?:sincerely|faithfully|truly)",
        r"(?:many|with many|with) thanks|thanks(?: again| a lot| in advance)?|thank you(?: all| very much| again| for your attention| for reading)*",
        r"(?:(?:bien|tr[eèé]s) )?cordial\w*ment|bien à vous(?: tous| toutes)?|(?:très )?sincèrement",
        r"(?:bien |très )?amicalement(?: à (?:vous|tou(?:te)?s))?|respectueusement|fraternellement|solidairement",
        r"(?:avec (?:mes|nos) |mes |nos )?(?:meilleures |cordiales |sincères )?salutations(?: distinguées| cordiales| les meilleures)?",
        r"(?:veuillez (?:agréer|recevoir)|recevez|agréez)\b[^.]*|à bientôt",
        r"merci de m['’]avoir lue?s?[^.]*|merci(?: d'avance| à tou(?:te)?s| pour votre attention| de votre attention| encore)*",
        r"bonne (?:discussion|continuation|journée|suite)(?: à tou(?:te)?s)?",
        r"(?:telles? (?:est|sont)|voil[aà]|such (?:is|are)|(?:this|that|these) (?:is|was|are|were)) (?:ma|mes|notre|nos|my|our) "
        r"(?:modeste |small |humble )?(?:contributions?|points?|réponses?|remarques?|thoughts?|views?|remarks?|comments?)[^.]*",
    ]
)
_CLOSING = f"(?:{_CLOSING})"
_SIGNOFF = re.compile(
    rf"(?:{_CLOSING})(?: et {_CLOSING}| and {_CLOSING})?\s*[,.!–-]*\s*(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_NAME_WORD = r"(?:[A-ZÀ-Ý][\w’'.-]+|de|da|del|di|van|von|der|den|el|al|ben|bin|ould|n[’'])"
_INLINE_SIGNOFF = re.compile(
    rf"(?<=[.!?…»)])\s+(?P<close>{_CLOSING})\s*[,.!–-]+\s*(?P<name>{_NAME_WORD}(?:\s+{_NAME_WORD}){{0,4}}\s*(?:[,(–-][^.!?]{{0,80}})?)$",
    re.IGNORECASE,
)
_REFERENCES = re.compile(
    r"(?:selected |quelques )?(?:references?|bibliograph(?:y|ie)|références?(?: bibliographiques)?|sources|further reading|pour en savoir plus)"
    r"\s*[:.]?\s*$",
    re.IGNORECASE,
)
_REFERENCE = re.compile(
    r"^[-•*\[\d\].\s]*(?:[A-ZÀ-Ý][^?!]{1,90}?\((?:19|20)\d\d[a-z]?\)|[A-ZÀ-Ý][\w.,’' &-]{1,90},\s.*\b(?:19|20)\d\d\b.*(?:pp?\.|no\.|vol\.|press|https?:|www\.|"
    r"unpublished|rapport|report|document|éd)|https?://\S+$)",
    re.IGNORECASE | re.DOTALL,
)
_CONTACT = re.compile(
    r"@|\b(?:tel|tél|t[ée]l[ée]phone|phone|fax|mobile|cell|gsm|telf|skype|whatsapp|telegram|www\.|e-?mail|courriel|p\.?o\.? box|b\.?p\.? \d)",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"(?:from|de|sent|envoyé|date|to|à|subject|objet|cc|posted by|publié par|author|auteur)\s*:\s*\S",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(
    r"(?:[-=*_#~]{3,}|(?:contribution|message|réponse|response|post)\s*(?:n[°o.]*\s*)?\d+\s*[:.–-]?.{0,60})$",
    re.IGNORECASE,
)
_POSTSCRIPT = re.compile(r"p\.?\s?-?\s?s\.?\s*[:.–-]", re.IGNORECASE)
_MARKDOWN_HEADING = re.compile(r"#{1,6}\s+\S")
_ROLE = (
    r"(?:coordinat\w*|coordo\w*|president\w*|président\w*|director|directeur|directrice|head|chef\w*|member|membre|officer|chargée?|"
    r"responsable|représentante?|representative|researcher|chercheu\w+|engineer|ingénieure?|consultant\w*|manager|secretary|secrétaire|"
    r"practitioner|praticien\w*|mayor|maire|adviser|advisor|conseill\w+|teacher|student|founder|fondat\w+|volunteer|bénévole|technici\w+)"
)
_INTRODUCTION = re.compile(
    rf"(?:as (?:the |an? )?(?:former |deputy |national |regional |programme |project )*{_ROLE}\b|en (?:tant que|ma qualité d[e’'])|my name is|je m[’']appelle|"
    rf"i am (?:an? |the |writing\b)|i(?: a|’|')m writing|je suis (?:une? |la |le )?(?:\w+ )?{_ROLE}|je vous écris|i work (?:for|as|with|in)|je travaille|"
    rf"(?:my|our|this|the) contribution (?:is|to|comes|draws|builds)\b|(?:ma|notre|cette|la) contribution (?:est|se|s[’']|à|porte)|"
    rf"ple?ase find|veuillez trouver|voici (?:ma|une|notre|quelques)|i would like to (?:share|contribute|add)|je (?:voudrais|souhaite(?:rais)?) (?:partager|contribuer|ajouter))",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Block:
    """A piece of a text. `label` is the topic or question a heading or quoted question stands for.

    `starts` is true where a new contribution begins; `gap` counts the blank lines before.
    """

    start: int
    end: int
    kind: BlockKind
    label: str | None = None
    starts: bool = False
    gap: int = 0


def blocks(text: str, discussion: Discussion | None = None) -> list[Block]:
    """All blocks of `text`, in order. With `discussion`, its questions are recognised wherever they are quoted."""
    return list(_blocks(text, known_questions(discussion)))


@lru_cache(maxsize=512)
def _blocks(text: str, known: Known) -> tuple[Block, ...]:
    found: list[Block] = []
    reader = _Reader(text, known)
    spans = units(text)
    for (start, end), following in zip_longest(spans, spans[1:]):
        found.extend(reader.read(start, end, text[slice(*following)] if following else ""))
    return tuple(found)


class _Reader:
    """The state of the pass: open (inside a contribution), closed (after its sign-off) or in its references."""

    def __init__(self, text: str, known: Known) -> None:
        self.text = text
        self.known = known
        self.state: Literal["start", "open", "closed", "references"] = "start"
        self.previous_end = 0
        self.open_words = 0
        self.language: str | None = None

    def read(self, start: int, end: int, following: str) -> list[Block]:
        """The blocks of the unit [start, end); `following` is the text of the next one."""
        unit = self.text[start:end]
        gap = max(0, self.text.count("\n", self.previous_end, start) - 1)
        if self.state == "open" and self.open_words > 80 and _name_alone(unit, following):
            self.state = "closed"
            pieces = [Block(start, end, "signature")]
        else:
            pieces = self._pieces(unit, start, end, gap)
        self.previous_end = end
        if pieces:
            pieces[0] = replace(pieces[0], gap=gap)
        return pieces

    def _pieces(self, unit: str, start: int, end: int, gap: int) -> list[Block]:
        if _SEPARATOR.fullmatch(unit) or (self.state != "open" and _HEADER.match(unit)):
            self.state = "start"
            return [Block(start, end, "header")]
        if greeting := self._salutation(unit, start):
            self._begin()
            rest = self.text[greeting:end]
            lead = len(rest) - len(rest.lstrip())
            first = [Block(start, greeting, "salutation", starts=True)]
            return first + self._body(greeting + lead, end) if rest.strip() else first
        if self.state in ("closed", "references"):
            if kept := self._after_the_end(unit, start, end):
                return kept
            starts = self._begin()
        elif self.state == "start" or self._restarts(unit, gap):
            starts = self._begin()
        else:
            starts = False
        pieces = self._body(start, end)
        if starts:
            pieces[0] = replace(pieces[0], starts=True)
        return pieces

    def _begin(self) -> bool:
        self.state, self.open_words, self.language = "open", 0, None
        return True

    def _salutation(self, unit: str, start: int) -> int | None:
        """End of the greeting `unit` begins with, or None."""
        match = _SALUTATION.match(unit)
        if not match or len(words(match.group())) > 10:
            return None
        whole = match.end() == len(unit) or not unit[match.end() :].strip()
        if whole or (match.group()[-1] in ",:!" and self.state != "open"):
            return start + match.end()
        # In the middle of a contribution only a greeting to everybody opens another one: "Dear all, …".
        to_all = re.search(
            r"\b(?:all|everyone|everybody|members?|colleagues|friends|tous|toutes|collègues|membres?|amis)\b",
            match.group(),
            re.I,
        )
        return start + match.end() if match.group()[-1] in ",:!" and to_all else None

    def _after_the_end(self, unit: str, start: int, end: int) -> list[Block]:
        """The unit as part of the signature or references of the contribution that has ended, or nothing."""
        if _POSTSCRIPT.match(unit):
            return [Block(start, end, "text")]
        if _REFERENCES.match(unit):
            self.state = "references"
            return [Block(start, end, "references")]
        if _REFERENCE.match(unit) and (self.state == "references" or not _prose(unit)):
            return [Block(start, end, "references")]
        if self.state == "references" and not introduces(unit) and (not _prose(unit) or _cites(unit)):
            return [Block(start, end, "references")]
        if self.state == "closed" and (_signature_like(unit) or _REFERENCE.match(unit)) and not self._asks(unit):
            return [Block(start, end, "signature")]
        return []

    def _asks(self, unit: str) -> bool:
        return is_topic_heading(unit) or bool(find_quoted(unit, self.known))

    def _restarts(self, unit: str, gap: int) -> bool:
        """Inside an open contribution: whether another one begins without greeting (and without a sign-off before it)."""
        if gap < 2 or self.open_words < 60:
            return False
        if introduces(unit):
            return True
        language = detect(unit)
        return (
            language is not None and self.language is not None and language != self.language and self.open_words > 150
        )

    def _body(self, start: int, end: int) -> list[Block]:
        unit = self.text[start:end]
        self.open_words += len(words(unit))
        self.language = self.language or detect(unit)
        if _REFERENCES.match(unit):
            self.state = "references"
            return [Block(start, end, "references")]
        if _REFERENCE.match(unit) and not _first_person(unit) and len(words(unit)) < 60 and self._looks_listed(unit):
            return [Block(start, end, "references")]
        if signoff := self._signoff(unit, start, end):
            return signoff
        quoted = find_quoted(unit, self.known)
        if quoted:
            return _with_quotes(self.text, start, end, quoted)
        if is_topic_heading(unit) or _MARKDOWN_HEADING.match(unit):
            return [Block(start, end, "heading")]
        return [Block(start, end, "text")]

    def _looks_listed(self, unit: str) -> bool:
        """A reference without a heading above it must look like one from end to end: author, (year), title."""
        return bool(re.match(r"[^.]{1,90}\((?:19|20)\d\d[a-z]?\)[\s.,:]*[‘'“\"«(]", unit)) or unit.startswith("http")

    def _signoff(self, unit: str, start: int, end: int) -> list[Block]:
        unit = unit.replace("\n", " ")  # the same length: a wrapped line may break a closing formula
        match = _SIGNOFF.match(unit)
        if (
            match
            and len(words(match["rest"])) <= 10
            and not re.search(r"[a-zà-ÿ]{3,}[.?!]\s+\S", match["rest"])
            and _closes(unit, match)
        ):
            self.state = "closed"
            return [Block(start, end, "signoff")]
        inline = _INLINE_SIGNOFF.search(unit)
        if inline and _named(inline["name"]):
            self.state = "closed"
            text_end = start + inline.start()
            quoted = find_quoted(self.text[start:text_end], self.known)
            before = _with_quotes(self.text, start, text_end, quoted) if quoted else [Block(start, text_end, "text")]
            return [*before, Block(start + inline.start("close"), end, "signoff")]
        return []


def _name_alone(unit: str, following: str) -> bool:
    """A name on a line of its own above contact details: a signature without a closing formula."""
    named = re.fullmatch(rf"{_NAME_WORD}(?:\s+{_NAME_WORD}){{0,3}}", unit.strip(" ,"))
    return bool(named) and bool(_CONTACT.search(following)) and len(words(following)) < 20


def _closes(unit: str, match: re.Match[str]) -> bool:
    """ "Thank you for this question …" and « Merci de … » open sentences too: a closing is short or names somebody."""
    rest = match["rest"].strip()
    if not rest:
        return True
    return _named(rest) and not re.match(r"(?:for|to|de|pour|à|aux?|d[’'])\b", rest, re.IGNORECASE)


def _named(rest: str) -> bool:
    """Whether every longer word before the first comma is capitalised, as in a name."""
    head = re.split(r"[,(;\n]", rest, maxsplit=1)[0]
    plain = [w for w in re.findall(r"[^\W\d_]+", head) if len(w) > 3]
    return bool(head.strip()) and all(w[0].isupper() for w in plain) and head.strip()[0].isupper()


def _prose(unit: str) -> bool:
    count = len(words(unit))
    return count >= 15 or (count >= 8 and unit.rstrip().endswith((".", "!", "?", ":")))


def _cites(unit: str) -> bool:
    """Looks like an entry below "References": a year with a title, a publisher or an address, and nobody speaking."""
    return bool(
        re.search(r"\b(?:19|20)\d\d\b", unit)
        and re.search(r"[“\"«‘']|https?:|www\.|pp?\. ?\d|\bNo\.", unit)
        and not _first_person(unit)
    )


def _first_person(unit: str) -> bool:
    return bool(re.search(r"\b(?:I(?= [a-z])|[Ww]e|[Oo]ur|[Mm]y|[Jj]e|[Nn]ous|[Nn]otre|[Nn]os|[Mm]on|[Mm]a)\b", unit))


def introduces(unit: str) -> bool:
    """Whether a unit opens as people open who present themselves or their contribution."""
    return bool(_INTRODUCTION.match(unit))


def _signature_like(unit: str) -> bool:
    if _CONTACT.search(unit) and not (_prose(unit) and _first_person(unit)):
        return True
    return not _prose(unit) and not introduces(unit)


def _with_quotes(text: str, start: int, end: int, quoted: Sequence[Quoted]) -> list[Block]:
    """The unit text[start:end] cut into its quoted questions and what is written between and after them."""
    found: list[Block] = []
    position = start
    for q in quoted:
        begin, stop = start + q.start, start + q.end
        if text[position:begin].strip(" \t-–•.:)\u00a0"):
            found.append(_trimmed(text, position, begin, "text"))
        found.append(Block(begin, stop, "heading" if "." not in q.label else "question", label=q.label))
        position = stop
    if re.search(r"\w", text[position:end]):
        found.append(_trimmed(text, position, end, "text"))
    return found


def _trimmed(text: str, start: int, end: int, kind: BlockKind) -> Block:
    piece = text[start:end]
    return Block(start + len(piece) - len(piece.lstrip(' \t\n\u00a0”"»')), start + len(piece.rstrip()), kind)
