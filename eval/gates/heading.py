"""A heading is held to what stands under it: it names nobody and says no number that is not in the sources of its claims."""

from __future__ import annotations

from collections.abc import Sequence

from corpus.model import Claim, Text
from eval.gates.attribution import check_attribution
from eval.gates.counts import check_counts
from eval.gates.grounds import Grounds
from eval.gates.instruction import obeys
from eval.gates.names import check_names
from eval.gates.numbers import check_numbers
from eval.gates.parity import check_parity


def heading_stands(title: Text, claims: Sequence[Claim], grounds: Grounds) -> bool:
    """Whether the heading over `claims` passes the gates of numbers, names, attribution, counts and parity, resting on all
    their sources, and says nothing that an order tells a writer to say.

    Awkward cases: a heading written With Capitals, whose words count as names unless the contributions have them; "three
    conditions", a number that no contributor gave.
    """
    if not title.versions():
        return True
    citations = tuple(dict.fromkeys(c for claim in claims for c in claim.citations))
    under = Claim(id="", kind="finding", text=title, citations=citations)
    gates = (check_numbers, check_names, check_attribution, check_counts, check_parity)
    if any(gate(under, grounds).verdict == "fail" for gate in gates):
        return False
    return not any(obeys(text, grounds) for _, text in title.versions())
