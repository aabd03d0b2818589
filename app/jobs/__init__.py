"""Work that happens after a commit: the port to the job engine, its worker, and the page that follows long work."""
