"""The way of the data, from contributions on disk to the report:

contributions → passages → index → evidence of each question → claims → checked claims → drafts → report → verdict

Each arrow is one function below. Only what is stale is drafted again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from corpus.edits import follow_edits
from corpus.errors import ServerError, SynthError, UnreadableError
from corpus.folder import Contributions, load_contributions, load_discussion
from corpus.model import (
    Draft,
    Dropped,
    Generated,
    RecommendationsDraft,
    Report,
    Theme,
    Verdict,
)
from corpus.passages import passages, windows
from eval.gates import Grounds, check_claims, heading_stands
from eval.harness import check_drafts, failed
from prompts import Prompt
from prompts.shown import attributed
from synth import store
from synth.engines.engine import Engine, Say, Unfinished, Written
from synth.engines.themes import UNNAMED, under_one_heading
from synth.evidence import Evidence, assign
from synth.llm.client import Ask
from synth.llm.later import WaitingError
from synth.report.build import build_report
from synth.settings import Settings, resolve
from synth.stale import basis, digest, fingerprint, is_stale
from synth.workspace import Corpus
from vectorstore.index import Index, Synced
from vectorstore.retrieve import Retriever


def read_corpus(
    folder: Path,
    engine: str | None = None,
    model: str | None = None,
    budget: int | None = None,
    judge: str | None = None,
) -> Corpus:
    """Everything on disk that a run starts from."""
    discussion = load_discussion(folder)
    loaded: Contributions = load_contributions(folder, discussion)
    settings = resolve(discussion, engine, model, budget, judge)
    corpus = Corpus(folder, discussion, settings, loaded.contributions, loaded.problems, loaded.unread)
    corpus.passages = [p for c in corpus.active for p in passages(c, discussion)]
    corpus.windows = [w for p in corpus.passages for w in windows(p)]
    return corpus


def take_edits(folder: Path) -> None:
    """Let the labels follow what people edited in contributions/ since the last run. Hold the lock."""
    follow_edits(folder, load_discussion(folder))


def reader(corpus: Corpus) -> Retriever:
    """A retriever that needs neither lock nor index: the vectors are compared directly. For whoever only reads."""
    return Retriever(corpus.passages, corpus.windows, corpus.embedder)


def sync_index(corpus: Corpus) -> tuple[Retriever, Synced]:
    """The index brought up to date, and a retriever over it. Hold the lock."""
    embedder = corpus.embedder
    index = Index(corpus.folder, embedder)
    if corpus.windows and not index.is_current(corpus.windows):
        synced = index.sync(corpus.windows)
    else:
        synced = Synced(len(corpus.windows), 0, 0, rebuilt=False)
    return Retriever(corpus.passages, corpus.windows, embedder, index), synced


def gather(corpus: Corpus, retriever: Retriever) -> dict[str, Evidence]:
    """The evidence of every label.

    Each contribution brings quotations of `length` times its own length, shared among the labels it speaks to by how
    much it says there. So what one contribution says changes nothing under a question that it does not answer.
    """
    assigned = assign(corpus.passages, corpus.discussion, retriever, corpus.vectors)
    said = Counter[str]()
    for found in assigned.values():
        for passage in found:
            said[passage.contribution] += len(passage.text)
    brings = {c.id: corpus.settings.length * len(c.body) / said[c.id] for c in corpus.active if said[c.id]}
    by_id = {c.id: c for c in corpus.active}
    return {
        label: Evidence(
            label=label,
            discussion=corpus.discussion,
            passages=tuple(found),
            contributions=by_id,
            somebody_elses=corpus.grounds.somebody_elses,
            vectors=corpus.vectors,
            background=corpus.background,
            allowance=int(sum(brings[p.contribution] * len(p.text) for p in found)),
        )
        for label, found in assigned.items()
    }


def checked_draft(
    written: Written, evidence: Evidence, settings: Settings, generated: Generated, grounds: Grounds
) -> Draft:
    """What an engine wrote as a draft: each claim checked; what a gate fails is dropped and listed, a heading that fails is replaced."""
    kept: list[Theme] = []
    dropped = list(written.dropped)
    fresh = iter(check_claims([claim for theme in written.themes for claim in theme.claims], grounds))
    for theme in written.themes:
        checked = [next(fresh) for _ in theme.claims]
        for claim in checked:
            dropped += [
                Dropped(question=written.label, text=claim.text, check=c.name, detail=c.detail)
                for c in claim.checks
                if c.verdict == "fail"
            ][:1]
        if good := tuple(c for c in checked if not failed(c)):
            title = theme.title if heading_stands(theme.title, good, grounds) else UNNAMED
            kept.append(Theme(title=title, claims=good))
    return Draft(
        question=written.label,
        generated=generated,
        made_from=fingerprint(evidence, settings, generated),
        themes=under_one_heading(kept),
        dropped=tuple(dropped),
        basis=basis(evidence, settings, generated),
        read=written.read,
        not_read=written.not_read,
        refused=written.refused,
        usage=written.usage,
    )


def stale_labels(corpus: Corpus, evidence: dict[str, Evidence]) -> list[str]:
    """Labels whose draft is missing or made from something else than is there now."""
    with closing(corpus.engine()) as engine:
        generated = engine.generated()
    drafts = {label: store.load_draft(corpus.folder, label) for label in corpus.labels()}
    return [label for label in drafts if is_stale(drafts[label], evidence[label], corpus.settings, generated)]


def prompts_for(
    corpus: Corpus, evidence: dict[str, Evidence], only: Sequence[str] = (), all_of_them: bool = False
) -> list[Prompt]:
    """The prompts that drafting what is stale would begin with, without those answered before; sends and writes nothing.

    `all_of_them`: of `only`, stale or not, answered or not.
    """
    from synth.llm.later import Later

    if corpus.settings.model is None:
        return []
    later = Later(corpus.settings.model, None if all_of_them else corpus.client.replies)
    labels = list(only) if all_of_them else [s for s in stale_labels(corpus, evidence) if not only or s in only]
    with closing(corpus.engine(later)) as engine:
        same = {} if all_of_them else _same_basis(_standing(corpus)[0], corpus, evidence, engine.generated())
        for _ in engine.draft([evidence[label] for label in labels], same, lambda label, what: None):
            pass
    return list(later.wanted.values())


@dataclass
class Drafted:
    """The drafts after a run, and the labels that were drafted anew.

    `unfinished`: label → why it has no current draft; `waiting`: those of them whose batch is out.
    """

    drafts: list[Draft]
    recommendations: RecommendationsDraft | None
    renewed: list[str]
    problems: list[str]
    unfinished: dict[str, str] = field(default_factory=dict)
    waiting: list[str] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        """Whether the model would read nothing: no draft holds a claim, and contributions were refused."""
        return any(d.refused for d in self.drafts) and not any(d.claims() for d in self.drafts)

    @property
    def failed(self) -> bool:
        """Whether something is unfinished for another reason than that its batch is out, or all was refused."""
        return bool(set(self.unfinished) - set(self.waiting)) or self.refused


def draft_stale(
    corpus: Corpus,
    evidence: dict[str, Evidence],
    only: Sequence[str] = (),
    say: Say = lambda label, what: None,
    ask: Ask | None = None,
) -> Drafted:
    """Draft what is stale (of `only`, if given), keep the rest, write each draft as it is finished.

    Raises ServerError where the model's server stops everything; what was finished by then is on disk.
    """
    standing, problems = _standing(corpus)
    broken = [label for label in corpus.labels() if label not in standing]
    with closing(corpus.engine(ask)) as engine:
        generated = engine.generated()
        _keep_a_models_work(corpus, standing)
        stale = [
            label
            for label, draft in standing.items()
            if (not only or label in only) and is_stale(draft, evidence[label], corpus.settings, generated)
        ]
        result = Drafted([], None, [], problems)
        drafts = {label: d for label, d in standing.items() if d is not None}
        same = _same_basis(standing, corpus, evidence, generated)
        try:
            for one in engine.draft([evidence[label] for label in stale], same, say):
                if isinstance(one, Unfinished):
                    result.unfinished[one.label] = one.why
                    result.waiting += [one.label] if one.waiting else []
                    continue
                drafts[one.label] = checked_draft(one, evidence[one.label], corpus.settings, generated, corpus.grounds)
                store.save(store.draft_path(corpus.folder, one.label), drafts[one.label])
                result.renewed.append(one.label)
        except ServerError as error:
            asked = [label for label in stale if evidence[label].passages]
            finished = sum(label in result.renewed for label in asked)
            done = f" {finished} of {len(asked)} questions are done; the same command goes on from there."
            raise type(error)(f"{error}{done}") from None
        result.renewed.sort(key=corpus.labels().index)
        result.drafts = [drafts[label] for label in corpus.labels() if label in drafts]
        complete = not result.unfinished and not broken
        result.recommendations = _recommendations(corpus, result, engine, say) if complete else _recommended(corpus)
    return result


def draft_in_batches(
    corpus: Corpus, evidence: dict[str, Evidence], only: Sequence[str] = (), say: Say = lambda label, what: None
) -> Drafted:
    """Take in what batches have ready, draft as far as that goes, and submit what is asked next. Raises ServerError."""
    from synth.llm.later import Later

    batches = corpus.batches
    batches.collect()
    later = Later(corpus.client.settings, corpus.client.replies)
    drafted = draft_stale(corpus, evidence, only, say, later)
    batches.submit(later.wanted)
    return drafted


def _standing(corpus: Corpus) -> tuple[dict[str, Draft | None], list[str]]:
    """Yesterday's drafts by label; a broken one is named and left alone."""
    standing: dict[str, Draft | None] = {}
    problems = []
    for label in corpus.labels():
        try:
            standing[label] = store.load_draft(corpus.folder, label)
        except UnreadableError as error:
            problems.append(str(error))
    return standing, problems


