"""Whose letters these are: the head of every letter of the Kredietbank, in one place. Pure."""

from app.documents.blocks import Sender

KREDIETBANK = Sender(
    name="Gemeente Amsterdam",
    department="Kredietbank",
    contact=("Postbus 100, 1000 ZZ Amsterdam", "020 555 01 00, werkdagen 9.00 tot 17.00 uur"),
    returned_to="Retour: Kredietbank, Postbus 100, 1000 ZZ Amsterdam",
)
