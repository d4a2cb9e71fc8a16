"""What large providers want of programs that read mail, for the message when a log-in is refused."""

from mailbot.config import Server

_MICROSOFT = ("office365.com", "outlook.com", "hotmail.com", "live.com")
# End of the server's name → what to do, checked against what the providers publish.
_WANTS = {
    ("gmail.com", "googlemail.com"): "Chez Google il faut un mot de passe d'application (compte Google, Sécurité, "
    "Validation en deux étapes, Mots de passe des applications), ou auth = \"oauth\" (docs/connexion.md).",
    _MICROSOFT: "Microsoft n'accepte plus les mots de passe, même "
    "d'application, seulement OAuth 2.0 : mettez auth = \"oauth\" dans [accounts.imap] et [accounts.smtp], et une "
    "section [accounts.oauth] (pas à pas : docs/connexion.md).",
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
# The same for servers that refuse a token which the provider has just granted.
_GRANTED = {
    ("gmail.com", "googlemail.com"): "Chez Google, l'accès doit être donné par la boîte nommée dans username, et IMAP "
    "permis (console d'administration, Gmail, Accès des utilisateurs finaux).",
    _MICROSOFT: "Chez Microsoft, username est dans [accounts.smtp] le compte qui a donné l'accès, dans [accounts.imap] "
    "la boîte : la sienne, ou une boîte partagée qu'il peut ouvrir. Dans le centre d'administration, l'utilisateur, "
    "Courrier, Applications de messagerie : IMAP et « SMTP authentifié » doivent être cochés.",
}  # fmt: skip
_USUAL_GRANTED = (
    "L'accès doit être donné par la boîte nommée dans username, avec les permissions de lire et d'envoyer."
)
_USUAL = (
    "L'identifiant est le plus souvent l'adresse entière ; avec une validation en deux étapes, il faut un mot de passe "
    "d'application."
)


def wants(server: Server) -> str:
    """A French sentence on how log-ins work at this provider."""
    table, usual = (_GRANTED, _USUAL_GRANTED) if server.auth == "oauth" else (_WANTS, _USUAL)
    return next((sentence for ends, sentence in table.items() if _is_of(server.host, ends)), usual)


def takes_no_password(host: str) -> bool:
    """True when the provider of this server lets programs in by OAuth 2.0 only."""
    return _is_of(host, _MICROSOFT)


def _is_of(host: str, ends: tuple[str, ...]) -> bool:
    name = host.casefold().rstrip(".")
    return any(name == end or name.endswith(f".{end}") for end in ends)


def other_port(server: Server) -> str:
    """For a connection that stays silent: a French sentence when port and security do not go together, else ''."""
    if server.security != "tls" and server.port in (993, 465):
        return f' Le port {server.port} va d\'ordinaire avec security = "tls".'
    if server.security == "tls" and server.port in (143, 587, 25):
        return f' Le port {server.port} va d\'ordinaire avec security = "starttls".'
    return ""
