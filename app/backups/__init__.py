"""Copies of a whole installation: one encrypted file with the database, the work that waits and the documents."""
