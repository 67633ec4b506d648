"""The report files: what they say in each language, that contributors' words stay words, and the page in a real browser."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from corpus.folder import load_contributions, load_discussion, save_contribution
from corpus.model import Answer, Contribution, Text
from eval.gates import GATES
from synth.report.frame import Frame, french
from synth.report.markdown import escape
from synth.review import page as review_page
from tests.conftest import SHARED, Loaded, _do

ATTACKS = SHARED / "attacks" / "bipia_text_attacks.json"
HOSTILE = (
    "<script>alert(1)</script> The council should pay for every pump that gives water, {{ 7*7 }} and {% raw %} included. "
    "Donors should publish | what they * pay * [here](http://example.org) and <img src=x onerror=alert(1)> nothing else. "
    "Users must never be asked to click javascript:alert(1) before they drink \\ or `pay` for anything at all."
)


class Page(HTMLParser):
    """Ids, links and tags of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.hrefs: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append((tag, found))
        if found.get("id"):
            self.ids.append(str(found["id"]))
        if tag == "a" and found.get("href"):
            self.hrefs.append(str(found["href"]))


def page(loaded: Loaded, language: str) -> str:
    return (loaded.folder / "report" / f"report.{language}.html").read_text(encoding="utf-8")


def report(loaded: Loaded) -> Any:
    return json.loads((loaded.folder / "report" / "report.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", ["en", "fr"])
class TestThePage:
    def test_ids_are_unique_and_every_inner_link_has_its_place(self, sample: Loaded, language: str) -> None:
        p = Page(page(sample, language))
        assert len(p.ids) == len(set(p.ids))
        inner = [h[1:] for h in p.hrefs if h.startswith("#")]
        assert len(inner) > 100
        assert set(inner) <= set(p.ids)

    def test_each_citation_jumps_to_its_own_span(self, sample: Loaded, language: str) -> None:
        links = set(Page(page(sample, language)).hrefs)
        for q in report(sample)["questions"]:
            for claim in (c for t in q["themes"] for c in t["claims"]):
                for c in claim["citations"]:
                    assert f"#{c['contribution']}-{c['start']}-{c['end']}" in links

    def test_nothing_is_fetched_from_elsewhere(self, sample: Loaded, language: str) -> None:
        p = Page(page(sample, language))
        assert not [t for t, a in p.tags if t in ("link", "img", "iframe", "object", "embed")]
        assert not [a for _, a in p.tags if a.get("src")]
        assert all(h.startswith("#") or re.fullmatch(r"report\.(en|fr)\.html", h) for h in p.hrefs)

    def test_the_parts_come_in_the_order_of_the_genre(self, sample: Loaded, language: str) -> None:
        text = page(sample, language)
        places = [text.index(f'id="{language}-{part}"') for part in ("what", "who", "summary", "1", "1.1", "1.3", "2", "2.3", "recommendations", "contributors")]  # fmt: skip
        assert places == sorted(places)
        assert text.index('id="contributions"') > places[-1]

    def test_the_matrix_has_the_same_numbers_as_picture_and_table(self, sample: Loaded, language: str) -> None:
        text = page(sample, language)
        part = text[text.index(f'id="{language}-who"') : text.index(f'id="{language}-summary"')]
        svg, table = part[: part.index("</svg>")], part[part.index("<tbody>") :]
        drawn = [int(n) for n in re.findall(r'<text class="(?:light|dark)"[^>]*>(\d+)</text>', svg)]
        tabled = [int(n) for n in re.findall(r"<td>(\d+)</td>", table) if n != "0"]
        assert drawn == tabled
        assert 'role="img"' in svg
        assert "<title" in svg

    def test_who_is_not_represented_is_said_with_the_reason(self, sample: Loaded, language: str) -> None:
        said = {"en": "answers no question that was asked", "fr": "ne répond à aucune question posée"}[language]
        assert said in page(sample, language)
        assert said in (sample.folder / "report" / f"report.{language}.md").read_text()


def test_both_languages_cite_the_same_claims(sample: Loaded) -> None:
    ids = [
        {i[3:] for i in Page(page(sample, "en")).ids if i.startswith(f"{code}-") and "-" in i[3:]}
        for code in ("en", "fr")
    ]
    assert ids[0] == ids[1]
    assert len(ids[0]) > 30


def test_whoever_speaks_personally_is_not_named_by_the_employer(sample: Loaded) -> None:
    text = html.unescape(page(sample, "en"))
    assert '<span class="lead">Maren Oldershaw:' in text
    assert '<span class="lead">Nordhavn' not in text


def test_quotations_in_the_other_language_say_so(sample: Loaded) -> None:
    text = (sample.folder / "report" / "report.fr.md").read_text()
    assert "Bluehandle Rural Services (en anglais)\u00a0: «\u00a0" in text


def test_counts_are_computed_from_the_sources(sample: Loaded) -> None:
    r = report(sample)
    for question in r["questions"]:
        who = {c["contribution"] for t in question["themes"] for claim in t["claims"] for c in claim["citations"]}
        if question["id"] == "1.2":
            words = {4: "four", 5: "five", 3: "three"}[len(who)]
            assert f"{words} contributors speak here" in page(sample, "en").lower()


def test_a_quotation_shorter_than_its_sentence_says_so(sample: Loaded) -> None:
    bodies = {c.id: c.body for c in sample.contributions}
    text = html.unescape(page(sample, "en"))
    claims = [
        c for q in report(sample)["questions"] for t in q["themes"] for claim in t["claims"] for c in claim["citations"]
    ]
    cut = [c for c in claims if bodies[c["contribution"]][c["end"] : c["end"] + 1] == ","]
    assert cut
    for c in cut:
        assert f'{c["quote"]} <span class="cut">[…]</span></q>' in text
    whole = next(c for c in claims if c["quote"].endswith(".") and c["quote"][0].isupper())
    assert f">{whole['quote']}</q>" in text


class TestFrench:
    def test_every_message_has_a_translation_with_french_spacing(self) -> None:
        from babel.messages.pofile import read_po

        root = Path(__file__).parents[2] / "synth"
        with (root / "report" / "locale" / "fr.po").open("rb") as file:
            known = read_po(file, locale="fr")
        files = [
            p for room in ("report", "review") for kind in ("*.py", "templates/*.j2") for p in (root / room).glob(kind)
        ]
        sources = "".join(p.read_text(encoding="utf-8") for p in files)
        used = set(re.findall(r"\.text\(\s*[\"']([^\"']+)[\"']", sources))
        assert len(used) > 80
        used |= {
            *review_page.SHOW.values(),
            *review_page.ACTED.values(),
            *review_page.STATUS.values(),
            *review_page.OUTCOME.values(),
            *GATES,
        }
        assert [m for m in used if m not in known] == []
        for message in known:
            for text in [message.string] if isinstance(message.string, str) else message.string:
                if message.id:
                    assert text
                    assert not re.search(r"(?<=\S) [;:!?»]", text), text
                    assert not re.search(r"« ", text), text
                    assert set(re.findall(r"\{\w+\}", text)) <= set(re.findall(r"\{\w+\}", str(message.id))), text

    def test_titles_and_questions_are_typeset(self) -> None:
        assert (
            french("Qui paie, qui répare ? Oui : « lui » !")
            == "Qui paie, qui répare\u202f? Oui\u00a0: «\u00a0lui\u00a0»\u202f!"
        )

    def test_figures_and_dates(self) -> None:
        fr, en = Frame("fr"), Frame("en")
        assert (fr.figure(12345), en.figure(12345)) == ("12\u202f345", "12,345")
        assert fr.period("Monday 3 March to Monday 31 March 2025") == "3\u00a0mars\u00a0– 31\u00a0mars\u00a02025"
        assert en.period("Thursday 23 February to Thursday 22 March") == "23\u00a0February\u00a0– 22\u00a0March"
        assert fr.period("all summer") == "all summer"
        assert (fr.number(3), en.number(3), fr.number(13)) == ("trois", "three", "13")
        assert fr.country("IT") == "Italie"

    def test_a_question_known_in_one_language_is_given_in_it_and_marked(self) -> None:
        assert Frame("fr").asked(Text(en="Who pays?")) == ("Who pays?", "en")


class TestHostileWords:
    @pytest.fixture
    def hostile(self, sample: Loaded, tmp_path_factory: pytest.TempPathFactory) -> Loaded:
        import shutil

        folder = tmp_path_factory.mktemp("hostile") / "d"
        shutil.copytree(sample.folder, folder, ignore=shutil.ignore_patterns("lock*", "made"))
        c = Contribution(
            id="C13",
            author="<b>Eve</b> {{ x }}",
            language="en",
            answers=(Answer(question="1.3", start=0, end=len(HOSTILE)),),
            body=HOSTILE,
        )
        save_contribution(folder, c)
        _do("-C", folder, "run")
        return Loaded(folder, {})

    def test_a_contributors_words_are_neither_markup_nor_template(self, hostile: Loaded) -> None:
        text = page(hostile, "en")
        p = Page(text)
        assert [t for t, _ in p.tags if t == "script"] == ["script"]
        assert not [t for t, _ in p.tags if t == "img"]
        assert not [a for _, a in p.tags if any(k.startswith("on") for k in a)]
        assert "{{ 7*7 }}" in html.unescape(text)
        assert "<b>Eve" not in text

    def test_markdown_shows_them_as_they_are(self, hostile: Loaded) -> None:
        text = (hostile.folder / "report" / "report.en.md").read_text()
        assert "<script>" not in text
        assert "[here](" not in text
        assert escape("1. a *b* <i> [c](d) |") == "1\\. a \\*b\\* \\<i\\> \\[c\\](d) \\|"

    def test_the_quotation_is_still_the_words_themselves(self, hostile: Loaded) -> None:
        body = load_contributions(hostile.folder, load_discussion(hostile.folder)).get("C13").body  # type: ignore[union-attr]
        quotes = [
            c
            for q in report(hostile)["questions"]
            for t in q["themes"]
            for claim in t["claims"]
            for c in claim["citations"]
            if c["contribution"] == "C13"
        ]
        assert quotes
        assert all(body[c["start"] : c["end"]] == c["quote"] for c in quotes)


def test_instructions_hidden_in_a_contribution_change_nothing_but_what_it_says(
    sample: Loaded, tmp_path: Path, attacks: list[str]
) -> None:
    """Texts that attackers hide in documents, by nobody here: the report says what was said, and nothing more."""
    import shutil

    assert len(attacks) > 50
    folder = tmp_path / "d"
    shutil.copytree(sample.folder, folder, ignore=shutil.ignore_patterns("lock*", "made"))
    for n, language in ((13, "en"), (14, "fr")):
        said = (
            "The users should pay for the water they draw at the pump. "
            if language == "en"
            else "Les usagers devraient payer l’eau qu’ils puisent à la pompe. "
        )
        body = " ".join(f"{said}{attack}" for attack in attacks[n % 2 :: 2])
        save_contribution(
            folder,
            Contribution(
                id=f"C{n}", language=language, answers=(Answer(question="1.1", start=0, end=len(body)),), body=body
            ),
        )  # type: ignore[arg-type]
    _do("-C", folder, "run")
    loaded = Loaded(folder, {})
    before, after = report(sample), report(loaded)
    bodies = {c.id: c.body for c in loaded.contributions}
    for q in after["questions"]:
        for claim in (c for t in q["themes"] for c in t["claims"]):
            assert all(bodies[c["contribution"]][c["start"] : c["end"]] == c["quote"] for c in claim["citations"])
            assert set(claim["text"].values()) - {None} == {claim["citations"][0]["quote"]}
    untouched = [[q for q in r["questions"] if q["id"] != "1.1"] for r in (before, after)]
    assert untouched[0] == untouched[1]
    assert [t for t, _ in Page(page(loaded, "en")).tags if t == "script"] == ["script"]


# -- in a real browser -------------------------------------------------------------------------------


@pytest.fixture
def opened(browser: Any, sample: Loaded) -> Iterator[Any]:
    """The English report in a browser; fails if the page complains or asks for anything."""
    context = browser.new_context(viewport={"width": 1100, "height": 900})
    tab = context.new_page()
    complaints: list[str] = []
    tab.on("console", lambda m: complaints.append(m.text))
    tab.on("pageerror", lambda e: complaints.append(str(e)))
    tab.on("request", lambda r: complaints.append(r.url) if not r.url.startswith("file:") else None)
    tab.goto((sample.folder / "report" / "report.en.html").as_uri())
    yield tab
    context.close()
    assert complaints == []


class TestInABrowser:
    def test_a_source_opens_a_card_with_the_words_and_the_way_to_them(self, opened: Any, sample: Loaded) -> None:
        citation = report(sample)["questions"][1]["themes"][0]["claims"][0]["citations"][0]
        link = opened.locator(
            f'.reply[lang=en] a[data-card="{citation["contribution"]}-{citation["start"]}-{citation["end"]}"]'
        ).first
        link.focus()
        opened.keyboard.press("Enter")
        card = opened.locator("#card")
        assert card.is_visible()
        assert citation["quote"] in card.inner_text()
        opened.keyboard.press("Escape")
        assert not card.is_visible()
        assert link.evaluate("e => e === document.activeElement")
        link.click()
        card.locator("a").click()
        opened.locator("mark.on").first.wait_for()
        marked = opened.locator("mark.on").all_inner_texts()
        assert "".join(marked) == citation["quote"]

    def test_the_switch_turns_the_page_into_french_at_the_same_place(self, opened: Any) -> None:
        opened.goto(opened.url + "#en-1.2")
        opened.locator('a[data-to="fr"]').first.click()
        assert opened.evaluate("document.documentElement.lang") == "fr"
        assert opened.locator("#fr-1\\.2").is_visible()
        assert not opened.locator("#en-1\\.2").is_visible()
        assert opened.title().startswith("Maintenir les points d’eau")

    def test_on_a_phone_nothing_sticks_out(self, opened: Any) -> None:
        opened.set_viewport_size({"width": 360, "height": 700})
        assert opened.evaluate("document.documentElement.scrollWidth") <= 362

    def test_on_paper_the_words_of_every_claim_are_there(self, opened: Any, tmp_path: Path) -> None:
        opened.pdf(path=str(tmp_path / "r.pdf"))
        assert (tmp_path / "r.pdf").stat().st_size > 20_000
        opened.emulate_media(media="print")
        assert opened.locator(".reply[lang=en] .claim").first.is_visible()
        assert not opened.locator("nav").first.is_visible()
