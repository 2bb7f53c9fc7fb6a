"""A mail server on a free port of this machine. It writes its port, then each mail that it takes as a line of JSON.

Of the first mails, as many as its argument says, it reads everything and then breaks the connection off without a word.
"""

import json
import sys
import threading
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller


def tell(value):
    print(json.dumps(value), flush=True)


def told(envelope):
    """A mail as a reader sees it."""
    mail = message_from_bytes(envelope.content, policy=policy.default)
    parts = {part.get_content_type(): part.get_content() for part in mail.walk() if not part.is_multipart()}
    headers = {name.lower(): str(value) for name, value in mail.items()}
    return {"to": envelope.rcpt_tos, "type": mail.get_content_type(), "headers": headers, "parts": parts}


class Handler:
    def __init__(self, breaks):
        self.breaks = breaks

    async def handle_DATA(self, server, session, envelope):
        mail = told(envelope)
        if self.breaks > 0:
            self.breaks -= 1
            tell({"broken": True, **mail})
            server.transport.abort()
            return "421 4.3.0 Gone"
        tell(mail)
        return "250 2.0.0 Taken"


class OnFreePort(Controller):
    # It looks whether the server is there, at the port that it was given: 0.
    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


controller = OnFreePort(Handler(int(sys.argv[1])), hostname="127.0.0.1", port=0)
controller.start()
tell({"port": controller.port})
threading.Event().wait()
