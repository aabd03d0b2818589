"""A mail server for tests: takes mail and keeps it, or refuses as it is told: for now (421), for ever (550), or by saying nothing."""

import re
import socketserver
import threading
from contextlib import contextmanager

ACCEPT, LATER, NEVER, SILENT = "250 ok", "421 try later", "550 not here", ""


class _Talk(socketserver.StreamRequestHandler):
    def handle(self):
        server = self.server.mail
        server.calls += 1
        if server.mood == SILENT:
            server.wakes.wait(30)
            return
        self._say("220 test" if server.mood != LATER else LATER)
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self._say("354 go on")
                self._take()
            refusal = next((no for address, no in server.refuses.items() if word == b"RCPT" and address.encode() in line.lower()), None)
            self._say("221 bye" if word == b"QUIT" else refusal or server.mood)
            if word == b"QUIT":
                return

    def _take(self):
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        text = b"".join(lines).decode()
        if found := re.search(r"^Message-ID: (\S+)", text, re.MULTILINE | re.IGNORECASE):
            self.server.mail.taken.append((found[1], text))

    def _say(self, words):
        self.wfile.write(words.encode() + b"\r\n")


class MailServer:
    """What a test sees of it: `mood` says how it answers, `refuses` to whom it says no, `taken` what it took, `calls` how often."""

    def __init__(self):
        self.mood, self.taken, self.calls, self.wakes = ACCEPT, [], 0, threading.Event()
        self.refuses = {}  # an address, and what is said to who writes to it

    def ids(self):
        return [message_id for message_id, _ in self.taken]


@contextmanager
def mail_server():
    """Run a mail server and yield it, with its `url`."""
    mail = MailServer()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Talk) as server:
        server.daemon_threads, server.block_on_close, server.mail = True, False, mail
        mail.url = f"smtp://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield mail
        finally:
            mail.wakes.set()
            server.shutdown()
