"""The report as Markdown. Quoted words are escaped: what a contributor wrote is never markup."""

from __future__ import annotations

import re

from corpus.model import Citation, Recommendation
from synth.report.view import Sentence, View

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")


def escape(text: str) -> str:
    """`text` so that Markdown shows it as it is, on one line."""
    escaped = _SPECIAL.sub(r"\\\1", re.sub(r"[ \t\n]+", " ", text.strip()))
    return re.sub(r"^([-+]|\d+[.)])(?=\s)", lambda m: f"{m[1][:-1]}\\{m[1][-1]}", escaped)


def render(view: View) -> str:
    """The whole report in the view's language."""
    f = view.frame
    title, title_language = view.title()
    lines = [f"# {escape(title)}{_not_in(view, title_language)}", ""]
    if period := f.period(view.report.discussion.period):
        lines += [f"*{escape(period)}*", ""]
    lines += [
        f"## {f.text('What this is, and what it is not')}",
        "",
        " ".join(filter(None, [f.text(view.caveat()), view.reviewed()])),
        "",
    ]
    lines += [f"## {f.text('Who answered')}", "", view.answered(), "", *_matrix(view), ""]
    lines += [f"## {f.text('In short')}", ""]
    lines += [f"- **{_short_label(view, q.id, q)}** {escape(view.short(q))}" for q in view.report.questions]
    lines.append("")
    lines += _news(view)
    for question in view.report.questions:
        text, language = f.asked(question.text)
        heading = view.heading(question)
        lines += [f"## {heading}{'. ' if heading else ''}{escape(text)}{_not_in(view, language)}", ""]
        if not question.themes:
            lines += [f.text(question.empty or "Nobody answered this question."), ""]
        for theme in question.themes:
            lines += [f"### {escape(view.theme(theme.title.best(view.language)[0]))}", ""]
            for claim, told in view.told(theme):
                lines += [f'<a id="{claim.id}"></a>' + " ".join(_sentence(view, s) for s in told), ""]
    lines += _recommendations(view)
    lines += _people(view)
    lines += _full_texts(view)
    return "\n".join(lines).rstrip() + "\n"


def _news(view: View) -> list[str]:
    f = view.frame
    if not view.since():
        return []
    lines = [f"## {f.text('What is new since the report of {day}', day=view.since())}", ""]
    for what, claims in view.news():
        lines += [f"### {what}", ""]
        lines += [f"- [{c.id}](#{c.id}) {' '.join(_sentence(view, s) for s in view.sentences(c))}" for c in claims]  # fmt: skip
        lines.append("")
    if view.withdrawn() or not view.news():
        lines += [view.withdrawn() or f.text("Nothing."), ""]
    return lines


def _short_label(view: View, label: str, question: object) -> str:
    return escape(label) if label != "other" else escape(view.frame.text("Other"))


def _not_in(view: View, language: str) -> str:
    return "" if language == view.language else f" ({view.frame.in_language(language)})"


def _sentence(view: View, sentence: Sentence) -> str:
    sources = " ".join(_source(view, c) for c in sentence.sources)
    if not sentence.quoted:
        return f"{escape(sentence.words)} {sources}"
    where = view.frame.in_language(sentence.language)
    note = f" ({where})" if where else ""
    colon = f"{chr(160)}:" if view.language == "fr" else ":"
    return f"{escape(sentence.lead)}{note}{colon} {view.frame.quote(_cut(sentence), sentence.language)} {sources}"


def _cut(sentence: Sentence) -> str:
    """The quoted words, with […] where the sentence they come from goes on."""
    before, after = ("\\[…\\] " if sentence.cut_before else ""), (" \\[…\\]" if sentence.cut_after else "")
    return f"{before}{escape(sentence.words)}{after}"


def _source(view: View, citation: Citation) -> str:
    return f"[[{view.source_number(citation)}]](#{citation.contribution})"


def _matrix(view: View) -> list[str]:
    f = view.frame
    columns = view.columns()
    head = ["", *map(view.column, columns), f.text("in all")]
    rows = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for contribution in view.contributions:
        cells = [view.cell(contribution, label) for label in columns]
        shown = [str(c.claims) if c.claims else ("0" if c.answered else "") for c in cells]
        who = escape(f"{int(contribution.id[1:])}. {f.name(contribution)}")
        rows.append("| " + " | ".join([who, *shown, str(sum(c.claims for c in cells))]) + " |")
    return [
        *rows,
        "",
        f.text("Claims that cite a contribution, by question; 0: it answered and is not cited there."),
    ]


def _recommendations(view: View) -> list[str]:
    f = view.frame
    if not view.report.recommendations:
        return []
    lines = [f"## {f.text('Recommendations')}", ""]
    for name, recommendations in view.by_addressee():
        lines += [f"### {escape(name)}", ""]
        lines += [_recommendation(view, r) for r in recommendations]
        lines.append("")
    return lines


def _recommendation(view: View, recommendation: Recommendation) -> str:
    first = recommendation.citations[0]
    written = recommendation.text.get(view.language)
    if written is not None and written != first.quote:
        words = escape(view.frame.typeset(written))
    else:
        where = view.frame.in_language(first.language)
        before, after = view.cuts(first)
        quoted = _cut(Sentence("", first.quote, first.language, True, (first,), before, after))
        words = view.frame.quote(quoted, first.language) + (f" ({where})" if where else "")
    sources = " ".join(dict.fromkeys(_source(view, c) for c in recommendation.citations))
    said = " ".join(p for p in (view.support(recommendation), view.dissent(recommendation)) if p)
    return f"{int(recommendation.id[1:])}. {words} {escape(said)} {sources}"


def _people(view: View) -> list[str]:
    f = view.frame
    lines = [f"## {f.text('Contributors')}", ""]
    for person in view.report.contributors:
        lines.append(
            f"{int(person.id[1:])}. {escape(f.who(view.people[person.id]))} ({f.language_name(person.language)}) – {view.cited(person.cited)}"
        )
    if absent := view.why_absent():
        lines += [
            "",
            f"### {f.text('Not represented')}",
            "",
            *[
                f"- {escape(who)}{': ' if view.language == 'en' else chr(160) + ': '}{escape(why)}"
                for who, why in absent
            ],
        ]
    return [*lines, ""]


def _full_texts(view: View) -> list[str]:
    f = view.frame
    lines = [f"## {f.text('The contributions in full')}", ""]
    for contribution in view.contributions:
        who = f"{int(contribution.id[1:])}. {f.who(contribution)}"
        lines += [f'### <a id="{contribution.id}"></a>{escape(who)}', ""]
        lines += [f"> {escape(line)}" if line.strip() else ">" for line in contribution.body.split("\n")]
        lines.append("")
    return lines
