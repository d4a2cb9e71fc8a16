"""Logging in to the SMTP server: by password, by access token, or not at all."""

import base64

import aiosmtplib

from mailbot.config import Server
from mailbot.edges import sasl_oauth
from mailbot.edges.sign_in import Secret
from mailbot.errors import NeedsHuman


async def log_in(client: aiosmtplib.SMTP, server: Server, secret: Secret | None) -> None:
    """Log in over a connection that has said EHLO; an access token that the server takes no longer is replaced once.
    Raises aiosmtplib's errors, and those of Access."""
    if secret is None:
        return
    if isinstance(secret, str):
        await client.login(server.username or "", secret)
        return
    token = secret.token()
    try:
        await _by_token(client, server, token)
    except aiosmtplib.SMTPAuthenticationError:
        newer = secret.another(token)
        if newer is None:
            raise
        await _by_token(client, server, newer)


async def _by_token(client: aiosmtplib.SMTP, server: Server, token: str) -> None:
    chosen = sasl_oauth.mechanism(client.server_auth_methods)
    if chosen is None:
        raise NeedsHuman(
            f"{server.host}:{server.port} : le serveur n'offre pas de connexion par OAuth (XOAUTH2 ou OAUTHBEARER) "
            f'avec security = "{server.security}".'
        )
    first = base64.b64encode(sasl_oauth.first_words(chosen, server.username or "", token))
    answer = await client.execute_command(b"AUTH", chosen.encode(), first)
    if answer.code == 334:  # why it refuses, before it does
        answer = await client.execute_command(base64.b64encode(sasl_oauth.last_words(chosen)))
    if answer.code != 235:
        raise aiosmtplib.SMTPAuthenticationError(answer.code, answer.message)
