"""synth review"""

from __future__ import annotations

import socket
import webbrowser
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corpus.errors import SynthError
from synth.cli.common import in_folder, json_option, note, notes, plural, print_json, progress, row
from synth.cli.options import by_option

if TYPE_CHECKING:
    from synth.review.desk import Desk
    from synth.review.sheet import Imported


@click.command("review")
@click.option("--port", default=8765, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option(
    "--host", default=None, metavar="ADDRESS", help="Let colleagues in who have the link (default: this machine only)."
)
@click.option("--no-open", is_flag=True, help="Do not open a browser.")
@click.option(
    "--export",
    "exported",
    type=click.Path(path_type=Path),
    help="Write the claims as FILE.xlsx or FILE.csv, and serve nothing.",
)
@click.option("--import", "imported", type=click.Path(path_type=Path), help="Take in what was decided in such a file.")
@by_option
@json_option
@in_folder
def command(
    folder: Path,
    port: int,
    host: str | None,
    no_open: bool,
    exported: Path | None,
    imported: Path | None,
    by: str,
    as_json: bool,
) -> int:
    """Decide on the draft, claim by claim, beside its sources: in the browser, or in a spreadsheet.

    Decisions are kept in reviews/decisions.jsonl. They stand in every draft from then on; `synth run` brings them into the
    report. End it with Ctrl+C.

    A spreadsheet has a row for each claim and a Help sheet. A row that is not plain, or whose claim changed meanwhile, is
    named and not taken (exit code 3); the others are.

    \b
    Example:
      synth -C tunis review
      synth -C tunis review --export claims.xlsx
      synth -C tunis review --import claims.xlsx --by "Ada"
    """
    if exported and imported:
        raise click.UsageError("Give --export or --import, not both.")
    from corpus.folder import load_discussion
    from synth.review.desk import Desk

    load_discussion(folder)
    desk = Desk(folder)
    if not desk.cards():
        notes(desk.problems)
        raise SynthError(f"{folder}: there is nothing to review yet. Draft first: synth run")
    if exported:
        return _export(desk, exported, as_json)
    if imported:
        return _import(desk, imported, by, as_json)
    _serve(folder, host, port, not no_open)
    return 0


def _export(desk: Desk, path: Path, as_json: bool) -> int:
    from synth.review import sheet

    claims = sheet.export(desk, path)
    if as_json:
        print_json({"claims": claims, "file": str(path)})
    else:
        click.echo(f"{plural(claims, 'claim')} in {path}. Decide in its tinted columns, then: synth review --import {path}")  # fmt: skip
    return 0


def _import(desk: Desk, path: Path, by: str, as_json: bool) -> int:
    """3 where a row was not taken."""
    from synth.review import sheet

    with progress("Taking in decisions"):
        found = sheet.take(desk, path, by)
    for refused in found.refused:
        note(f"{path}, row {refused.row}{f' ({refused.claim})' if refused.claim else ''}: {refused.why}.")
    if as_json:
        print_json(_as_data(found))
    else:
        _say(found)
    return 3 if found.refused else 0


def _as_data(found: Imported) -> dict[str, object]:
    return {
        "taken": [{"claim": d.claim, "action": d.action, "n": d.n} for d in found.taken],
        "already": found.already,
        "refused": [asdict(refused) for refused in found.refused],
    }


def _say(found: Imported) -> None:
    counts = Counter(d.action for d in found.taken)
    row("Taken", ", ".join(f"{n} {action}" for action, n in counts.items()) or "nothing")
    if found.already:
        row("Before", f"{plural(len(found.already), 'row')} taken in before")
    conflicts = sum(refused.conflict for refused in found.refused)
    if conflicts:
        row("Conflict", f"{plural(conflicts, 'claim')} changed since the file was written; export again to decide on them")  # fmt: skip
    if len(found.refused) > conflicts:
        row("Unclear", f"{plural(len(found.refused) - conflicts, 'row')} not taken")
    if found.taken:
        click.echo("Next: synth run")


def _serve(folder: Path, host: str | None, port: int, opens: bool) -> None:
    """Until it is stopped. Raises SynthError where the address cannot be had."""
    import uvicorn

    from synth.review.server import Door, Review, token_of

    bound = _bound(host or "127.0.0.1", port)
    port = bound.getsockname()[1]
    token = token_of(folder)
    door = Door(frozenset(f"{name}:{port}" for name in _names(host)), token)
    named = next(iter(_names(host)))
    address = f"http://{named}:{port}/?token={token}"
    click.echo(f"Review: {address}")
    note("decisions are kept as they are made. Stop with Ctrl+C.")
    if opens:
        webbrowser.open(address)
    config = uvicorn.Config(
        Review(folder, door).app(), log_level="error", access_log=False, timeout_graceful_shutdown=3
    )
    uvicorn.Server(config).run(sockets=[bound])


def _bound(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise SynthError(
            f"{host}:{port} cannot be served ({error.strerror}). Give another --port, or --host."
        ) from None


def _names(host: str | None) -> list[str]:
    """The names by which the server may be called, the one to give to others first."""
    if host is None:
        return ["127.0.0.1", "localhost"]
    if host in ("0.0.0.0", "::"):
        own = socket.gethostname()
        return [own, socket.getfqdn(), *_addresses(own), "127.0.0.1", "localhost"]
    return [f"[{host}]" if ":" in host else host]


def _addresses(name: str) -> list[str]:
    try:
        return socket.gethostbyname_ex(name)[2]
    except OSError:
        return []
