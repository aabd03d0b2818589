"""The web side for any WSGI server: settings come from the environment."""

from app import create_app
from app.config import Settings

app = create_app(Settings.from_env())
