"""Which language a text is in. Decided for stretches of at least eight words; shorter ones inherit from around them."""

from __future__ import annotations

from corpus.model import Language
from corpus.words import words

MIN_WORDS = 8
THIRD_LANGUAGE_WORDS = 12

# Words that only one of the two languages uses, enough to settle them without a model and without its start-up time.
_ONLY = {
    "en": frozenset(
        """
            the and of to is are for that with this it was be by as at from have has not which their they we our can
            should would will more been were but an or these also such its who what how there than
        """.split()
    ),
    "fr": frozenset(
        """
            le la les des du et est une un dans pour que qui sur par avec pas au aux ce cette ces sont nous leur leurs
            plus ou mais il elle d l s n qu c ne se sa ses etre ont aussi comme entre peut
        """.split()
    ),
}


def detect(text: str) -> str | None:
    """ISO 639-1 code of the language of `text`, or None when it is too short to say.

    English and French are told by their function words; what has few of either goes to a general model (py3langid),
    so that a paragraph in a third language is called by its name and not forced into one of the two.
    """
    tokens = words(text)
    if len(tokens) < MIN_WORDS:
        return None
    share = {code: sum(t in only for t in tokens) / len(tokens) for code, only in _ONLY.items()}
    best, other = sorted(share, key=lambda code: -share[code])
    if share[best] >= 0.12 and share[best] >= 1.5 * share[other] and not _third_language_words(tokens):
        return best
    if len(tokens) < THIRD_LANGUAGE_WORDS and share[best] > share[other]:
        return best  # too short to believe in a third language, so the general model need not be loaded
    import py3langid

    code: str = py3langid.classify(text)[0]
    return code if code in _ONLY or _trustworthy(tokens, share) else best


def _third_language_words(tokens: list[str]) -> bool:
    """Spanish, Portuguese and Italian share "que", "la", "des" with French: look for what French never has."""
    foreign = {
        "el",
        "los",
        "las",
        "del",
        "por",
        "para",
        "com",
        "nao",
        "uma",
        "di",
        "che",
        "della",
        "gli",
        "dei",
    }
    return sum(t in foreign for t in tokens) / len(tokens) > 0.12


def _trustworthy(tokens: list[str], share: dict[str, float]) -> bool:
    """Whether a third language may be believed: a real sentence, with next to none of the words of the two."""
    return len(tokens) >= THIRD_LANGUAGE_WORDS and max(share.values()) < 0.12


def main_language(parts: list[str]) -> Language:
    """English or French, whichever most words of `parts` are in; English when nothing can be told."""
    count = {"en": 0, "fr": 0}
    for part in parts:
        code = detect(part)
        if code in count:
            count[code] += len(words(part))
    return "fr" if count["fr"] > count["en"] else "en"
