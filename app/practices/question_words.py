"""How practice reports are asked for: a title for each section, a question, a hint and the words of each choice. Dutch here."""

from flask_babel import lazy_gettext as _

from app.practices.questions import Agents, Often

SECTIONS = {
    "customers": _("Klanten met een achterstand"),
    "language": _("Begrijpelijke taal"),
    "contact": _("Persoonlijk contact vóór kosten"),
    "arrangements": _("Betalingsregelingen"),
    "help": _("Doorverwijzen naar hulp"),
    "pauses": _("Incassopauzes"),
    "reminders": _("Herinneringen vóór kosten"),
    "costs": _("Incassokosten"),
    "agents": _("Incassobureaus en deurwaarders"),
    "court": _("Dagvaarding, beslag, ontruiming en afsluiting"),
    "staff": _("Opleiding van medewerkers"),
    "complaints": _("Klachten"),
}

QUESTIONS = {
    "customers_in_arrears": _("Hoeveel klanten hadden dit jaar een achterstand?"),
    "looks_for_other_arrears": _("Kijkt u of een klant nog andere achterstanden bij u heeft?"),
    "language_tested": _("Test u brieven en berichten met klanten op begrijpelijkheid?"),
    "language_how": _("Hoe test u, en met hoeveel klanten?"),
    "contact_before_costs": _("Zoekt u persoonlijk contact voordat er kosten bij komen?"),
    "contact_attempts": _("Hoe vaak probeert u contact te krijgen voordat er kosten bij komen?"),
    "contact_how": _("Hoe zoekt u contact?"),
    "arrangements_offered": _("Hoeveel betalingsregelingen bood u aan?"),
    "arrangements_made": _("Hoeveel regelingen zijn er gemaakt?"),
    "arrangement_months": _("Hoeveel maanden duurt een gewone regeling?"),
    "arrangement_months_longest": _("Hoeveel maanden duurt de langste regeling die u aanbiedt?"),
    "arrangements_ended": _("Hoeveel regelingen liepen dit jaar af?"),
    "arrangements_kept": _("Hoeveel daarvan zijn nagekomen?"),
    "refers_to_help": _("Wijst u klanten op schuldhulp?"),
    "referrals": _("Hoeveel klanten droeg u over aan een hulpverlener?"),
    "pauses_asked": _("Hoe vaak vroeg een hulpverlener om een incassopauze?"),
    "pauses_broken": _("Hoe vaak incasseerde u toch tijdens een pauze?"),
    "pauses_why": _("Waardoor kwam dat?"),
    "reminders_before_costs": _("Hoeveel herinneringen stuurt u voordat er kosten bij komen?"),
    "days_before_costs": _("Hoeveel dagen zitten er tussen de vervaldag en de eerste kosten?"),
    "cost_cases": _("In hoeveel zaken bracht u incassokosten in rekening?"),
    "costs_cents": _("Hoeveel incassokosten waren dat samen?"),
    "costs_how": _("Hoe controleert u de kosten?"),
    "cases_to_agents": _("Hoeveel zaken droeg u over?"),
    "agents_paid_regardless": _("Welke incassopartijen betaalt u ook als zij niets innen (geen ‘no cure no pay’)?"),
    "agents_spare_accounts": _("Met welke incassopartijen sprak u af dat zij geen beslag leggen op een bankrekening?"),
    "other_agents": _("Welke andere incassopartijen gebruikte u, met welk Wki-nummer?"),
    "summons": _("Hoeveel klanten zijn gedagvaard?"),
    "attachments": _("Hoe vaak is er beslag gelegd?"),
    "evictions": _("Hoeveel woningen zijn ontruimd?"),
    "cutoffs": _("Hoe vaak is een klant afgesloten?"),
    "staff": _("Hoeveel medewerkers hebben contact met klanten met een achterstand?"),
    "staff_trained": _("Hoeveel van hen kregen dit jaar een opleiding over schulden?"),
    "training": _("Welke opleiding was dat?"),
    "complaints": _("Hoeveel klachten over incasso kreeg u?"),
    "complaints_upheld": _("Hoeveel daarvan waren terecht?"),
    "complaints_learned": _("Wat hebt u naar aanleiding van klachten veranderd?"),
}

HINTS = {
    "customers_in_arrears": _("Elke klant telt één keer. Vraagt u niets in rekening bij particulieren, vul dan 0 in."),
    "arrangements_kept": _("Dit kunnen er niet meer zijn dan er afliepen."),
    "pauses_broken": _("Ook een automatische brief telt mee."),
    "costs_cents": _("In euro, met btw als u die doorberekent."),
    "cases_to_agents": _("Aan een incassobureau of deurwaarder."),
    "other_agents": _("Staat een partij hierboven, dan hoeft u haar niet te noemen. Een deurwaarder heeft geen Wki-nummer nodig."),
    "attachments": _("Op loon, uitkering, bankrekening of spullen, ook door een deurwaarder voor u."),
    "cutoffs": _("Van energie, water, internet of een andere dienst. Levert u zo’n dienst niet, vul dan 0 in."),
    "evictions": _("Verhuurt u niet, vul dan 0 in."),
}

CHOICES = {
    Often.ALWAYS.value: _("altijd"),
    Often.MOSTLY.value: _("meestal"),
    Often.SOMETIMES.value: _("soms"),
    Often.NEVER.value: _("nooit"),
    Agents.ALL.value: _("alle"),
    Agents.SOME.value: _("sommige"),
    Agents.NONE.value: _("geen"),
    Agents.UNUSED.value: _("wij gebruiken er geen"),
}

MEASURES = {
    "arrangements_offered_rate": _("Regeling aangeboden, van de klanten met een achterstand"),
    "arrangements_kept_rate": _("Regeling nagekomen, van de regelingen die afliepen"),
    "arrangement_months": _("Duur van een gewone regeling"),
    "contact_attempts": _("Pogingen tot contact vóór kosten"),
    "reminders_before_costs": _("Herinneringen vóór kosten"),
    "days_before_costs": _("Dagen tot de eerste kosten"),
    "cost_rate": _("Incassokosten gerekend, van de klanten met een achterstand"),
    "costs_per_case": _("Incassokosten per zaak"),
    "agents_rate": _("Overgedragen, van de klanten met een achterstand"),
    "pauses_broken_rate": _("Pauze gebroken, van de gevraagde pauzes"),
    "summons_rate": _("Dagvaardingen per duizend klanten met een achterstand"),
    "attachments_rate": _("Beslagen per duizend klanten met een achterstand"),
    "staff_trained_rate": _("Medewerkers met een opleiding dit jaar"),
    "complaints_rate": _("Klachten per duizend klanten met een achterstand"),
}
