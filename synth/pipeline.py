"""The way of the data, from contributions on disk to the report:

contributions → passages → index → evidence of each question → claims → checked claims → drafts → report → verdict

Each arrow is one function below. Only what is stale is drafted again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from corpus.edits import follow_edits
from corpus.errors import ServerError, SynthError, UnreadableError
from corpus.folder import Contributions, load_contributions, load_discussion
from corpus.model import Claim, Draft, Generated, RecommendationsDraft, Report, Verdict
from corpus.passages import passages, windows
from eval.harness import check_drafts, failed
from prompts import Prompt
from prompts.shown import attributed
from synth import store
from synth.admission import checked_draft, only_decided
from synth.changes import Changes, changes, faces, since_published
from synth.engines.engine import Engine, Say, Unfinished
from synth.engines.recommending import words_of
from synth.evidence import Evidence, assign
from synth.llm.client import Ask
from synth.llm.later import WaitingError
from synth.report.build import build_report
from synth.review import decisions
from synth.review.apply import reviewed, with_decisions
from synth.settings import resolve
from synth.stale import basis, digest, is_stale, why_stale
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
    made = decisions.load(folder)
    problems = [*loaded.problems, *made.problems]
    corpus = Corpus(folder, discussion, settings, loaded.contributions, problems, loaded.unread, made)
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


def stale_labels(corpus: Corpus, evidence: dict[str, Evidence]) -> dict[str, str]:
    """Labels whose draft is missing or made from something else than is there now, and why."""
    with closing(corpus.engine()) as engine:
        generated = engine.generated()
    drafts = {label: store.load_draft(corpus.folder, label) for label in corpus.labels()}
    why = {label: why_stale(drafts[label], evidence[label], corpus.settings, generated) for label in drafts}
    return {label: reason for label, reason in why.items() if reason}


def prompts_for(
    corpus: Corpus, evidence: dict[str, Evidence], labels: Sequence[str], fresh: bool = False, kept: bool = True
) -> list[Prompt]:
    """The prompts that drafting these questions would begin with; sends and writes nothing.

    What is stale is brought up to date, what is current drafted anew, and with `fresh` all. `kept`: without those whose reply
    is kept.
    """
    from synth.llm.later import Later

    if corpus.settings.model is None:
        return []
    later = Later(corpus.settings.model, corpus.client.replies if kept else None)
    stale = () if fresh else stale_labels(corpus, evidence)
    with closing(corpus.engine(later)) as engine:
        same = _to_start_from(_standing(corpus)[0], corpus, evidence, engine.generated())
        same = {label: draft for label, draft in same.items() if label in stale}
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
    changes: Changes = field(default_factory=Changes)
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
    fresh: bool = False,
) -> Drafted:
    """Draft what is stale (of `only`, if given), keep the rest, write each draft as it is finished.

    `fresh`: draft all of `only` anew, stale or not, from all of its passages. What people decided stands in every draft.

    Raises ServerError where the model's server stops everything; what was finished by then is on disk.
    """
    standing, problems = _standing(corpus)
    before = _visible(_as_written(corpus))
    broken = [label for label in corpus.labels() if label not in standing]
    with closing(corpus.engine(ask)) as engine:
        generated = engine.generated()
        _keep_a_models_work(corpus, standing)
        stale = [
            label
            for label, draft in standing.items()
            if (not only or label in only) and (fresh or is_stale(draft, evidence[label], corpus.settings, generated))
        ]
        result = Drafted([], None, [], problems)
        drafts = {label: d for label, d in standing.items() if d is not None}
        start = _to_start_from({} if fresh else standing, corpus, evidence, generated)
        try:
            for one in engine.draft([evidence[label] for label in stale], start, say):
                if isinstance(one, Unfinished):
                    result.unfinished[one.label] = one.why
                    result.waiting += [one.label] if one.waiting else []
                    continue
                drafts[one.label] = checked_draft(one, evidence[one.label], corpus, generated, standing[one.label])
                store.save(store.draft_path(corpus.folder, one.label), drafts[one.label])
                result.renewed.append(one.label)
        except ServerError as error:
            asked = [label for label in stale if evidence[label].passages]
            finished = sum(label in result.renewed for label in asked)
            done = f" {finished} of {len(asked)} questions are done; the same command goes on from there."
            raise type(error)(f"{error}{done}") from None
        for label, draft in drafts.items():  # also where only decisions were made since
            store.save(store.draft_path(corpus.folder, label), draft)
        result.renewed.sort(key=corpus.labels().index)
        result.drafts = [drafts[label] for label in corpus.labels() if label in drafts]
        result.changes = changes(faces(before), faces(_visible(result.drafts)), {i for i, r in corpus.rulings.items() if r.status == "rejected"})  # fmt: skip
        complete = not result.unfinished and not broken
        result.recommendations = _recommendations(corpus, result, engine, say) if complete else _recommended(corpus)
    return result


def draft_in_batches(
    corpus: Corpus,
    evidence: dict[str, Evidence],
    only: Sequence[str] = (),
    say: Say = lambda label, what: None,
    fresh: bool = False,
) -> Drafted:
    """Take in what batches have ready, draft as far as that goes, and submit what is asked next. Raises ServerError."""
    from synth.llm.later import Later

    batches = corpus.batches
    batches.collect()
    later = Later(corpus.client.settings, corpus.client.replies)
    drafted = draft_stale(corpus, evidence, only, say, later, fresh)
    batches.submit(later.wanted)
    return drafted


def _standing(corpus: Corpus) -> tuple[dict[str, Draft | None], list[str]]:
    """Yesterday's drafts by label, with what was decided since; a broken one is named and left alone."""
    standing: dict[str, Draft | None] = {}
    problems = []
    for label in corpus.labels():
        try:
            standing[label] = _decided(store.load_draft(corpus.folder, label), corpus)
        except UnreadableError as error:
            problems.append(str(error))
    return standing, problems


