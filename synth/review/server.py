"""The review page: `synth review` serves it on this machine, or with --host to colleagues who have the link.

The page is plain HTML that this file renders; its script sends decisions and puts in what comes back. It writes decisions
and nothing else, so a run may go on beside it. It asks for nothing outside, and no request is served that does not come
from it: whoever asks must bring the token of the link, the Host header must name this server, and a decision must come from
one of its pages.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from corpus.errors import FolderError, SynthError, first_of
from corpus.model import Language
from synth.review.desk import Asked, Card, Desk, Refused
from synth.review.page import Filters, Page
from synth.review.translating import Translator

LONGEST = 200_000  # bytes of a request's body

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Door:
    """Who is let in. `hosts`: names and ports by which this server is called; `token`: what the link holds."""

    hosts: frozenset[str]
    token: str

    @property
    def cookie(self) -> str:
        """The name of the cookie that keeps the token; browsers share cookies between the ports of a machine."""
        return f"synth_{hashlib.sha256(self.token.encode()).hexdigest()[:12]}"

    def refuses(self, request: Request) -> str:
        """Why a request is not served, or ""."""
        host = request.headers.get("host", "")
        if host not in self.hosts:
            return "this server is not called by that name"
        if not _equal(request.cookies.get(self.cookie, ""), self.token):
            return "open the link that synth review printed; it holds a token"
        if request.method == "POST" and request.headers.get("origin") != f"http://{host}":
            return "a decision comes from the page itself"
        return ""

    def opens(self, request: Request) -> bool:
        """Whether a request brings the token in its address, as the link does."""
        given = request.query_params.get("token", "")
        return request.headers.get("host", "") in self.hosts and _equal(given, self.token)


def token_of(folder: Path) -> str:
    """The token of a discussion's link: the same each time, so that a page that is open goes on when the server is started
    again. Whoever deletes .synth/review-token gets a new one. Raises FolderError."""
    path = folder / ".synth" / "review-token"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_urlsafe(24))
        token = path.read_text().strip()
    except OSError as error:
        raise FolderError(f"{path}: cannot be written ({error.strerror}).") from None
    if len(token) < 20:
        raise FolderError(f"{path}: holds no token. Delete it.")
    return token


def _equal(given: str, token: str) -> bool:
    return hmac.compare_digest(given.encode(), token.encode())


@dataclass
class Review:
    """The application of one discussion."""

    folder: Path
    door: Door
    desk: Desk = field(init=False)
    translator: Translator = field(init=False)

    def __post_init__(self) -> None:
        self.desk = Desk(self.folder)
        self.translator = Translator(self.desk)

    def app(self) -> Starlette:
        """As an ASGI application. Everything runs on one thread: a decision takes milliseconds."""
        routes = [
            ("/", self.page, "GET"),
            ("/claims/{claim}", self.panel, "GET"),
            ("/passages", self.found, "GET"),
            ("/contributions/{contribution}", self.contribution, "GET"),
            ("/decisions", self.decide, "POST"),
            ("/translations", self.translate, "POST"),
        ]
        return Starlette(
            routes=[Route(path, self._guarded(handler), methods=[method]) for path, handler, method in routes]
        )

    # -- what is served ---------------------------------------------------------------------------------

    async def page(self, request: Request) -> Response:
        """All claims that the filters of the address let through."""
        nonce = secrets.token_urlsafe(16)
        page = Page(self.desk, _language(request), self.translator.possible)
        response = HTMLResponse(page.whole(Filters.of(request.query_params), nonce))
        response.headers["Content-Security-Policy"] = (
            f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'; "
            "img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )
        return response

    async def panel(self, request: Request) -> Response:
        """What one claim rests on: its sources in their surroundings, its checks, what was decided."""
        card = self.desk.card(request.path_params["claim"])
        if card is None:
            return JSONResponse({"why": "the claim is no longer in the draft"}, HTTPStatus.NOT_FOUND)
        return HTMLResponse(Page(self.desk, _language(request), self.translator.possible).panel(card))

    async def found(self, request: Request) -> Response:
        """Passages that a search finds, to select a source in."""
        words = request.query_params.get("q", "")[:400]
        return HTMLResponse(Page(self.desk, _language(request), self.translator.possible).passages(words))

    async def contribution(self, request: Request) -> Response:
        """A contribution in full, to select a source in."""
        page = Page(self.desk, _language(request), self.translator.possible)
        text = page.contribution(request.path_params["contribution"])
        return HTMLResponse(text) if text else JSONResponse({"why": "there is none"}, HTTPStatus.NOT_FOUND)

    async def decide(self, request: Request) -> Response:
        """Take a decision. 409: the claim is another now; 422: it cannot be, or only by confirming."""
        try:
            asked = Asked.model_validate(await _body(request))
        except ValidationError as error:
            return JSONResponse({"why": first_of(error)}, HTTPStatus.UNPROCESSABLE_ENTITY)
        done = self.desk.decide(asked)
        page = Page(self.desk, _language(request), self.translator.possible)
        if isinstance(done, Refused):
            status = HTTPStatus.CONFLICT if done.changed else HTTPStatus.UNPROCESSABLE_ENTITY
            checks = [{"name": c.name, "detail": c.detail} for c in done.checks]
            data = {
                "why": page.said(done.why),
                "checks": checks,
                "now": _claims(page, done.now),
                "gone": done.changed and not done.now,
            }
            return JSONResponse(data, status)
        return JSONResponse({"now": _claims(page, done.now), "progress": page.progress(), "n": done.decision.n})

    async def translate(self, request: Request) -> Response:
        """A passage in the other language, by the model that is set up. Nothing of it is kept with the claim."""
        data = await _body(request)
        text = await self.translator.translate(str(data.get("passage", "")), _language(request))
        return JSONResponse({"text": text})

    # -- for all of it ------------------------------------------------------------------------------------

    def _guarded(self, handler: Handler) -> Handler:
        async def guarded(request: Request) -> Response:
            if self.door.opens(request):
                response: Response = RedirectResponse(request.url.path)
                # lax: a link in a mail is followed from another site
                response.set_cookie(self.door.cookie, self.door.token, httponly=True, samesite="lax")
            elif why := self.door.refuses(request):
                response = Response(f"{why}\n", HTTPStatus.FORBIDDEN, media_type="text/plain")
            else:
                try:
                    response = await handler(request)
                except _BadError as error:
                    response = JSONResponse({"why": str(error)}, error.status)
                except SynthError as error:
                    response = JSONResponse({"why": str(error)}, HTTPStatus.SERVICE_UNAVAILABLE)
            return _hardened(response)

        return guarded


def _hardened(response: Response) -> Response:
    for name, value in {
        "Content-Security-Policy": "default-src 'none'",
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }.items():
        response.headers.setdefault(name, value)
    return response


async def _body(request: Request) -> dict[str, Any]:
    data = b""
    async for chunk in request.stream():
        data += chunk
        if len(data) > LONGEST:
            raise _BadError("that is too long", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    try:
        found = json.loads(data)
    except ValueError:
        raise _BadError("that is no JSON", HTTPStatus.BAD_REQUEST) from None
    return found if isinstance(found, dict) else {}


class _BadError(Exception):
    """What is wrong with a request."""

    def __init__(self, why: str, status: HTTPStatus) -> None:
        super().__init__(why)
        self.status = status


def _language(request: Request) -> Language:
    return "fr" if request.query_params.get("ui") == "fr" else "en"


def _claims(page: Page, cards: Sequence[Card]) -> dict[str, str]:
    return {card.id: page.claim(card) for card in cards}
