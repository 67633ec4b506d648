"""What calls will cost, before they are made, and what they did cost."""

from __future__ import annotations

from collections.abc import Sequence

from corpus.model import Usage
from prompts import Prompt
from synth.llm.client import prompt_tokens
from synth.settings import ModelSettings, Prices

OVERHEAD = 1_400  # tokens of a draft prompt beside the passages
CLAIMS_SHARE = 0.45  # tokens of a reply, as a share of the passages
RECOMMENDING = 0.11, 0.05  # tokens in and out for the recommendations, as shares of all passages


def forecast(prompts: Sequence[Prompt], settings: ModelSettings) -> Usage:
    """What a draft that begins with these prompts takes, with the recommendations after it, if nothing is written again."""
    sizes = [prompt_tokens(p, settings) for p in prompts]
    passages = sum(max(0, size - OVERHEAD) for size in sizes)
    return Usage(
        calls=len(prompts) + 1,
        prompt=sum(sizes) + OVERHEAD + int(passages * RECOMMENDING[0]),
        completion=int(passages * (CLAIMS_SHARE + RECOMMENDING[1])),
    )


def money(usage: Usage, prices: Prices | None, half: bool = False) -> str:
    """ "0.12 USD", or "" where no prices are set. `half`: as a batch."""
    if prices is None:
        return ""
    cached_price = prices.input if prices.cached is None else prices.cached
    cost = (
        (usage.prompt - usage.cached) * prices.input + usage.cached * cached_price + usage.completion * prices.output
    ) / 1e6
    return f"{cost / 2 if half else cost:.2f} {prices.currency}"


def tokens(usage: Usage) -> str:
    """ "7 calls, 31,709 tokens in (5,760 cached), 8,573 out"."""
    calls = f"{usage.calls:,} call{'' if usage.calls == 1 else 's'}"
    cached = f" ({usage.cached:,} cached)" if usage.cached else ""
    return f"{calls}, {usage.prompt:,} tokens in{cached}, {usage.completion:,} out"
