"""The demo: people, consents and weeks that are played, so that every list has life in it. Never in production."""
