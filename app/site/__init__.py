"""Pages that belong to no subject: help, statements, release notes and health."""
