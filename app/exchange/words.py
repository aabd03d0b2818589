"""What the portal says about files: a sentence for each code. Dutch here, English in the catalogue."""

from flask_babel import lazy_gettext as _

FILE = {
    "exchange.unwritable": _("%(file)s kan niet worden geschreven. Kies een andere plaats. Er is niets ingelezen."),
    "exchange.empty_file": _("Het bestand is leeg. Kies een bestand met kolomnamen op de eerste regel."),
    "exchange.too_large": _("Het bestand is groter dan %(megabytes)s MB. Verdeel het over meer bestanden."),
    "exchange.too_many_rows": _("Het bestand heeft meer dan %(limit)s regels. Verdeel het over meer bestanden."),
    "exchange.too_many_columns": _("Het bestand heeft te veel kolommen. Er mogen er %(limit)s zijn."),
    "exchange.line_too_long": _("Regel %(line)s is te lang. Misschien is een aanhalingsteken niet gesloten."),
    "exchange.quote_open": _("Het aanhalingsteken op regel %(line)s wordt niet gesloten. Herstel het bestand en kies het opnieuw."),
    "exchange.damaged_text": _("Regel %(line)s bevat tekens die niet te lezen zijn. Bewaar het bestand opnieuw als CSV (UTF-8)."),
    "exchange.save_as_xlsx": _("Dit soort bestand lezen we niet. Bewaar het in Excel als XLSX zonder wachtwoord, of als CSV (UTF-8)."),
    "exchange.unknown_kind": _("Dit is geen CSV- of Excel-bestand (XLSX)."),
    "exchange.damaged_workbook": _("Het Excel-bestand is beschadigd of beveiligd. Bewaar het in Excel opnieuw als XLSX zonder wachtwoord."),
    "exchange.too_many_parts": _("Het Excel-bestand heeft te veel onderdelen. Bewaar alleen het blad met de gegevens, als XLSX."),
    "exchange.unpacks_too_large": _("Het Excel-bestand is uitgepakt groter dan %(megabytes)s MB. Verdeel het, of gebruik CSV."),
    "exchange.column_missing": _("De kolom %(columns)s ontbreekt. Er is niets ingelezen."),
    "exchange.columns_missing": _("Deze kolommen ontbreken: %(columns)s. Er is niets ingelezen."),
    "exchange.column_twice": _("De kolom %(column)s staat twee keer in het bestand. Er is niets ingelezen."),
    "exchange.cell_too_long": _("Een tekst in de kolom %(column)s is te lang voor Excel (meer dan %(limit)s tekens). Kies CSV."),
}

ROW = {
    "exchange.ragged": _("Deze regel heeft %(found)s kolommen, het bestand heeft er %(expected)s."),
    "exchange.quote_misplaced": _("Er staat een aanhalingsteken op een verkeerde plaats."),
    "exchange.duplicate": _("Deze regel staat al eerder in het bestand, op regel %(earlier)s."),
}

CELL = {
    "exchange.empty": _("Dit mag niet leeg zijn."),
    "exchange.too_long": _("Dit is langer dan %(limit)s tekens."),
    "exchange.control_character": _("Hier staat een onzichtbaar stuurteken in. Typ de tekst opnieuw."),
    "exchange.not_a_code": _("Dit is geen code. Gebruik alleen letters en cijfers, met . _ / of - ertussen."),
    "exchange.not_a_whole_number": _("Dit is geen heel getal. Gebruik alleen cijfers."),
    "exchange.out_of_bounds": _("Dit moet een getal van %(least)s tot en met %(most)s zijn."),
    "exchange.amount_too_large": _("Dit bedrag is hoger dan %(millions)s miljoen euro."),
    "exchange.not_a_day": _("Dit is geen datum. Schrijf een datum als 24-11-2026 of 2026-11-24."),
    "exchange.no_such_day": _("Deze datum bestaat niet."),
    "exchange.day_too_far": _("Het jaar moet tussen %(first)s en %(last)s liggen."),
    "exchange.not_a_choice": _("Kies uit: %(allowed)s."),
    "exchange.not_a_bsn": _("Dit is geen geldig burgerservicenummer."),
    "exchange.not_an_iban": _("Dit is geen geldig rekeningnummer (IBAN)."),
    "exchange.not_a_postcode": _("Dit is geen postcode. Schrijf een postcode als 1098 HJ."),
    "exchange.not_an_email": _("Dit is geen e-mailadres."),
    "money.negative": _("Dit bedrag is lager dan nul."),
    "money.too_many_decimals": _("Dit bedrag heeft meer dan twee cijfers achter de komma."),
    "money.unreadable": _("Dit is geen bedrag. Schrijf een bedrag als 1.234,56."),
    "money.too_large": _("Dit bedrag is te hoog."),
}

REFUSALS = {**FILE, **ROW, **CELL}