def _as_written(corpus: Corpus) -> list[Draft]:
    """Yesterday's drafts as they lie there, without what was decided since; broken ones are left out."""
    found = []
    for label in corpus.labels():
        with suppress(UnreadableError):
            found += [d] if (d := store.load_draft(corpus.folder, label)) else []
    return found


def _visible(drafts: Iterable[Draft]) -> list[Claim]:
    """The claims that a report would show."""
    return [c for draft in drafts for c in draft.claims() if c.status != "rejected" and not failed(c)]


def _decided(draft: Draft | None, corpus: Corpus) -> Draft | None:
    return draft and with_decisions(draft, corpus.rulings, corpus.passages)


def decided_since(corpus: Corpus) -> list[str]:
    """Labels whose drafts do not hold yet what was decided; the next run puts it in."""
    written = _as_written(corpus)
    return [d.question for d in written if _decided(d, corpus) != d]


def _to_start_from(
    standing: Mapping[str, Draft | None], corpus: Corpus, evidence: dict[str, Evidence], generated: Generated
) -> dict[str, Draft]:
    """What an engine goes on from: drafts that differ from what would be written today in their passages at most; of others,
    what people decided."""
    found = {}
    for label in evidence:
        draft = standing.get(label)
        same = draft is not None and draft.basis == basis(evidence[label], corpus.settings, generated)
        start = draft if same else only_decided(draft, label, corpus, generated)
        if start is not None:
            found[label] = start
    return found


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
    claims = _visible(result.drafts)
    made_from = digest(
        [
            engine.generated().model_dump(exclude={"version"}),
            [c.model_dump(mode="json", exclude={"status", "checks"}) for c in claims],
            corpus.discussion.settings.get("addressees"),
        ]
    )
    standing = _recommended(corpus)
    if standing and standing.made_from == made_from:
        return standing
    say("recommendations", "writing")
    try:
        by = engine.generated().model_copy(update={"version": standing.generated.version if standing else ""})
        same = standing if standing and standing.generated == by else None
        found, usage = engine.recommend(claims, same)
    except (ServerError, WaitingError) as error:  # every question is drafted: the report need not wait
        result.unfinished["recommendations"] = str(error).rstrip(".") or "waits for its batch"
        result.waiting += ["recommendations"] if isinstance(error, WaitingError) else []
        return standing
    made = RecommendationsDraft(
        generated=engine.generated(), made_from=made_from, recommendations=found, read=words_of(claims), usage=usage
    )
    store.save(store.draft_path(corpus.folder, "recommendations"), made)
    return made


def check(corpus: Corpus, drafts: Sequence[Draft]) -> tuple[list[Draft], Verdict]:
    """Fresh checks of every claim, by the judge too if there is one, and the verdict; written to report/verdict.json."""
    checked, verdict = check_drafts(drafts, corpus.grounds, corpus.judge, reviewed(drafts, corpus.rulings))
    store.save(corpus.folder / "report" / "verdict.json", verdict)
    return checked, verdict


def report_of(
    corpus: Corpus,
    checked: Sequence[Draft],
    recommendations: RecommendationsDraft | None,
    unfinished: Collection[str] = (),
) -> Report:
    """The report: claims that no check fails, with who said them. `unfinished`: questions that have no current draft."""
    report = build_report(
        corpus.discussion,
        [attributed(c, corpus.settings.attribution) for c in corpus.contributions],
        corpus.passages,
        checked,
        recommendations,
        corpus.unread,
        unfinished,
    )
    return report.model_copy(update={"since": since_published(corpus.folder, report.claims())})


def load_drafts(corpus: Corpus) -> tuple[list[Draft], RecommendationsDraft | None]:
    """The drafts as they lie on disk, with what was decided since they were written."""
    drafts = [d for label in corpus.labels() if (d := _decided(store.load_draft(corpus.folder, label), corpus))]
    return drafts, store.load_recommendations(corpus.folder)
