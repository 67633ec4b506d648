"""Translations as people write them: figures and negations in other words are no difference."""

from __future__ import annotations

import pytest

from corpus.model import Citation, Claim, Text
from eval.gates import Grounds
from eval.gates.parity import check_parity

NOTHING = Grounds({}, {}, {}, {})
QUOTE = Citation(contribution="C01", passage="C01.p1", quote="–", start=0, end=1, language="en")


@pytest.mark.parametrize(
    ("en", "fr"),
    [
        ("Costs fell in the first half of 2018.", "Les coûts ont baissé au premier semestre de 2018."),
        ("One household in two pays.", "Un ménage sur deux paie."),
        ("Half the households pay.", "La moitié des ménages paient."),
        ("Fees rose threefold.", "Les redevances ont triplé."),
        ("Three quarters of users pay.", "Les trois quarts des usagers paient."),
        ("Three quarters of users pay.", "75 % des usagers paient."),
        ("Tens of thousands of people drink from it.", "Des dizaines de milliers de personnes y boivent."),
        ("It lasted a year and a half.", "Cela a duré un an et demi."),
        ("It lasted eighteen months.", "Cela a duré dix-huit mois."),
        ("Twice as many women pay.", "Deux fois plus de femmes paient."),
        ("The pump is visited twice a year.", "La pompe est visitée deux fois par an."),
        ("The pump is visited every six months.", "La pompe est visitée tous les six mois."),
        ("The pump is visited every six months.", "La pompe est visitée chaque semestre."),
        ("Over a dozen villages joined.", "Plus d’une douzaine de villages ont adhéré."),
        ("Some 1,140 pumps work.", "Quelque 1 140 pompes fonctionnent."),
        ("A third of the money is lost.", "Un tiers de l’argent est perdu."),
        ("Nine out of ten pumps work.", "Neuf pompes sur dix fonctionnent."),
        ("It took a fortnight.", "Il a fallu quinze jours."),
        ("It took two weeks.", "Il a fallu une quinzaine de jours."),
        ("US$1.50 per cubic metre is charged.", "Le mètre cube est facturé 1,50 dollar."),
        ("Some 1.8 million francs were spent.", "Quelque 1,8 million de francs ont été dépensés."),
        ("The first two years were free.", "Les deux premières années étaient gratuites."),
        ("On 3 March 2021 the pump stopped.", "Le 3 mars 2021, la pompe s’est arrêtée."),
        ("The pump stood idle for 41 days.", "La pompe n’a pas fonctionné pendant 41 jours."),
        ("The pump was out of order.", "La pompe ne fonctionnait plus."),
        ("Only those who pay may draw water.", "Seuls ceux qui paient peuvent puiser."),
        ("Only those who pay may draw water.", "Ne peuvent puiser que ceux qui paient."),
        ("The money has yet to arrive.", "L’argent n’est pas encore arrivé."),
        ("The pump is too deep to be repaired by hand.", "La pompe est trop profonde pour être réparée à la main."),
        ("Few committees keep accounts.", "Peu de comités tiennent des comptes."),
        ("Hardly any committee keeps accounts.", "Presque aucun comité ne tient de comptes."),
        ("Nobody but the mechanic may open it.", "Seul le mécanicien peut l’ouvrir."),
        ("Unless the state pays, the pump will stop.", "Si l’État ne paie pas, la pompe s’arrêtera."),
        ("The committee did not meet until May.", "Le comité ne s’est réuni qu’en mai."),
        ("He would rather walk than pay.", "Il préfère marcher plutôt que de payer."),
        ("Parts are nowhere to be found.", "Les pièces sont introuvables."),
        ("It is not uncommon for pumps to fail.", "Il n’est pas rare que des pompes tombent en panne."),
        ("The rule is hardly ever applied.", "La règle n’est presque jamais appliquée."),
        ("The list is out of date.", "La liste n’est pas à jour."),
        ("Women are left out.", "Les femmes ne sont pas associées."),
        ("The fund covers everything but labour.", "Le fonds couvre tout, sauf la main-d’œuvre."),
        ("It works without any subsidy.", "Il fonctionne sans aucune subvention."),
        ("He had neither money nor tools.", "Il n’avait ni argent ni outils."),
        ("Users want water, not meetings.", "Les usagers veulent de l’eau, pas des réunions."),
        ("More than one pump in three stands still.", "Plus d’une pompe sur trois est à l’arrêt."),
        ("Two pumps out of three work.", "Deux pompes sur trois fonctionnent."),
        ("It costs less than half as much.", "Il coûte moins de la moitié."),
        ("The tax is 0.5 per cent.", "La taxe est de 0,5 %."),
        ("Three times a year the seals are changed.", "Les joints sont changés trois fois par an."),
        ("About a hundred people came.", "Une centaine de personnes sont venues."),
        ("It serves some forty households.", "Elle dessert une quarantaine de ménages."),
        ("The pumps last 10 to 15 years.", "Les pompes durent de 10 à 15 ans."),
        ("A single mechanic serves 60 pumps.", "Un seul mécanicien s’occupe de 60 pompes."),
        ("It is no more expensive than before.", "Elle n’est pas plus chère qu’avant."),
        ("Nothing changed.", "Rien n’a changé."),
        ("No committee can do without a mechanic.", "Aucun comité ne peut se passer d’un mécanicien."),
        ("The bill was never paid.", "La facture n’a jamais été réglée."),
        ("The bill remains unpaid.", "La facture n’est toujours pas réglée."),
    ],
)
def test_the_two_say_the_same(en: str, fr: str) -> None:
    claim = Claim(id="1.1-01", kind="finding", text=Text(en=en, fr=fr), citations=(QUOTE,))
    assert check_parity(claim, NOTHING).verdict != "fail"
