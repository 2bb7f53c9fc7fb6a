"""A mail server on a free port of this machine. It writes its port, then each mail that it takes as a line of JSON.

Its argument is an object of JSON, of which every member may be left out:
- breaks: of the first mails, as many, it reads everything and then breaks the connection off without a word;
- refused: an address that it does not know;
- tls: "smtps", or "starttls", without which it takes nothing; then certificate, a file with its key in it;
- login and password, without which it takes nothing.
"""

import json
import logging
import ssl
import sys
import threading
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


def tell(value):
    print(json.dumps(value), flush=True)


def told(envelope):
    """A mail as a reader sees it."""
    mail = message_from_bytes(envelope.content, policy=policy.default)
    parts = {part.get_content_type(): part.get_content() for part in mail.walk() if not part.is_multipart()}
    headers = {name.lower(): str(value) for name, value in mail.items()}
    return {"to": envelope.rcpt_tos, "type": mail.get_content_type(), "headers": headers, "parts": parts}


class Handler:
    def __init__(self, breaks, refused):
        self.breaks = breaks
        self.refused = refused

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address == self.refused:
            return f"550 5.1.1 <{address}>: no such user"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server, session, envelope):
        mail = told(envelope)
        if self.breaks > 0:
            self.breaks -= 1
            tell({"broken": True, **mail})
            server.transport.abort()
            return "421 4.3.0 Gone"
        tell(mail)
        return "250 2.0.0 Taken"


# A client that does not trust the certificate is no error here.
logging.getLogger("mail.log").setLevel(logging.CRITICAL)


class OnFreePort(Controller):
    # It looks whether the server is there, at the port that it was given: 0.
    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


asked = json.loads(sys.argv[1])
options = {}
if "tls" in asked:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(asked["certificate"])
    if asked["tls"] == "smtps":
        options["ssl_context"] = context
    else:
        options.update(tls_context=context, require_starttls=True)
if "login" in asked:
    expected = (asked["login"].encode(), asked["password"].encode())

    def authenticate(server, session, envelope, mechanism, shown):
        return AuthResult(success=(shown.login, shown.password) == expected)

    # What is TLS from the first byte on is none for it.
    options.update(auth_required=True, auth_require_tls=asked["tls"] != "smtps", authenticator=authenticate)
handler = Handler(asked.get("breaks", 0), asked.get("refused"))
controller = OnFreePort(handler, hostname="127.0.0.1", port=0, **options)
controller.start()
tell({"port": controller.port})
threading.Event().wait()
