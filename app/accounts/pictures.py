"""The picture that an app scans, to couple it."""

from base64 import b64encode
from io import BytesIO

import qrcode
import qrcode.image.svg

from app.accounts import totp


def picture(secret: str, account: str) -> str:
    """Return the picture of a secret, as an address that holds it."""
    drawn = BytesIO()
    qrcode.make(totp.address(secret, account), image_factory=qrcode.image.svg.SvgPathFillImage).save(drawn)
    return f"data:image/svg+xml;base64,{b64encode(drawn.getvalue()).decode()}"
