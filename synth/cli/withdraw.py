"""synth withdraw"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from corpus.errors import SynthError
from synth.cli.common import in_folder, note, notes, plural


@click.command("withdraw")
@click.argument("contribution", metavar="ID")
@click.option("--why", required=True, help="The reason, as it is kept with the contribution.")
@click.option("--erase", is_flag=True, help="Take the words out of the file in sources/ too. This cannot be undone.")
@in_folder
def command(folder: Path, contribution: str, why: str, erase: bool) -> int:
    """Take a contribution out because its contributor asks for it: its words leave every file but sources/.

    Decisions stay, without its words. Claims lose the source; those that rest on nothing else, or are worded in its words, go. The report is written again
    at once. What a model answered before is deleted too, since it may hold the words.

    \b
    Example:
      synth -C tunis withdraw C07 --why "asked by e-mail on 3 May"
    """
    from corpus.folder import load_discussion
    from corpus.model import Withdrawn
    from synth import pipeline
    from synth.report.write import rendered, write_report
    from synth.withdraw import erase as erase_source
    from synth.withdraw import withdraw
    from vectorstore.lock import hold

    load_discussion(folder)
    hold(folder, "withdraw", say=note)
    corpus = pipeline.read_corpus(folder)
    notes(corpus.problems)
    gone = next((c for c in corpus.contributions if c.id == contribution), None)
    if gone is None:
        known = ", ".join(c.id for c in corpus.active)
        raise SynthError(f"there is no contribution {contribution!r} that can be read; there are {known}.")
    reason = gone.withdrawn or Withdrawn(on=date.today().isoformat(), why=" ".join(why.split()))
    waits = corpus.settings.engine == "llm" and corpus.batches_wait
    lost = withdraw(corpus, gone, reason)
    erased = erase_source(corpus, gone) if erase else ""
    where = f"in no file; sources/{erased} lost them too" if erased else "in no file but sources/"
    click.echo(f"{gone.id} is withdrawn. Its words are {where}." + (f" Claims went with them under {', '.join(lost)}." if lost else ""))  # fmt: skip
    if waits:
        note("a batch was out that may hold its words; it is given up.")
    corpus = pipeline.read_corpus(folder)
    drafts, recommendations = pipeline.load_drafts(corpus)
    if drafts and corpus.active:
        checked, _ = pipeline.check(corpus, drafts)
        report = pipeline.report_of(corpus, checked, recommendations)
        files = rendered(report, corpus.contributions, corpus.discussion, ("html", "md", "json"), ("en", "fr"), corpus.settings.attribution)  # fmt: skip
        write_report(folder, files)
        claims = len(report.claims())
        click.echo(f"The report stands on {plural(claims, 'claim')} now. Next: synth run, which drafts anew what this touches.")  # fmt: skip
    return 3 if corpus.problems else 0
