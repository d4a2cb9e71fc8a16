"""What large providers want of programs that read mail, for the message when a log-in is refused."""

from mailbot.config import Server

# End of the server's name → what to do, checked against what the providers publish.
_WANTS = {
    ("gmail.com", "googlemail.com"): "Chez Google il faut un mot de passe d'application : compte Google, Sécurité, "
    "Validation en deux étapes, Mots de passe des applications.",
    ("office365.com", "outlook.com", "hotmail.com", "live.com"): "Microsoft n'accepte plus les mots de passe, même "
    "d'application, seulement OAuth 2.0 : placez devant mailbot un relais local tel que email-oauth2-proxy, ou faites "
    "suivre la boîte vers un autre hébergeur.",
    ("yahoo.com", "yahoo.fr", "aol.com"): "Chez Yahoo il faut un mot de passe d'application : Informations du compte, "
    "Sécurité, Générer un mot de passe d'application.",
    ("me.com", "icloud.com"): "Chez Apple il faut un mot de passe pour application : compte Apple, Connexion et "
    "sécurité, Mots de passe pour application.",
    ("ovh.net", "ovh.com"): "Chez OVHcloud l'identifiant est l'adresse entière, et le mot de passe celui de la boîte, "
    "pas celui de l'espace client ; le nom du serveur dépend de l'offre (ssl0.ovh.net, pro1.mail.ovh.net, "
    "ex….mail.ovh.net).",
    ("orange.fr", "wanadoo.fr", "sfr.fr", "free.fr", "laposte.net", "bbox.fr"): "Chez un fournisseur d'accès, vérifiez "
    "dans les réglages du webmail que l'accès par un logiciel de messagerie (IMAP, SMTP authentifié) est permis, et si "
    "un mot de passe à part y est donné.",
}  # fmt: skip
_USUAL = (
    "L'identifiant est le plus souvent l'adresse entière ; avec une validation en deux étapes, il faut un mot de passe "
    "d'application."
)


def wants(server: Server) -> str:
    """A French sentence on how log-ins work at this provider."""
    host = server.host.casefold().rstrip(".")
    for ends, sentence in _WANTS.items():
        if any(host == end or host.endswith(f".{end}") for end in ends):
            return sentence
    return _USUAL


def other_port(server: Server) -> str:
    """For a connection that stays silent: a French sentence when port and security do not go together, else ''."""
    if server.security != "tls" and server.port in (993, 465):
        return f' Le port {server.port} va d\'ordinaire avec security = "tls".'
    if server.security == "tls" and server.port in (143, 587, 25):
        return f' Le port {server.port} va d\'ordinaire avec security = "starttls".'
    return ""