def _same_basis(
    standing: Mapping[str, Draft | None], corpus: Corpus, evidence: dict[str, Evidence], generated: Generated
) -> dict[str, Draft]:
    """Drafts that differ from what would be written today in their passages at most."""
    return {
        label: draft
        for label, draft in standing.items()
        if draft is not None and draft.basis == basis(evidence[label], corpus.settings, generated)
    }


def _keep_a_models_work(corpus: Corpus, standing: Mapping[str, Draft | None]) -> None:
    """A model's drafts are not written over because its key is missing today. Raises SynthError."""
    writers = {d.generated.model for d in standing.values() if d is not None and d.generated.engine == "llm"}
    if writers and corpus.settings.engine == "extractive" and not corpus.settings.chosen:
        raise SynthError(
            f"the drafts were written by {sorted(map(str, writers))[0]}, which is not set up now. Set the model and its key as "
            "before (`synth doctor` says what is missing), or say --engine extractive to write them over."
        )


def _recommended(corpus: Corpus) -> RecommendationsDraft | None:
    """drafts/recommendations.json as it lies there."""
    try:
        return store.load_recommendations(corpus.folder)
    except UnreadableError:
        return None  # made from the claims alone, so nothing is lost by making it anew


def _recommendations(corpus: Corpus, result: Drafted, engine: Engine, say: Say) -> RecommendationsDraft | None:
    """Recommendations from the claims as they stand, written if that changes them; yesterday's where they cannot be had now."""
    claims = [c for draft in result.drafts for c in draft.claims() if not failed(c) and c.status != "rejected"]
    made_from = digest(
        [
            engine.generated().model_dump(exclude={"version"}),
            [c.model_dump(mode="json") for c in claims],
            corpus.discussion.settings.get("addressees"),
        ]
    )
    standing = _recommended(corpus)
    if standing and standing.made_from == made_from:
        return standing
    say("recommendations", "writing")
    try:
        found, usage = engine.recommend(claims)
    except (ServerError, WaitingError) as error:  # every question is drafted: the report need not wait
        result.unfinished["recommendations"] = str(error).rstrip(".") or "waits for its batch"
        result.waiting += ["recommendations"] if isinstance(error, WaitingError) else []
        return standing
    made = RecommendationsDraft(generated=engine.generated(), made_from=made_from, recommendations=found, usage=usage)
    store.save(store.draft_path(corpus.folder, "recommendations"), made)
    return made


def check(corpus: Corpus, drafts: Sequence[Draft]) -> tuple[list[Draft], Verdict]:
    """Fresh checks of every claim, by the judge too if there is one, and the verdict; written to report/verdict.json."""
    checked, verdict = check_drafts(drafts, corpus.grounds, corpus.judge)
    store.save(corpus.folder / "report" / "verdict.json", verdict)
    return checked, verdict


def report_of(
    corpus: Corpus,
    checked: Sequence[Draft],
    recommendations: RecommendationsDraft | None,
    unfinished: Collection[str] = (),
) -> Report:
    """The report: claims that no check fails, with who said them. `unfinished`: questions that have no current draft."""
    return build_report(
        corpus.discussion,
        [attributed(c, corpus.settings.attribution) for c in corpus.contributions],
        corpus.passages,
        checked,
        recommendations,
        corpus.unread,
        unfinished,
    )


def load_drafts(corpus: Corpus) -> tuple[list[Draft], RecommendationsDraft | None]:
    """The drafts as they lie on disk."""
    drafts = [d for label in corpus.labels() if (d := store.load_draft(corpus.folder, label)) is not None]
    return drafts, store.load_recommendations(corpus.folder)
