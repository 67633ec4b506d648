"""What a model wrote is held against the words it cites: names, who holds the view, counting, the two languages, negation."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from corpus.model import Citation, Claim, Contribution, Discussion, Question, Text, Topic
from eval.gates import GATES, Grounds, check_claim
from eval.quantities import Quantity, borne, quantities

ASKED = Discussion(
    title=Text(en="Reading in rural schools", fr="La lecture dans les écoles rurales"),
    topics=(
        Topic(
            id="1",
            text=Text(en="Books", fr="Les livres"),
            questions=(Question(id="1.1", text=Text(en="Who pays?", fr="Qui paie ?")),),
        ),
    ),
    glossary=(
        Text(en="School Feeding Fund (SFF)", fr="Fonds des cantines scolaires (FCS)"),
        Text(en="water point", fr="point d’eau"),
    ),
)
EN = (
    "In Cape Verde 45 per cent of the school libraries closed in 2019. The Norwegians paid for the books in Praia, and "
    "the School Feeding Fund paid for the rest. Parents should not pay. Our neighbour Fatou Sambou showed us that the "
    "committee may help. Elsewhere, in Lusaka, nothing came of it."
)
FR = (
    "Au Sénégal, un tiers des communes n’a plus de bibliothèque depuis le 24 mars 2012. L’OMS a formé trois agricultrices "
    "à Dakar. Les parents ne paient que le transport. Il faudrait que l’État finance les livres."
)
ONE = Contribution(id="C01", author="Grace Mwale", organisation="Reading Trust", country="ZM", language="en", body=EN)
TWO = Contribution(
    id="C02", author="Issouf Kaboré", organisation="Commune de Tansoba", country="BF", language="fr", body=FR
)
THREE = Contribution(id="C03", author="Ingrid Solheim", language="en", body="Nobody reads here, says our survey.")
FOUR = Contribution(id="C04", author="Awa Kaboré", language="fr", body="Les livres manquent dans toutes les écoles.")
GROUNDS = Grounds.of(ASKED, [ONE, TWO, THREE, FOUR])


def cite(source: Contribution, words: str) -> Citation:
    start = source.body.index(words)
    return Citation(
        contribution=source.id,
        passage=f"{source.id}.p1",
        quote=words,
        start=start,
        end=start + len(words),
        language=source.language,
    )


def claim(*citations: Citation, en: str | None = None, fr: str | None = None) -> Claim:
    return Claim(id="1.1-01", kind="finding", text=Text(en=en, fr=fr), citations=citations)


def verdict(gate: str, *citations: Citation, en: str | None = None, fr: str | None = None) -> str:
    return GATES[gate](claim(*citations, en=en, fr=fr), GROUNDS).verdict


def detail(gate: str, *citations: Citation, en: str | None = None, fr: str | None = None) -> str:
    return GATES[gate](claim(*citations, en=en, fr=fr), GROUNDS).detail


CLOSED = cite(ONE, "In Cape Verde 45 per cent of the school libraries closed in 2019.")
PAID = cite(ONE, "The Norwegians paid for the books in Praia, and the School Feeding Fund paid for the rest.")
NOT_PAY = cite(ONE, "Parents should not pay.")
HELPS = cite(ONE, "Our neighbour Fatou Sambou showed us that the committee may help.")
GONE = cite(TWO, "Au Sénégal, un tiers des communes n’a plus de bibliothèque depuis le 24 mars 2012.")
WHO = cite(TWO, "L’OMS a formé trois agricultrices à Dakar.")
ONLY = cite(TWO, "Les parents ne paient que le transport.")
STATE = cite(TWO, "Il faudrait que l’État finance les livres.")


def test_a_contributors_own_sentence_passes_them_all_whatever_it_says() -> None:
    own = claim(cite(THREE, "Nobody reads here, says our survey."), en="Nobody reads here, says our survey.")
    checked = {c.name: c.verdict for c in check_claim(own, GROUNDS).checks}
    assert {checked[g] for g in ("names", "attribution", "counts", "parity", "negation", "numbers")} == {"pass"}


class TestNames:
    @pytest.mark.parametrize(
        "en",
        [
            "In Cabo Verde, many libraries closed.",
            "Grace Mwale of the Reading Trust reports closures in Cape Verde.",  # whose view it is
            "A contributor from Zambia reports closures.",  # the country of the contributor
            "C01 reports closures.",
            "Cape Verdeans lost EUR 20 million.",  # a people from several words; a currency is an amount
            "Ms Mwale says that in May the Government and the State closed libraries.",  # titles, months, generic nouns
            "Libraries closed; the Internet did not replace them on Mondays.",
        ],
    )
    def test_what_the_quote_or_its_author_bears_passes(self, en: str) -> None:
        assert verdict("names", CLOSED, en=en) == "pass"

    @pytest.mark.parametrize(
        "fr",
        [
            "Au Cap-Vert, des bibliothèques ont fermé.",
            "Les bibliothèques du Cap-Vert ont fermé.",
        ],
    )
    def test_a_country_passes_under_its_name_in_the_other_language(self, fr: str) -> None:
        assert verdict("names", CLOSED, fr=fr) == "pass"

    @pytest.mark.parametrize(
        "fr",
        [
            "Les Norvégiens ont payé les livres à Praia.",
            "Les livres de Praia ont été payés par la Norvège.",
            "Des donateurs norvégiens ont payé les livres.",
            "Le Fonds des cantines scolaires a payé le reste.",
            "Le FCS a payé le reste.",  # letters of a name in the glossary
        ],
    )
    def test_peoples_and_glossary_terms_pass_across_languages(self, fr: str) -> None:
        assert verdict("names", PAID, fr=fr) == "pass"

    @pytest.mark.parametrize(
        "en", ["The WHO trained women farmers in Dakar.", "The World Health Organization trained them.", "In Senegal, women were trained."]
    )  # fmt: skip
    def test_known_acronyms_and_names_spelled_alike_pass(self, en: str) -> None:
        assert verdict("names", WHO, GONE, en=en) == "pass"

    @pytest.mark.parametrize(
        ("en", "fr", "named"),
        [
            ("In Kenya, many libraries closed.", None, "Kenya"),
            (None, "Les bibliothèques kényanes ont fermé, dit Ouedraogo.", "Ouedraogo"),
            (None, "Des bibliothèques sénégalaises ont fermé.", "sénégalaises"),
            ("UNESCO closed the libraries.", None, "UNESCO"),
            ("Ouedraogo reports that libraries closed.", None, "Ouedraogo"),
            ("The libraries closed, as the AU said.", None, "AU"),  # not the « au » of a French quote
        ],
    )
    def test_a_name_from_nowhere_fails_and_is_said(self, en: str | None, fr: str | None, named: str) -> None:
        assert verdict("names", CLOSED, en=en, fr=fr) == "fail"
        assert named in detail("names", CLOSED, en=en, fr=fr)

    def test_an_acronym_is_not_a_small_word_of_the_other_language(self) -> None:
        assert verdict("names", GONE, en="The AU closed libraries in Senegal.") == "fail"

    def test_a_name_that_only_the_rest_of_the_contribution_has_warns(self) -> None:
        assert verdict("names", CLOSED, en="In Cape Verde and in Lusaka, libraries closed.") == "warn"

    def test_a_first_name_that_was_not_said_warns_beside_a_surname_that_was(self) -> None:
        assert verdict("names", HELPS, en="The neighbour Mariama Sambou showed it.") == "warn"

    def test_a_name_misspelled_in_the_same_language_does_not_pass(self) -> None:
        assert verdict("names", HELPS, en="The neighbour, Ms Sambeu, showed it.") == "fail"

    @pytest.mark.parametrize(
        "en", ["Several libraries closed. Experience shows it.", "“Many” closed: Two years on, they are shut.", "Libraries closed – None reopened."]
    )  # fmt: skip
    def test_a_capital_at_the_head_of_a_sentence_is_no_name(self, en: str) -> None:
        assert verdict("names", CLOSED, en=en) == "pass"

    def test_words_of_the_discussion_are_no_names_with_a_capital(self) -> None:
        assert verdict("names", CLOSED, en="Many Libraries and Schools closed.") == "pass"


class TestAttribution:
    @pytest.mark.parametrize(
        ("en", "fr"),
        [
            ("Ingrid Solheim reports closures.", None),
            ("Solheim reports closures.", None),
            ("According to C03, libraries closed.", None),
            (None, "La Commune de Tansoba signale des fermetures."),
            ("The Commune de Tansoba reports closures.", None),
        ],
    )
    def test_naming_a_contributor_who_is_no_source_fails(self, en: str | None, fr: str | None) -> None:
        assert verdict("attribution", CLOSED, en=en, fr=fr) == "fail"
        assert "not among its sources" in detail("attribution", CLOSED, en=en, fr=fr)

    @pytest.mark.parametrize("en", ["Grace Mwale reports closures.", "C01 and the Reading Trust report closures."])
    def test_naming_a_source_passes(self, en: str) -> None:
        assert verdict("attribution", CLOSED, en=en) == "pass"

    def test_a_surname_that_a_source_shares_passes(self) -> None:
        assert verdict("attribution", cite(FOUR, "Les livres manquent"), fr="Selon Mme Kaboré, les livres manquent.") == "pass"  # fmt: skip
        assert verdict("attribution", CLOSED, fr="Selon Mme Kaboré, les livres manquent.") == "fail"

    def test_a_contributor_whom_the_quote_names_passes(self) -> None:
        reply = Contribution(id="C05", language="en", body="I agree with Ingrid Solheim on this.")
        grounds = Grounds.of(ASKED, [ONE, TWO, THREE, reply])
        agreed = claim(cite(reply, "I agree with Ingrid Solheim on this."), en="One contributor agrees with Ingrid Solheim.")  # fmt: skip
        assert GATES["attribution"](agreed, grounds).verdict == "pass"

    def test_a_surname_that_is_a_common_word_counts_only_as_a_name(self) -> None:
        young = Contribution(id="C06", author="Peter Young", language="en", body="Young people read. The young read.")
        grounds = Grounds.of(ASKED, [ONE, young])

        def says(en: str) -> str:
            return GATES["attribution"](claim(CLOSED, en=en), grounds).verdict

        assert [says("Young people lost their library."), says("As Mr Young says, it closed.")] == ["pass", "fail"]


class TestCounts:
    @pytest.mark.parametrize(
        "text",
        [
            "Three contributors report closures.",
            "Most participants want books.",
            "All respondents agree.",
            "A majority of the contributors agree.",
            "Two of the French contributors disagree.",
            "60 % of participants agree.",
            "Several contributions mention books.",
            "Plusieurs contributeurs signalent des fermetures.",
            "La majorité des participants est d’accord.",
            "L’ensemble des contributrices le demande.",
            "Deux autres intervenants s’y opposent.",
            "Aucun contributeur ne le demande.",
        ],
    )
    def test_counting_contributors_fails(self, text: str) -> None:
        assert verdict("counts", CLOSED, en=text) == "fail"
        assert "the program does that" in detail("counts", CLOSED, en=text)

    @pytest.mark.parametrize(
        "text",
        [
            "Three farmers report closures.",
            "One contributor reports closures.",
            "A contributor reports closures.",
            "Most parents pay all contributions in kind.",
            "Un contributeur signale des fermetures.",
            "Trois agricultrices ont été formées.",
            "Toutes les contributions des ménages vont au fonds.",
            "Beaucoup de parents paient.",
        ],
    )
    def test_counting_others_passes(self, text: str) -> None:
        assert verdict("counts", CLOSED, en=text) == "pass"

    def test_a_quote_that_counts_participants_bears_it_in_both_languages(self) -> None:
        held = Contribution(id="C07", language="fr", body="Vingt participants ont suivi l’atelier.")
        quote = cite(held, held.body)
        assert GATES["counts"](claim(quote, en="Twenty participants attended.", fr=None), GROUNDS).verdict == "pass"
        assert GATES["counts"](claim(quote, en="Thirty participants attended.", fr=None), GROUNDS).verdict == "fail"


class TestParity:
    @pytest.mark.parametrize(
        ("en", "fr"),
        [
            ("45% closed in March 2019.", "45 % ont fermé en mars 2019."),
            ("Twelve thousand people pay.", "Douze mille personnes paient."),
            ("Both municipalities pay.", "Les deux communes paient."),
            ("They waited for a fortnight.", "Ils ont attendu quinze jours."),
            ("One in five households pays.", "Un ménage sur cinq paie."),
            ("Costs fell by a quarter.", "Les coûts ont baissé de 25 %."),
            ("Dozens of wells failed twice.", "Des dizaines de puits sont tombés en panne deux fois."),
            ("In the 8th century it was so.", "Au VIIIe siècle, il en était ainsi."),
            ("They are not repaired.", "Ils ne sont pas réparés."),
            ("Parents pay only for transport.", "Les parents ne paient que le transport."),
            ("Not only parents pay.", "Les parents ne sont pas les seuls à payer."),
            ("It not only costs money but also time.", "Cela coûte non seulement de l’argent, mais aussi du temps."),
            ("Pay before it breaks.", "Payez avant qu’il ne tombe en panne."),
            ("Nobody came.", "Personne n’est venu."),
            ("Villages are without water.", "Les villages sont sans eau."),
            ("They no longer pay.", "Ils ne paient plus."),
            ("There is a lack of funds.", "Il n’y a pas assez de fonds."),
            ("They fail to repair it.", "Ils ne parviennent pas à le réparer."),
            ("Committees are unable to pay.", "Les comités ne peuvent pas payer."),
            ("It stays open unless it breaks.", "Il reste ouvert, à moins qu’il ne tombe en panne."),
            ("They hardly ever pay.", "Ils ne paient presque jamais."),
            ("Neither the State nor the parents pay.", "Ni l’État ni les parents ne paient."),
            ("The committee cannot work without spare parts.", "Le comité ne peut pas travailler sans pièces."),
            ("No committee pays.", "Aucun comité ne paie."),
            ("The Norwegians and the WHO pay in Cape Verde.", "Les Norvégiens et l’OMS paient au Cap-Vert."),
        ],
    )
    def test_a_faithful_pair_passes(self, en: str, fr: str) -> None:
        assert (verdict("parity", CLOSED, en=en, fr=fr), detail("parity", CLOSED, en=en, fr=fr)) == ("pass", "")

    @pytest.mark.parametrize(
        ("en", "fr", "said"),
        [
            ("45% closed.", "54 % ont fermé.", "the English text says 45 %, the French text 54 %"),
            ("It closed in March.", "Il a fermé en mai.", "“March”"),
            ("Two thirds pay.", "Un tiers paie.", "66.7 %"),
            ("They pay.", "Trois d’entre eux paient.", "the French text says 3, the English text does not"),
            ("They are not repaired.", "Ils sont réparés.", "English text says no"),
            ("They pay.", "Ils ne paient plus.", "French text says no"),
            ("With spare parts it works.", "Sans pièces, cela fonctionne.", "French text says no"),
            ("They do not pay.", "Ils ne paient que le transport.", "English text says no"),
        ],
    )
    def test_another_number_or_a_lost_negation_fails(self, en: str, fr: str, said: str) -> None:
        assert verdict("parity", CLOSED, en=en, fr=fr) == "fail"
        assert said in detail("parity", CLOSED, en=en, fr=fr)

    def test_a_name_in_one_language_only_warns(self) -> None:
        assert verdict("parity", CLOSED, en="Libraries closed in Lusaka.", fr="Des bibliothèques ont fermé.") == "warn"

    def test_one_language_has_nothing_to_compare(self) -> None:
        assert verdict("parity", CLOSED, en="They are not repaired.") == "pass"

    def test_a_quote_and_its_translation_are_compared(self) -> None:
        assert verdict("parity", NOT_PAY, en=NOT_PAY.quote, fr="Les parents devraient payer.") == "fail"

    def test_meanings_far_apart_warn_where_there_are_vectors(self) -> None:
        apart = replace(GROUNDS, vectors=lambda texts: np.eye(len(texts)))
        pair = claim(CLOSED, en="Libraries closed.", fr="Les parents lisent.")
        assert GATES["parity"](pair, apart).verdict == "warn"
        assert GATES["parity"](pair, GROUNDS).verdict == "pass"


class TestNegation:
    @pytest.mark.parametrize(
        ("quote", "en", "fr"),
        [
            (NOT_PAY, "Parents should pay.", None),
            (CLOSED, "School libraries in Cape Verde did not close.", None),
            (ONLY, "Parents pay for transport.", None),  # « ne … que »
            (CLOSED, "All the school libraries in Cape Verde closed.", None),
            (CLOSED, "Only school libraries in Cape Verde closed.", None),
            (STATE, None, "L’État finance les livres."),
            (HELPS, "Fatou Sambou showed that the committee helps.", None),
            (PAID, None, "Les Norvégiens devraient payer les livres à Praia."),
        ],
    )
    def test_another_polarity_scope_or_modality_warns(self, quote: Citation, en: str | None, fr: str | None) -> None:
        assert verdict("negation", quote, en=en, fr=fr) == "warn"

    @pytest.mark.parametrize(
        ("quote", "en", "fr"),
        [
            (NOT_PAY, "Parents ought not to pay.", "Les parents ne devraient pas payer."),
            (ONLY, "Parents pay only for transport.", "Seul le transport est payé par les parents."),
            (STATE, "The State should fund the books.", "L’État devrait financer les livres."),
            (HELPS, "The committee could help.", "Le comité peut aider."),
            (GONE, "In Senegal a third of the municipalities lack a library.", None),
        ],
    )
    def test_the_same_said_otherwise_passes(self, quote: Citation, en: str | None, fr: str | None) -> None:
        assert verdict("negation", quote, en=en, fr=fr) == "pass"

    def test_of_a_long_quote_the_sentence_nearest_to_the_claim_counts(self) -> None:
        assert verdict("negation", cite(ONE, EN), en="Parents should pay.") == "warn"
        assert verdict("negation", cite(ONE, EN), en="In Cape Verde 45% of the school libraries closed.") == "pass"


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("10-15 % of the wells", "en", {Quantity(10, "%"), Quantity(15, "%")}),
        ("de 10 à 15 puits", "fr", {Quantity(10), Quantity(15)}),
        ("une dizaine de puits", "fr", {Quantity(10)}),
        ("two dozen wells", "en", {Quantity(24)}),
        ("dozens of wells", "en", {Quantity(10, "s")}),
        ("des dizaines de puits", "fr", {Quantity(10, "s")}),
        ("a third of them", "en", {Quantity(33.3, "%")}),
        ("les trois quarts", "fr", {Quantity(75, "%")}),
        ("a third party", "en", set()),
        ("one in five", "en", {Quantity(20, "%")}),
        ("quatre adultes sur dix", "fr", {Quantity(40, "%")}),
        ("deux jours sur 12 mois", "fr", {Quantity(2), Quantity(12)}),
        ("twice a year", "en", {Quantity(2)}),
        ("24 mars 2012", "fr", {Quantity(24), Quantity(3, "month"), Quantity(2012)}),
        ("on 24 March 2012", "en", {Quantity(24), Quantity(3, "month"), Quantity(2012)}),
        ("le 24/03/2012", "fr", {Quantity(24), Quantity(3, "month"), Quantity(2012)}),
        ("we may march", "en", set()),
        ("three hundred and fifty", "en", {Quantity(350)}),
        ("quatre-vingt-dix-neuf pour cent", "fr", {Quantity(99, "%")}),
        ("deux mille douze", "fr", {Quantity(2012)}),
        ("un local neuf", "fr", set()),
        ("neuf puits pour neuf villages", "fr", {Quantity(9)}),
        ("KSh500, US$ 1,000 and £300m", "en", {Quantity(500), Quantity(1000), Quantity(3e8)}),
        ("2,5 Md€ et 1 000 FCFA", "fr", {Quantity(2.5e9), Quantity(1000)}),
        ("50 cents", "en", {Quantity(50)}),
        ("half a million", "en", {Quantity(5e5)}),
        ("two and a half hours", "en", {Quantity(2.5)}),
        ("deux heures et demie", "fr", {Quantity(2.5)}),
        ("COVID-19, COP21, C04", "en", set()),
        ("30 percentage points", "en", {Quantity(30)}),
    ],
)  # fmt: skip
def test_numbers_in_many_ways_of_writing(text: str, language: str, expected: set[Quantity]) -> None:
    assert quantities(text, language) == expected


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [("both", "en", Quantity(2)), ("quinze jours", "fr", Quantity(2)), ("a decade", "en", Quantity(10)), ("doublé", "fr", Quantity(2))],
)  # fmt: skip
def test_words_bear_numbers_they_do_not_assert(text: str, language: str, value: Quantity) -> None:
    assert value in borne(text, language)


def test_all_gates_together_take_a_few_milliseconds_a_claim() -> None:
    written = [
        claim(CLOSED, GONE, en=f"In Cape Verde {n}% of school libraries closed, not all.", fr=f"Au Cap-Vert, {n} % ont fermé, pas toutes.")
        for n in range(300)
    ]  # fmt: skip
    check_claim(written[0], GROUNDS)
    started = time.perf_counter()
    for one in written:
        check_claim(one, GROUNDS)
    assert (time.perf_counter() - started) / len(written) < 0.01


def test_a_long_french_name_does_not_make_an_english_sentence_french() -> None:
    from corpus.model import Citation, Claim, Contribution, Discussion, Text, Topic
    from eval.gates import Grounds
    from eval.gates.language import check_language

    name = "Direction régionale des affaires sociales, de la famille et de l’intégration de la Région du Centre"
    source = Contribution(id="C01", language="fr", organisation=name, body="Les familles paient chaque mois.")
    grounds = Grounds.of(Discussion(title=Text(en="x"), topics=(Topic(id="1", text=Text(en="x")),)), [source])
    claim = Claim(
        id="1-01",
        kind="finding",
        text=Text(en=f"{name} reports that families pay.", fr=f"{name} signale que les familles paient."),
        citations=(Citation(contribution="C01", passage="C01.p1", quote=source.body, start=0, end=32, language="fr"),),
    )
    assert check_language(claim, grounds).verdict == "pass"
