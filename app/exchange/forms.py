"""The form of a file of answers: shape and wording only."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired


class FileForm(FlaskForm):
    file = FileField(_("Ingevuld bestand"), [FileRequired(_("Kies het bestand dat u invulde."))])
