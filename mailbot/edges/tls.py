"""TLS for the mail servers we speak to: verified contexts, and certificate troubles told in French."""

import ssl

from mailbot.config import Server
from mailbot.errors import NeedsHuman, words

# X509_V_ERR_* numbers of OpenSSL → what a person should understand and do.
_REASONS = {
    9: "il n'est pas encore valable : vérifiez l'horloge de cette machine",
    10: "il a expiré : l'hébergeur du serveur doit le renouveler",
    18: "il est signé par lui-même : indiquez ce certificat dans ca_file si ce serveur est bien le vôtre",
    19: "son autorité est inconnue : indiquez-la dans ca_file si ce serveur est bien le vôtre",
    20: "son autorité est inconnue : indiquez-la dans ca_file si ce serveur est bien le vôtre",
    21: "son autorité est inconnue : indiquez-la dans ca_file si ce serveur est bien le vôtre",
    62: "il est établi pour un autre nom : mettez dans host le nom exact donné par l'hébergeur",
    64: "il est établi pour une autre adresse : mettez dans host le nom exact donné par l'hébergeur",
}


def context(server: Server) -> ssl.SSLContext:
    """A context that verifies certificate and host name, against `ca_file` alone when the server has one.

    Raises NeedsHuman when that file cannot be used."""
    try:
        return ssl.create_default_context(cafile=None if server.ca_file is None else str(server.ca_file))
    except OSError as error:
        why = "ce n'est pas un certificat PEM" if isinstance(error, ssl.SSLError) else words(error)
        raise NeedsHuman(
            f"ca_file {server.ca_file} (serveur {server.host}) : fichier inutilisable ({why})."
        ) from error


def trouble(server: Server, error: ssl.SSLError) -> NeedsHuman:
    """The French message for a failed handshake with `server`."""
    where = f"{server.host}:{server.port}"
    if isinstance(error, ssl.SSLCertVerificationError):
        reason = _REASONS.get(error.verify_code, f"vérification impossible ({error.verify_message})")
        return NeedsHuman(
            f"{where} : le certificat présenté n'est pas accepté, {reason}. Rien n'a été envoyé, pas même "
            f"le mot de passe."
        )
    return NeedsHuman(
        f"{where} : la liaison chiffrée n'a pas pu s'établir ({error.reason or error}). Vérifiez port et "
        f"security : "
        'd\'ordinaire "tls" va avec 993 (IMAP) ou 465 (SMTP), "starttls" avec 143 ou 587.'
    )
