from __future__ import annotations

import pytest

from prompts.replies import DraftReply, MergeReply
from synth.llm.reading import UnusableError, read_reply

CLAIM = '{"sources": [{"id": "C01.p1", "words": "a b c"}], "kind": "finding", "en": "E.", "fr": "F."}'
GOOD = f'{{"themes": [{{"question": "1.1", "en": "H", "fr": "T", "claims": [{CLAIM}, {CLAIM}]}}]}}'


def test_prose_and_code_fences_around_the_json_are_ignored() -> None:
    for text in (GOOD, f"Here you are:\n```json\n{GOOD}\n```\nI hope this helps!", f"Sure. {GOOD} Done."):
        reply, left_out = read_reply(text, DraftReply)
        assert len(reply.themes[0].claims) == 2
        assert left_out == 0


def test_a_malformed_claim_is_left_out_and_the_others_are_taken() -> None:
    reply, left_out = read_reply(GOOD.replace('"finding"', '"gossip"', 1), DraftReply)
    assert len(reply.themes[0].claims) == 1
    assert left_out == 1


def test_a_field_too_many_costs_nothing_and_a_null_field_may_be_missing() -> None:
    reply, _ = read_reply(GOOD.replace('"kind"', '"mood": "good", "kind"'), DraftReply)
    assert len(reply.themes[0].claims) == 2
    merged, _ = read_reply(
        '{"themes": [{"en": "H", "fr": "T", "claims": [{"from": [1], "kind": "finding"}]}]}', MergeReply
    )
    assert merged.themes[0].claims[0].en is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        ("   \n", "empty"),
        ("I am sorry, I cannot do that.", "no JSON object"),
        (GOOD[:60], "broken or not complete"),
        ('{"answer": 42}', "themes"),
        ('{"themes": "none"}', "themes"),
        ("[1, 2]", "no JSON object"),
    ],
)
def test_what_is_no_reply_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(UnusableError, match=why):
        read_reply(text, DraftReply)


def test_of_a_reply_that_was_cut_the_complete_claims_are_taken() -> None:
    cut = GOOD[: GOOD.rindex('"kind"') - 2]
    reply, left_out = read_reply(cut, DraftReply, cut=True)
    assert len(reply.themes[0].claims) == 1
    assert left_out == 1
