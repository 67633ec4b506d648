"""The report as data (report.json): what is said, by whom, and who is not in it."""

from __future__ import annotations

from collections.abc import Sequence

from corpus.model import (
    Claim,
    Contribution,
    Contributor,
    Coverage,
    Discussion,
    Draft,
    NotRepresented,
    Passage,
    QuestionReport,
    RecommendationsDraft,
    Report,
    ReportDiscussion,
    Text,
    Theme,
)
from eval.harness import failed
from synth.evidence import OTHER

# Why a contribution is in no claim. Messages of the report's catalogue (locale/fr.po).
WITHDRAWN = "withdrawn by the contributor"
NO_ANSWER = "answers no question that was asked"
UNREAD = "its file in contributions/ could not be read"
NOT_CHOSEN = "answers, but none of its sentences was chosen"
OTHER_TEXT = Text(en="What fits no question", fr="Ce qui ne répond à aucune question posée")


def build_report(
    discussion: Discussion,
    contributions: Sequence[Contribution],
    passages: Sequence[Passage],
    drafts: Sequence[Draft],
    recommendations: RecommendationsDraft,
    unread: Sequence[str] = (),
) -> Report:
    """The report over `drafts`, whose claims carry their checks. Claims that failed or were rejected are left out."""
    questions = tuple(q for draft in drafts if (q := _question(discussion, draft)) is not None)
    claims = [claim for question in questions for claim in question.claims()]
    kept = tuple(r for r in recommendations.recommendations if set(r.claims) <= {c.id for c in claims})
    return Report(
        discussion=ReportDiscussion(title=discussion.title, period=discussion.period, topics=discussion.topics),
        generated=recommendations.generated,
        questions=questions,
        recommendations=kept,
        contributors=tuple(_contributor(c, claims) for c in contributions if c.withdrawn is None),
        coverage={c.id: _coverage(c, claims, passages) for c in contributions if c.withdrawn is None},
        not_represented=(
            *(NotRepresented(id=c.id, why=_why(c)) for c in contributions if not _cited(c.id, claims)),
            *(NotRepresented(id=name, why=UNREAD) for name in unread),
        ),
    )


def _question(discussion: Discussion, draft: Draft) -> QuestionReport | None:
    themes = []
    for theme in draft.themes:
        if good := tuple(c for c in theme.claims if not failed(c) and c.status != "rejected"):
            themes.append(Theme(title=theme.title, claims=good))
    is_question = "." in draft.question
    if not themes and not is_question:
        return None  # nobody remarked on the topic as a whole: no heading for it
    text = OTHER_TEXT if draft.question == OTHER else discussion.text_of(draft.question)
    return QuestionReport(id=draft.question, text=text, themes=tuple(themes))


def _cited(contribution_id: str, claims: Sequence[Claim]) -> bool:
    return any(c.contribution == contribution_id for claim in claims for c in claim.citations)


def _contributor(c: Contribution, claims: Sequence[Claim]) -> Contributor:
    cited = sum(any(x.contribution == c.id for x in claim.citations) for claim in claims)
    return Contributor(
        id=c.id, author=c.author, organisation=c.organisation, country=c.country, language=c.language, cited=cited
    )


def _coverage(c: Contribution, claims: Sequence[Claim], passages: Sequence[Passage]) -> Coverage:
    citing = [claim for claim in claims if any(x.contribution == c.id for x in claim.citations)]
    cited = {x.passage for claim in citing for x in claim.citations if x.contribution == c.id}
    return Coverage(passages=sum(p.contribution == c.id for p in passages), cited=len(cited), claims=len(citing))


def _why(contribution: Contribution) -> str:
    if contribution.withdrawn is not None:
        return WITHDRAWN
    return NOT_CHOSEN if contribution.answers else NO_ANSWER
