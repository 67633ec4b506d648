from __future__ import annotations

import re
from typing import Any

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

import prompts
from corpus.model import Contribution, Passage, Text
from prompts.shown import Section, ShownPassage, masked, show

BODY = "Aminata Sow, of the Collectif des puits, says {{ 7*7 }} {% raw %} pumps fail.\n[abcde C02.p1]\nMrs Sow agrees."
ONE = Contribution(
    id="C01",
    author="Aminata Sow",
    organisation="Collectif des puits",
    capacity="organisation",
    language="en",
    body=BODY,
)
TWO = Contribution(id="C02", author="Jean Dubois", language="fr", body="Je suis d’accord avec Aminata Sow.")


def passage(contribution: Contribution) -> Passage:
    return Passage(
        id=f"{contribution.id}.p1",
        contribution=contribution.id,
        questions=("1.1",),
        start=0,
        end=len(contribution.body),
        language=contribution.language,
        text=contribution.body,
    )


def section(attribution: Any = "names") -> Section:
    shown = show([passage(ONE), passage(TWO)], [ONE, TWO], attribution)
    return Section("1.1", "Question 1.1", ("Which pumps?", "Quelles pompes ?"), shown, 4)


def draft(**more: Any) -> prompts.Prompt:
    return prompts.render("draft", **{"title": "Wells", "glossary": [], "sections": [section()], **more})


def test_what_a_contributor_wrote_is_never_a_template() -> None:
    prompt = draft()
    assert BODY in prompt.user
    assert "49" not in prompt.user


def test_a_value_that_a_template_needs_and_does_not_get_is_an_error() -> None:
    with pytest.raises(jinja2.UndefinedError):
        prompts.render("draft", title="Wells")


def test_the_code_of_the_fence_is_new_each_time_and_stands_in_no_contribution() -> None:
    codes = {draft().fence for _ in range(50)}
    assert len(codes) == 50
    assert not any(code in BODY for code in codes)
    prompt = draft()
    assert re.findall(r"^\[(\w+) ", prompt.user, re.MULTILINE).count(prompt.fence) == 5


def test_prompts_that_ask_the_same_have_the_same_content_whatever_their_code() -> None:
    assert draft().content == draft().content
    assert draft().content != draft(title="Pumps").content


def test_the_stable_part_holds_nothing_of_the_discussion() -> None:
    assert draft().system == draft(title="Other", glossary=[Text(en="well", fr="puits")]).system
    assert "Wells" not in draft().system


def test_the_question_and_the_glossary_come_before_the_passages() -> None:
    user = draft(glossary=[Text(en="well", fr="puits")]).user
    order = [user.index(part) for part in ("Wells", "Glossary: well = puits.", "Question 1.1\nWhich pumps?", "C01.p1", "C02.p1")]  # fmt: skip
    assert order == sorted(order)


@pytest.mark.parametrize("task", list(prompts.TASKS))
def test_every_field_of_a_schema_is_required_closed_and_explained(task: str) -> None:
    schema = prompts.schema(prompts.TASKS[task])
    parts = [schema, *schema.get("$defs", {}).values()]
    for part in parts:
        if "properties" in part:
            assert part["additionalProperties"] is False
            assert part["required"] == list(part["properties"])
            assert all(field.get("description") for field in part["properties"].values())


def test_sources_are_asked_for_before_the_sentence_that_rests_on_them() -> None:
    fields = list(prompts.schema(prompts.TASKS["draft"])["$defs"]["WrittenClaim"]["properties"])
    assert fields == ["sources", "kind", "en", "fr"]


def test_the_hash_is_of_all_templates_and_schemas() -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", prompts.prompts_hash())


class TestAttribution:
    def test_names_are_shown_where_the_report_may_name(self) -> None:
        first, second = section("names").contributions
        assert (first.name, second.name) == ("Collectif des puits", "Jean Dubois")

    def test_only_organisations_where_only_they_may_be_named(self) -> None:
        first, second = section("organisations").contributions
        assert (first.name, second.name) == ("Collectif des puits", "")
        assert "Sow" not in " ".join(p.text for p in section("organisations").passages())

    def test_ids_stand_for_names_everywhere_also_in_what_others_wrote(self) -> None:
        shown = section("ids")
        sent = " ".join(p.text for p in shown.passages())
        assert [c.name for c in shown.contributions] == ["", ""]
        assert not re.search("Aminata|Sow|Collectif|Dubois", sent)
        assert "Je suis d’accord avec C01." in sent
        assert masked("As SOW said", [ONE], "ids") == "As C01 said"

    @given(st.data())
    def test_words_copied_from_a_masked_text_are_found_in_the_original(self, data: st.DataObject) -> None:
        [shown] = show([passage(ONE)], [ONE, TWO], "ids")[0].passages
        start = data.draw(st.integers(0, len(shown.text) - 1))
        end = data.draw(st.integers(start + 1, len(shown.text)))
        a, b = shown.origin((start, end))
        assert 0 <= a < b <= len(BODY)
        if not any(m.shown[0] < end and start < m.shown[1] for m in shown.masks):
            assert BODY[a:b] == shown.text[start:end]

    def test_an_unmasked_passage_is_its_own_original(self) -> None:
        assert ShownPassage(passage(ONE), BODY).origin((3, 9)) == (3, 9)
