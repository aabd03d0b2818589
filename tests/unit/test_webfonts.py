"""The fonts of the pages follow the style sheet."""

from fontTools.ttLib import TTFont

from app.documents import webfonts

STYLE = (
    '@font-face { font-family: "Source Sans 3"; font-weight: 600; font-display: swap; '
    'src: url("fonts/names.woff2") format("woff2"); unicode-range: U+0041-0043, U+015E; }'
)


def test_a_font_holds_the_letters_that_the_style_sheet_names(tmp_path):
    (tmp_path / "tokens.css").write_text(STYLE)
    [made] = webfonts.make(tmp_path)
    with TTFont(made) as font:
        assert set(font.getBestCmap()) == {ord(letter) for letter in "ABCŞ"}


def test_fonts_that_are_up_to_date_are_left_alone(tmp_path):
    (tmp_path / "tokens.css").write_text(STYLE)
    webfonts.make(tmp_path)
    assert webfonts.make(tmp_path) == []


def test_every_face_of_the_portal_has_its_source_and_covers_names_from_everywhere():
    faces = webfonts.faces((webfonts.STATIC / "tokens.css").read_text(), webfonts.STATIC)
    assert all(face.source.exists() for face in faces)
    for weight in ("400", "600"):
        covered = set().union(*(face.letters for face in faces if f"-{weight}-" in face.target.name))
        assert {ord(letter) for letter in "ŞğİıŁąễțőÖé€–’"} <= covered
