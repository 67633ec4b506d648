"""The review page in a real browser: every decision with the mouse and with the keyboard, and nothing lost whatever happens."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from corpus.folder import save_contribution
from corpus.model import Answer, Contribution
from synth.review import decisions
from synth.review.decisions import Decision
from synth.review.desk import Card, Desk
from synth.review.page import Filters
from tests.conftest import Loaded, _do
from tests.openai_server import Server
from tests.synth.review_server import Serving

MARKUP = (
    "<script>document.title='run'</script> The council should pay for every pump that gives water, {{ 7*7 }} included. "
    "Donors should publish <img src=x onerror=\"document.title='run'\"> what they pay, and users &lt;b&gt; must see it."
)
LIMIT = 30_000  # milliseconds; the first check loads the embedder, and other tests may be at it meanwhile
expect.set_options(timeout=LIMIT)


@pytest.fixture(scope="module")
def _server(sample: Loaded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    folder = tmp_path_factory.mktemp("review") / "water"
    shutil.copytree(sample.folder, folder, ignore=shutil.ignore_patterns("lock*"))
    with Serving(folder) as running:
        yield running


@pytest.fixture
def serving(_server: Serving) -> Serving:
    """One server for all tests; for each of them nothing is decided yet."""
    decisions.path_of(_server.folder).unlink(missing_ok=True)
    return _server


Open = Callable[..., Any]

# An answer whose first line arrives and whose body does not, as when a server dies while it writes.
CUT = "Promise.resolve(new Response(new ReadableStream({ start(c) { c.error(new TypeError('cut')); } })))"


@pytest.fixture
def opened(browser: Any, serving: Serving) -> Iterator[Open]:
    """Opens the page as somebody, each time in a browser of its own; no script may fail, nothing be asked for elsewhere."""
    contexts, complaints = [], []

    def open_(by: str = "Ada", query: str = "", at: Serving = serving, width: int = 1280) -> Any:
        context = browser.new_context(viewport={"width": width, "height": 900})
        contexts.append(context)
        context.set_default_timeout(LIMIT)
        context.add_init_script(f"localStorage.setItem('synth by', {by!r})")
        tab = context.new_page()
        # A refused decision is told on the page; the browser notes the answer's status beside.
        tab.on("console", lambda m: None if m.text.startswith("Failed to load resource") else complaints.append(m.text))
        tab.on("pageerror", lambda e: complaints.append(str(e)))
        tab.on("dialog", lambda d: complaints.append(d.message))
        tab.on("request", lambda r: None if r.url.startswith((at.url, "data:")) else complaints.append(r.url))
        tab.goto(at.link)
        if query:
            tab.goto(at.url + query)
        expect(tab.locator("[data-panel]")).to_be_visible()
        return tab

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []


def made(serving: Serving) -> list[Decision]:
    return decisions.load(serving.folder).made


def free(serving: Serving) -> list[Card]:
    """The claims that nobody said anything about yet, in order."""
    return [c for c in Desk(serving.folder).cards() if c.ruling is None]


def undecided(serving: Serving, wanted: Callable[[Card], bool] = lambda card: True) -> Card:
    """The first of them that is as wanted."""
    return next(c for c in free(serving) if wanted(c))


def english(card: Card) -> bool:
    return card.claim.text.en is not None


def article(tab: Any, claim: str) -> Any:
    return tab.locator(f'main article[data-claim="{claim}"]')


def go_to(tab: Any, claim: str, way: str = "mouse") -> None:
    """Choose a claim with the mouse, or from wherever the page stands with j and k alone."""
    if way == "mouse":
        article(tab, claim).click()
    else:
        ids = tab.locator("main article").evaluate_all("all => all.map(a => a.dataset.claim)")
        at = tab.locator("main article.on").get_attribute("data-claim")
        steps = ids.index(claim) - ids.index(at)
        for _ in range(abs(steps)):
            tab.keyboard.press("j" if steps > 0 else "k")
    expect(tab.locator(f'[data-panel="{claim}"]')).to_be_visible()


def do(tab: Any, action: str, key: str, way: str) -> None:
    if way == "mouse":
        tab.locator(f'.actions [data-do="{action}"]').click()
    else:
        tab.keyboard.press(key)


def save(tab: Any, way: str) -> None:
    if way == "mouse":
        tab.locator("#panel form:not([hidden]) button[type=submit]").click()
    else:
        tab.keyboard.press("Control+Enter")


def confirmed(tab: Any, claim: str) -> None:
    """Saved; where checks refuse it, after confirming."""
    keep, told = tab.get_by_role("button", name="Keep it all the same"), tab.locator("#told")
    expect(keep.or_(told.filter(has_text=f"{claim}. Saved."))).to_be_visible()
    if keep.is_visible():
        keep.press("Enter")
    saved(tab, claim)


def saved(tab: Any, claim: str) -> None:
    expect(tab.locator("#told")).to_have_text(f"{claim}. Saved.")


@pytest.mark.parametrize("way", ["mouse", "keyboard"])
class TestEveryDecision:
    def test_accept_reject_and_undo(self, opened: Open, serving: Serving, way: str) -> None:
        tab = opened()
        first = undecided(serving)
        go_to(tab, first.id, way)
        do(tab, "accept", "a", way)
        saved(tab, first.id)
        expect(article(tab, first.id).locator(".status")).to_have_text("accepted")
        second = undecided(serving)
        go_to(tab, second.id, way)
        do(tab, "reject", "r", way)
        tab.keyboard.type("Said twice: j k a r")
        save(tab, way)
        saved(tab, second.id)
        expect(article(tab, second.id).locator(".status")).to_have_text("rejected")
        go_to(tab, second.id, way)
        do(tab, "undo", "u", way)
        saved(tab, second.id)
        expect(article(tab, second.id).locator(".status")).to_have_text("undecided")
        last = made(serving)[-3:]
        assert [(d.claim, d.action, d.by) for d in last] == [(first.id, "accept", "Ada"), (second.id, "reject", "Ada"), (second.id, "undo", "Ada")]  # fmt: skip
        assert last[1].reason == "Said twice: j k a r"

    def test_edit_in_either_language_and_comment(self, opened: Open, serving: Serving, way: str) -> None:
        tab = opened()
        in_french = way == "keyboard"
        card = undecided(serving, lambda c: (c.claim.text.fr if in_french else c.claim.text.en) is not None)
        go_to(tab, card.id, way)
        do(tab, "edit", "e", way)
        if in_french:
            tab.keyboard.press("Tab")  # from the English text to the French one
        else:
            tab.get_by_role("textbox", name="English", exact=True).click()
        tab.keyboard.press("Control+End")
        tab.keyboard.type(" Ah")
        save(tab, way)
        confirmed(tab, card.id)
        expect(article(tab, card.id).locator(f"p[lang={'fr' if in_french else 'en'}]:not(.none)")).to_contain_text(
            " Ah"
        )
        edit = made(serving)[-1]
        assert (edit.claim, edit.action) == (card.id, "edit")
        assert edit.text.best("fr" if in_french else "en")[0].endswith(" Ah")  # type: ignore[union-attr]
        do(tab, "comment", "c", way)
        # What is on no American keyboard is typed here without a key, so the form must be there for it.
        expect(tab.get_by_role("textbox", name="Comment", exact=True)).to_be_focused()
        tab.keyboard.type("À revoir « ensemble »")
        save(tab, way)
        saved(tab, card.id)
        expect(article(tab, card.id).locator(".comments")).to_contain_text("1")
        assert made(serving)[-1].reason == "À revoir « ensemble »"

    def test_add_a_sentence_that_a_search_found_as_a_source(self, opened: Open, serving: Serving, way: str) -> None:
        tab = opened()
        card = undecided(serving)
        go_to(tab, card.id, way)
        if way == "mouse":
            tab.locator('.actions [data-do="sources"]').click()
            tab.get_by_label("Find passages").fill("spare parts")
            tab.get_by_role("button", name="Find", exact=True).click()
            sentence = tab.locator("[data-found] .sentence").first
            expect(sentence).to_be_visible()
            sentence.click()
            tab.get_by_role("button", name="Add as a source").click()
        else:
            tab.keyboard.press("/")
            tab.keyboard.type("spare parts")
            tab.keyboard.press("Enter")
            sentence = tab.locator("[data-found] .sentence").first
            expect(sentence).to_be_visible()
            while not sentence.evaluate("one => one === document.activeElement"):
                tab.keyboard.press("Tab")
            tab.keyboard.press("Enter")
            while not tab.get_by_role("button", name="Add as a source").evaluate("one => one === document.activeElement"):  # fmt: skip
                tab.keyboard.press("Tab")
            tab.keyboard.press("Enter")
        words = sentence.inner_text()
        expect(tab.locator("form:not([hidden]) .chosen q").last).to_have_text(words)
        save(tab, way)
        confirmed(tab, card.id)
        assert made(serving)[-1].citations[-1].quote == words  # type: ignore[index]
        expect(tab.locator("#panel mark").filter(has_text=words)).to_be_visible()

    def test_move_under_a_new_heading_and_under_one_that_is_there(
        self, opened: Open, serving: Serving, way: str
    ) -> None:
        tab = opened()
        question = "2.3" if way == "mouse" else "1.3"
        en, fr = f"Paying by {way}", f"Payer par {way}"
        for new in (True, False):
            card = undecided(serving, lambda c: c.question == question and c.theme.en != en)
            go_to(tab, card.id, way)
            do(tab, "move", "t", way)
            heading = tab.get_by_role("combobox", name="Heading", exact=True)
            if way == "mouse":
                heading.select_option("" if new else None, label=None if new else en)
            else:
                tab.keyboard.press("End" if new else "P")
            if new:
                tab.get_by_label("Heading in English").fill(en) if way == "mouse" else tab.keyboard.press("Tab")
                tab.keyboard.type("" if way == "mouse" else en)
                tab.get_by_label("Heading in French").fill(fr) if way == "mouse" else tab.keyboard.press("Tab")
                tab.keyboard.type("" if way == "mouse" else fr)
            save(tab, way)
            saved(tab, card.id)
            last = made(serving)[-1]
            assert (last.action, last.claim, last.theme.en, last.theme.fr) == ("move", card.id, en, fr)  # type: ignore[union-attr]
            tab.reload()
        expect(tab.get_by_role("heading", name=en)).to_have_count(1)

    def test_merge_into_another_claim_of_the_question(self, opened: Open, serving: Serving, way: str) -> None:
        tab = opened()
        card = undecided(serving, lambda c: c.question == ("2" if way == "mouse" else "2.1"))
        go_to(tab, card.id, way)
        do(tab, "merge", "m", way)
        into = tab.locator('form[data-action="merge"] select')
        if way == "mouse":
            into.select_option(index=1)
        else:
            tab.keyboard.press("ArrowDown")
        target = into.input_value()
        save(tab, way)
        confirmed(tab, card.id)
        expect(article(tab, card.id).locator(".status")).to_have_text(f"merged into {target}")
        assert (made(serving)[-1].claim, made(serving)[-1].into) == (card.id, target)
        for who in {c.contribution for c in card.claim.citations}:
            expect(article(tab, target).locator(".who .chip", has_text=who).first).to_be_visible()


def test_words_selected_with_the_mouse_are_the_source_to_the_letter(opened: Open, serving: Serving) -> None:
    tab = opened()
    card = undecided(serving)
    go_to(tab, card.id)
    tab.keyboard.press("/")
    tab.keyboard.type("spare parts")
    tab.keyboard.press("Enter")
    sentence = tab.locator("[data-found] .sentence").first
    expect(sentence).to_be_visible()
    words = " ".join(sentence.inner_text().split()[1:6])
    sentence.evaluate(
        """(one, words) => { const text = one.firstChild, at = text.data.indexOf(words), range = document.createRange();
        range.setStart(text, at); range.setEnd(text, at + words.length);
        const selection = getSelection(); selection.removeAllRanges(); selection.addRange(range); }""",
        words,
    )
    expect(tab.get_by_role("textbox", name="Words to cite")).to_have_value(words)
    tab.get_by_role("button", name="Add as a source").click()
    save(tab, "mouse")
    confirmed(tab, card.id)
    cited = made(serving)[-1].citations[-1]  # type: ignore[index]
    bodies = {c.id: c.body for c in Desk(serving.folder).corpus.active}
    assert cited.quote == bodies[cited.contribution][cited.start : cited.end] == words


def test_words_that_the_quotes_do_not_bear_are_shown_as_such_and_kept_only_when_confirmed(
    opened: Open, serving: Serving
) -> None:
    tab = opened()
    card = undecided(serving, english)
    before = len(made(serving))
    go_to(tab, card.id)
    tab.keyboard.press("e")
    tab.get_by_role("textbox", name="English", exact=True).fill("The Council of Larkhaven pays 77,777 euros.")
    save(tab, "mouse")
    told = tab.locator("[data-answer]")
    expect(told).to_contain_text("numbers: ")
    expect(tab.locator("#told")).to_be_empty()
    assert len(made(serving)) == before
    tab.get_by_role("button", name="Keep it all the same").click()
    saved(tab, card.id)
    assert made(serving)[-1].confirmed
    expect(tab.locator("#panel .checks").first).to_contain_text("kept by Ada")


def test_whoever_decides_says_who_that_is(opened: Open, serving: Serving) -> None:
    tab = opened(by="")
    card = undecided(serving)
    before = len(made(serving))
    go_to(tab, card.id)
    tab.keyboard.press("a")
    expect(tab.locator("#told")).to_contain_text("Say who you are first")
    expect(tab.get_by_label("Your name")).to_be_focused()
    assert len(made(serving)) == before


class TestTwoReviewers:
    def both(self, opened: Open, serving: Serving) -> tuple[Any, Any, Card]:
        """Paul has words typed for a claim that Ada accepts meanwhile."""
        card = undecided(serving, english)
        ada, paul = opened("Ada"), opened("Paul")
        go_to(ada, card.id)
        go_to(paul, card.id)
        paul.keyboard.press("r")
        paul.keyboard.type("Off the point")
        ada.keyboard.press("a")
        saved(ada, card.id)
        save(paul, "mouse")
        expect(paul.locator(".versions .version")).to_have_count(2)
        return ada, paul, card

    def test_the_second_sees_both_versions_and_may_leave_it(self, opened: Open, serving: Serving) -> None:
        _, paul, card = self.both(opened, serving)
        expect(paul.locator(".versions .version").nth(0)).to_contain_text("undecided")
        expect(paul.locator(".versions .version").nth(1)).to_contain_text("accepted")
        paul.get_by_role("button", name="Leave it as it stands now").click()
        expect(article(paul, card.id).locator(".status")).to_have_text("accepted")
        assert [d.by for d in made(serving) if d.claim == card.id] == ["Ada"]

    def test_or_decides_on_what_stands_now(self, opened: Open, serving: Serving) -> None:
        _, paul, card = self.both(opened, serving)
        paul.get_by_role("button", name="Decide so on what stands now").click()
        saved(paul, card.id)
        found = [(d.by, d.action) for d in made(serving) if d.claim == card.id]
        assert found == [("Ada", "accept"), ("Paul", "reject")]

    def test_a_claim_that_left_the_draft_is_told(self, opened: Open, serving: Serving) -> None:
        tab = opened()
        card = undecided(serving)
        draft = serving.folder / "drafts" / f"{card.question}.json"
        kept = draft.read_bytes()
        go_to(tab, card.id)
        try:
            draft.write_bytes(kept.replace(f'"{card.id}"'.encode(), f'"{card.question}-98"'.encode()))
            tab.keyboard.press("a")
            expect(tab.locator("[data-answer]")).to_contain_text("no longer in the draft")
        finally:
            draft.write_bytes(kept)
        assert card.id not in {d.claim for d in made(serving)}


class Held:
    """The requests of a page to `address`, none of which gets to the server before `release`."""

    def __init__(self, tab: Any, address: str) -> None:
        self.waiting: list[Any] = []
        self.released = False
        tab.route(address, self.take)

    def take(self, route: Any) -> None:
        if self.released:
            route.continue_()
        else:
            self.waiting.append(route)

    def release(self) -> None:
        self.released = True
        for route in self.waiting:
            route.continue_()


class TestAheadOfTheServer:
    """Whoever is quicker than the server is understood as if the answers had been there at once."""

    def test_what_is_typed_before_a_form_is_there_goes_into_it_and_decides_nothing(
        self, opened: Open, serving: Serving
    ) -> None:
        tab = opened()
        card = free(serving)[1]  # the first one is shown at once
        shown = Held(tab, "**/claims/**")
        article(tab, card.id).click()
        tab.keyboard.press("c")
        tab.keyboard.type("See again: a r k j u")
        tab.keyboard.press("Control+Enter")
        shown.release()
        saved(tab, card.id)
        assert [(d.claim, d.action, d.reason) for d in made(serving)] == [(card.id, "comment", "See again: a r k j u")]

    def test_a_form_stays_as_it_is_when_its_claim_is_read_again(self, opened: Open, serving: Serving) -> None:
        tab = opened()
        card = undecided(serving)
        go_to(tab, card.id)
        shown = Held(tab, "**/claims/**")
        tab.keyboard.press("c")
        tab.keyboard.type("One")
        save(tab, "keyboard")
        saved(tab, card.id)
        tab.keyboard.press("c")
        tab.keyboard.type("Two")
        shown.release()
        comment = tab.get_by_role("textbox", name="Comment", exact=True)
        expect(comment).to_have_value("Two")
        tab.keyboard.press("Home")
        tab.keyboard.type("And ")
        expect(comment).to_have_value("And Two")
        assert len(shown.waiting) == 1

    def test_keys_pressed_while_a_decision_is_saved_count_after_it(self, opened: Open, serving: Serving) -> None:
        tab = opened()
        first, second, third = free(serving)[:3]
        go_to(tab, first.id)
        decided = Held(tab, "**/decisions*")
        for key in ("a", "a", "c"):
            tab.keyboard.press(key)
        tab.keyboard.type("Whose?")
        decided.release()
        expect(tab.get_by_role("textbox", name="Comment", exact=True)).to_have_value("Whose?")
        save(tab, "keyboard")
        saved(tab, third.id)
        found = [(d.claim, d.action) for d in made(serving)]
        assert found == [(first.id, "accept"), (second.id, "accept"), (third.id, "comment")]

    def test_keys_pressed_before_a_refusal_was_read_count_for_nothing(self, opened: Open, serving: Serving) -> None:
        tab = opened()
        card = undecided(serving, english)
        go_to(tab, card.id)
        tab.keyboard.press("e")
        tab.get_by_role("textbox", name="English", exact=True).fill("The Council of Larkhaven pays 77,777 euros.")
        decided = Held(tab, "**/decisions*")
        save(tab, "keyboard")
        tab.keyboard.type("aaa")
        decided.release()
        expect(tab.locator("[data-answer]")).to_contain_text("numbers: ")
        tab.keyboard.press("Escape")
        expect(tab.locator("#panel form:not([hidden])")).to_have_count(0)
        assert made(serving) == []

    def test_a_decision_is_on_the_claim_it_was_made_on_whichever_is_chosen_then(
        self, opened: Open, serving: Serving
    ) -> None:
        tab = opened()
        second, third = free(serving)[1:3]
        shown = Held(tab, "**/claims/**")
        decided = Held(tab, "**/decisions*")
        article(tab, second.id).click()
        tab.keyboard.press("a")
        article(tab, third.id).click()
        decided.release()
        saved(tab, second.id)
        shown.release()
        expect(tab.locator(f'[data-panel="{third.id}"]')).to_be_visible()
        assert [(d.claim, d.action) for d in made(serving)] == [(second.id, "accept")]

    def test_the_panel_is_of_the_claim_chosen_last_whichever_answer_comes_last(
        self, opened: Open, serving: Serving
    ) -> None:
        tab = opened()
        second, third = free(serving)[1:3]
        late = Held(tab, f"**/claims/{second.id}*")
        with tab.expect_request(f"**/claims/{second.id}*"):
            article(tab, second.id).click()
        article(tab, third.id).click()
        panel = tab.locator("[data-panel]")
        expect(panel).to_have_attribute("data-panel", third.id)
        with tab.expect_response(f"**/claims/{second.id}*") as answer:
            late.release()
        answer.value.finished()
        tab.evaluate("() => new Promise((then) => setTimeout(then, 100))")  # what came is read by now
        expect(panel).to_have_attribute("data-panel", third.id)

    def test_whoever_went_to_the_panel_before_it_was_filled_is_in_it(self, opened: Open, serving: Serving) -> None:
        tab = opened()
        second = free(serving)[1]
        shown = Held(tab, "**/claims/**")
        tab.keyboard.press("j")
        tab.keyboard.press("Tab")
        expect(tab.locator("#panel :focus")).to_have_text("Accept a")
        shown.release()
        expect(tab.locator(f'#panel:focus [data-panel="{second.id}"]')).to_be_visible()
        tab.keyboard.press("Tab")
        expect(tab.locator("#panel :focus")).to_have_text("Accept a")

    def test_a_key_held_down_decides_once(self, opened: Open, serving: Serving) -> None:
        tab = opened()
        first, second = free(serving)[:2]
        go_to(tab, first.id)
        for _ in range(3):
            tab.keyboard.down("a")
        tab.keyboard.up("a")
        saved(tab, first.id)
        expect(tab.locator(f'[data-panel="{second.id}"]')).to_be_visible()
        assert [(d.claim, d.action) for d in made(serving)] == [(first.id, "accept")]


class TestInterrupted:
    def test_what_was_typed_is_there_again_after_a_reload(self, opened: Open, serving: Serving) -> None:
        tab = opened()
        card = undecided(serving, english)
        go_to(tab, card.id)
        tab.keyboard.press("e")
        tab.get_by_role("textbox", name="English", exact=True).fill("Half a sentence")
        tab.reload()
        expect(tab.get_by_role("textbox", name="English", exact=True)).to_have_value("Half a sentence")
        tab.keyboard.press("Escape")
        go_to(tab, undecided(serving, lambda c: c.id != card.id).id)
        expect(tab.locator("#panel form:not([hidden])")).to_have_count(0)

    def test_a_server_killed_in_the_middle_of_an_edit_loses_nothing(self, opened: Open, copy: Path) -> None:
        with Serving(copy) as own:
            tab = opened(at=own)
            cards = Desk(copy).cards()
            go_to(tab, cards[0].id)
            tab.keyboard.press("a")
            saved(tab, cards[0].id)
            card = next(c for c in cards[1:] if english(c))
            go_to(tab, card.id)
            tab.keyboard.press("c")
            tab.keyboard.type("Typed before the server died")
            own.kill()
            save(tab, "keyboard")
            expect(tab.locator("[data-answer]")).to_contain_text("Not saved")
            own.start()
            tab.reload()
            expect(tab.get_by_role("textbox", name="Comment", exact=True)).to_have_value("Typed before the server died")
            save(tab, "mouse")
            saved(tab, card.id)
            found = [(d.claim, d.action, d.reason) for d in decisions.load(copy).made]
        assert found == [(cards[0].id, "accept", None), (card.id, "comment", "Typed before the server died")]

    @pytest.mark.parametrize(
        "cut",
        [
            CUT,
            "Promise.resolve(new Response('Internal Server Error', { status: 500 }))",
            "Promise.reject(new TypeError('no network'))",
        ],
        ids=["cut in its body", "a failed server", "none"],
    )
    def test_half_an_answer_is_no_answer(self, opened: Open, serving: Serving, cut: str) -> None:
        tab = opened()
        card = undecided(serving, english)
        go_to(tab, card.id)
        tab.keyboard.press("c")
        tab.keyboard.type("Typed while the line was bad")
        tab.evaluate(f"() => {{ window.fetched = window.fetch; window.fetch = () => {cut}; }}")
        save(tab, "keyboard")
        expect(tab.locator("[data-answer]")).to_contain_text("Not saved: there is no answer")
        tab.evaluate("() => { document.querySelector('#told').textContent = ''; }")
        tab.locator('.actions [data-do="sources"]').click()
        tab.locator("#panel form:not([hidden]) [data-find]").click()  # a search asks as well
        expect(tab.locator("#told")).to_contain_text("Not saved: there is no answer")
        tab.evaluate("() => { window.fetch = window.fetched; }")
        tab.locator('.actions [data-do="comment"]').click()
        expect(tab.get_by_role("textbox", name="Comment", exact=True)).to_have_value("Typed while the line was bad")
        save(tab, "mouse")
        saved(tab, card.id)

    def test_a_link_that_is_no_longer_good_says_what_to_open(self, opened: Open, serving: Serving) -> None:
        tab = opened()
        go_to(tab, undecided(serving, english).id)
        tab.context.clear_cookies()
        before = made(serving)
        tab.keyboard.press("a")
        expect(tab.locator("[data-answer]")).to_contain_text("open the link that synth review printed once more")
        assert made(serving) == before


def test_a_run_goes_on_beside_the_page_and_keeps_what_is_decided_meanwhile(opened: Open, copy: Path) -> None:
    with Serving(copy) as own:
        tab = opened(at=own)
        cards = Desk(copy).cards()
        arguments = [sys.executable, "-m", "synth", "-C", str(copy), "run", "--fresh"]
        with subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
            for card in cards[:5]:
                go_to(tab, card.id)
                tab.keyboard.press("a")
                saved(tab, card.id)
            assert run.wait(60) == 0
        tab.reload()
        expect(tab.locator("#count")).to_have_text(f"5 of {len(Desk(copy).cards())} decided")
    accepted = {c.id for c in Desk(copy).cards() if c.claim.status == "accepted"}
    assert accepted == {c.id for c in cards[:5]}


@pytest.mark.parametrize(
    "query", ["show=undecided", "show=doubtful", "question=1.2", "contribution=C04", "kind=recommendation&show=undecided"]
)  # fmt: skip
def test_filters_show_what_they_say(opened: Open, serving: Serving, query: str) -> None:
    tab = opened()
    for name, value in (pair.split("=") for pair in query.split("&")):
        tab.locator(f'.filters select[name="{name}"]').select_option(value)
    tab.get_by_role("button", name="Apply").click()
    expect(tab).to_have_url(re.compile(query.split("&")[0]))
    filters = Filters.of(dict(pair.split("=") for pair in query.split("&")))
    expected = [c.id for c in Desk(serving.folder).cards() if filters.lets_through(c)]
    assert tab.locator("main article").evaluate_all("all => all.map(a => a.dataset.claim)") == expected
    assert tab.locator("main p.empty").count() == (not expected)


def test_doubtful_claims_stand_first_where_that_is_asked_for(opened: Open, serving: Serving) -> None:
    tab = opened(query="?sort=doubtful")
    ranks = tab.locator("main article").evaluate_all("all => all.map(a => ['fail', 'warn', 'pass'].findIndex(v => a.classList.contains(v)))")  # fmt: skip
    assert ranks == sorted(ranks)
    assert len(ranks) == len(Desk(serving.folder).cards())


def test_the_page_speaks_french_and_says_so(opened: Open, serving: Serving) -> None:
    tab = opened(query="?ui=fr")
    assert tab.locator("html").get_attribute("lang") == "fr"
    card = undecided(serving)
    go_to(tab, card.id)
    tab.get_by_role("button", name="Rejeter").first.click()
    tab.keyboard.type("Déjà dit")
    save(tab, "keyboard")
    expect(tab.locator("#told")).to_contain_text("Enregistré")
    expect(article(tab, card.id).locator(".status")).to_have_text("rejeté")
    words = tab.locator("body").inner_text()
    assert not re.search(r"\b(Reject|Accept|undecided|decided|Keys|Show|Find|Sources changed|rejected)\b", words)


FORMS = {"": "", "e": "edit", "s": "sources", "t": "move", "m": "merge", "r": "reject", "?": ""}


def test_keys_lead_to_the_next_undecided_claim_to_the_filters_and_to_the_sources_and_back(
    opened: Open, serving: Serving
) -> None:
    tab = opened()
    ids = [c.id for c in free(serving)]
    go_to(tab, ids[0])
    tab.keyboard.press("n")
    expect(tab.locator("main article.on")).to_have_attribute("data-claim", ids[1])
    tab.keyboard.press("f")
    expect(tab.locator('.filters select[name="show"]')).to_be_focused()
    tab.keyboard.press("Escape")
    tab.keyboard.press("o")
    expect(tab.locator("#panel")).to_be_focused()
    tab.keyboard.press("o")
    expect(tab.locator("main article.on")).to_be_focused()
    tab.keyboard.press("?")
    expect(tab.locator("dialog#help")).to_be_visible()
    tab.keyboard.press("Escape")
    expect(tab.locator("dialog#help")).not_to_be_visible()


def test_a_passage_is_translated_beside_its_original_when_that_is_asked_for(
    opened: Open, copy: Path, server: Server
) -> None:
    with Serving(copy) as own:
        tab = opened(at=own)
        french = next(c for c in Desk(copy).cards() if c.claim.citations[0].language == "fr")
        go_to(tab, french.id)
        original = tab.locator("#panel blockquote").first.inner_text()
        tab.get_by_role("button", name="Translate this passage").first.click()
        translated = tab.locator("#panel .translation").first
        expect(translated).to_contain_text("Translated by a machine; the original counts.")
        expect(translated.locator("span[lang]")).not_to_be_empty()
        assert tab.locator("#panel blockquote").first.inner_text() == original
        assert len(server.calls) == 1


def test_claims_are_reached_with_the_arrows_where_keys_of_one_letter_are_off(opened: Open) -> None:
    tab = opened()
    tab.keyboard.press("?")
    tab.get_by_label("These keys work on their own").uncheck()
    tab.keyboard.press("Escape")
    ids = tab.locator("main article").evaluate_all("all => all.map(a => a.dataset.claim)")
    tab.locator("main article.on").focus()
    for key, at in (("j", 0), ("ArrowDown", 1), ("ArrowDown", 2), ("ArrowUp", 1)):
        tab.keyboard.press(key)
        expect(tab.locator("main article.on")).to_have_attribute("data-claim", ids[at])
    tab.keyboard.press("Tab")
    expect(tab.locator("#panel :focus, #panel:focus")).to_have_count(1)
    tab.keyboard.press("Shift+Tab")
    expect(tab.locator("main article:focus")).to_have_attribute("data-claim", ids[1])


@pytest.mark.parametrize("query", ["", "?ui=fr"])
def test_no_serious_barrier_for_anybody(opened: Open, query: str) -> None:
    tab = opened(query=query)
    for key in FORMS:
        if key:
            tab.keyboard.press(key)
            expect(tab.locator("dialog[open], #panel form:not([hidden])").first).to_be_visible()
        found = [v for v in Axe().run(tab).response["violations"] if v["impact"] in ("serious", "critical")]
        assert found == [], (key, [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found])
        tab.keyboard.press("Escape")


@pytest.mark.parametrize("width", [1280, 820])
def test_nothing_runs_over_the_side_on_a_laptop_or_a_tablet(opened: Open, width: int) -> None:
    tab = opened(width=width)
    for key in FORMS:
        if key:
            tab.keyboard.press(key)
        sideways = tab.evaluate("document.scrollingElement.scrollWidth - innerWidth")
        assert sideways <= 0, key
        tab.keyboard.press("Escape")
    expect(tab.locator("main article.on")).to_be_in_viewport()
    if width == 1280:
        expect(tab.locator("#panel mark").first).to_be_in_viewport()


def test_markup_in_a_contribution_is_words(opened: Open, copy: Path) -> None:
    whole = (Answer(question="1.3", start=0, end=len(MARKUP)),)
    save_contribution(copy, Contribution(id="C13", author='<b>"Eve"</b>', language="en", answers=whole, body=MARKUP))
    _do("-C", copy, "run")
    with Serving(copy) as own:
        tab = opened(at=own, query="?contribution=C13")
        tab.keyboard.press("/")
        tab.keyboard.type("council pump water")
        tab.keyboard.press("Enter")
        expect(tab.locator("[data-found] .sentence").first).to_be_visible()
        tab.locator("[data-found] section", has_text="C13").get_by_role("button", name="All of it").click()
        expect(tab.locator("[data-found]")).to_contain_text("<script>document.title='run'</script>")
        tab.keyboard.press("Escape")
        expect(tab.locator("#panel")).to_contain_text('<b>"Eve"</b>')
        assert tab.locator("main img, main b, #panel img, main script, #panel script").count() == 0
        assert tab.title() != "run"
        assert "49" not in tab.locator("main article").first.inner_text()
