"""Sends the notice of a run by mail."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate

from probation_etl.operations.addresses import MailAddress
from probation_etl.operations.events import Ended, NotTold, Observer
from probation_etl.operations.notice import headline, text

_TIMEOUT = 10.0


class Mail(Observer):
    """Writes to people. A password is sent over an encrypted connection alone."""

    is_remote = True

    def __init__(self, address: MailAddress, password: str | None = None, *, always: bool = False) -> None:
        self._address, self._password, self._always = address, password, always
        self.name = f"the mail server at {address.shown}"

    def ended(self, end: Ended) -> None:
        """Sends the mail, if there is something to do or it is always wanted."""
        if not (self._always or end.asks_for_action):
            return
        try:
            with self._connected() as server:
                self._log_in(server)
                server.send_message(self._message(end))
        except smtplib.SMTPAuthenticationError:
            raise NotTold("it refuses the user or the password") from None
        except smtplib.SMTPRecipientsRefused:
            raise NotTold("it refuses all recipients") from None
        except smtplib.SMTPResponseException as error:
            raise NotTold(f"it answered with {error.smtp_code}") from None
        except ssl.SSLError:
            raise NotTold("no encrypted connection could be made, or its certificate is not trusted") from None
        except smtplib.SMTPServerDisconnected:
            raise NotTold("it closed the connection") from None
        except smtplib.SMTPException:
            raise NotTold("it does not speak as a mail server does") from None

    def _connected(self) -> smtplib.SMTP:
        host, port = self._address.host, self._address.port
        if self._address.encrypted:
            return smtplib.SMTP_SSL(host, port, timeout=_TIMEOUT, context=ssl.create_default_context())
        return smtplib.SMTP(host, port, timeout=_TIMEOUT)

    def _log_in(self, server: smtplib.SMTP) -> None:
        server.ehlo()
        encrypted = self._address.encrypted
        if not encrypted and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
            encrypted = True
        if self._address.user and self._password:
            if not encrypted:
                raise NotTold("it offers no encryption, and a password is not sent without")
            server.login(self._address.user, self._password)

    def _message(self, end: Ended) -> EmailMessage:
        message = EmailMessage()
        message["Subject"] = f"probation-etl: {headline(end)}"
        message["From"] = self._address.sender
        message["To"] = ", ".join(self._address.recipients)
        message["Date"] = formatdate(localtime=True)
        message["Message-ID"] = f"<{end.run.run_id}.probation-etl@{self._address.sender.rpartition('@')[2]}>"
        # So that no answering machine answers.
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text(end) + "\n")
        return message
