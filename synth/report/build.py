"""The report as data (report.json): what is said, by whom, and who is not in it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from corpus.model import (
    Claim,
    Contribution,
    Contributor,
    Coverage,
    Discussion,
    Draft,
    Generated,
    NotRepresented,
    Passage,
    QuestionReport,
    Recommendation,
    RecommendationsDraft,
    Report,
    ReportDiscussion,
    Text,
    Theme,
)
from eval.harness import failed
from synth import __version__
from synth.evidence import OTHER

# Why a contribution is in no claim. Messages of the report's catalogue (locale/fr.po).
WITHDRAWN = "withdrawn by the contributor"
NO_ANSWER = "answers no question that was asked"
UNREAD = "its file in contributions/ could not be read"
REFUSED = "the model, or its provider's filter, would not read an answer of it"
UNDRAFTED = "This question could not be drafted yet: there is no reply of the model that could be used."
NOTHING_STOOD = "Nothing that was drafted here could be shown in the contributions."
NOT_CHOSEN = "answers, but none of its sentences was chosen"
OTHER_TEXT = Text(en="What fits no question", fr="Ce qui ne répond à aucune question posée")


def build_report(
    discussion: Discussion,
    contributions: Sequence[Contribution],
    passages: Sequence[Passage],
    drafts: Sequence[Draft],
    recommendations: RecommendationsDraft | None,
    unread: Sequence[str] = (),
    unfinished: Collection[str] = (),
) -> Report:
    """The report over `drafts`, whose claims carry their checks. Claims that failed or were rejected are left out.

    `unfinished`: questions whose draft is missing or of yesterday; the report says so of those that have none.
    """
    by_label = {draft.question: draft for draft in drafts}
    labels = [*discussion.labels(), OTHER]
    questions = tuple(
        q
        for label in labels
        if (q := _question(discussion, label, by_label.get(label), label in unfinished)) is not None
    )
    claims = [claim for question in questions for claim in question.claims()]
    kept = _recommended(recommendations, claims)
    return Report(
        discussion=ReportDiscussion(title=discussion.title, period=discussion.period, topics=discussion.topics),
        generated=_generated(drafts, recommendations),
        questions=questions,
        recommendations=kept,
        contributors=tuple(_contributor(c, claims) for c in contributions if c.withdrawn is None),
        coverage={c.id: _coverage(c, claims, passages) for c in contributions if c.withdrawn is None},
        not_represented=(
            *(NotRepresented(id=c.id, why=_why(c, drafts)) for c in contributions if not _cited(c.id, claims)),
            *(NotRepresented(id=c, why=REFUSED) for c in _refused(drafts) if _cited(c, claims)),
            *(NotRepresented(id=name, why=UNREAD) for name in unread),
        ),
    )


def _question(discussion: Discussion, label: str, draft: Draft | None, unfinished: bool) -> QuestionReport | None:
    themes = []
    for theme in draft.themes if draft else ():
        if good := tuple(c for c in theme.claims if not failed(c) and c.status != "rejected"):
            themes.append(Theme(title=theme.title, claims=good))
    if not themes and "." not in label and not unfinished:
        return None  # nobody remarked on the topic as a whole: no heading for it
    text = OTHER_TEXT if label == OTHER else discussion.text_of(label)
    empty = None if themes else UNDRAFTED if draft is None else NOTHING_STOOD if draft.dropped else None
    return QuestionReport(id=label, text=text, themes=tuple(themes), empty=empty)


def _recommended(recommendations: RecommendationsDraft | None, claims: Sequence[Claim]) -> tuple[Recommendation, ...]:
    """Those whose claims and sources are in the report; after a run that was not finished they may speak of older claims."""
    cited = {c.id: set(c.citations) for c in claims}
    return tuple(
        r
        for r in (recommendations.recommendations if recommendations else ())
        if all(i in cited for i in r.claims) and all(any(x in cited[i] for i in r.claims) for x in r.citations)
    )


def _generated(drafts: Sequence[Draft], recommendations: RecommendationsDraft | None) -> Generated:
    """Who wrote the report."""
    if recommendations is not None:
        return recommendations.generated
    return drafts[0].generated if drafts else Generated(engine="extractive", version=__version__)


def _refused(drafts: Sequence[Draft]) -> list[str]:
    """Contributions of which a model, or its provider's filter, would not read an answer."""
    return list(dict.fromkeys(c for draft in drafts for c in draft.refused))


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


def _why(contribution: Contribution, drafts: Sequence[Draft]) -> str:
    if contribution.withdrawn is not None:
        return WITHDRAWN
    if contribution.id in _refused(drafts):
        return REFUSED
    return NOT_CHOSEN if contribution.answers else NO_ANSWER
