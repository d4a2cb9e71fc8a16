"""Database failures in words a shopkeeper understands. Every other module raises through here."""

import sqlite3

from sqlalchemy.engine import URL
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError

from mailbot.errors import StoreError

_SQLITE = {
    sqlite3.SQLITE_FULL: "le disque est plein. Libérez de la place, puis relancez mailbot.",
    sqlite3.SQLITE_BUSY: "la base est verrouillée par un autre programme depuis trop longtemps. Fermez l'outil qui "
    "la tient ouverte (sauvegarde, éditeur SQL, autre mailbot) : mailbot réessaiera.",
    sqlite3.SQLITE_LOCKED: "la base est verrouillée par un autre programme depuis trop longtemps.",
    sqlite3.SQLITE_READONLY: "écriture refusée. Donnez au compte qui lance mailbot le droit d'écrire le fichier et "
    "son dossier.",
    sqlite3.SQLITE_CANTOPEN: "ouverture impossible. Vérifiez que le dossier existe et que le compte qui lance mailbot "
    "peut y écrire.",
    sqlite3.SQLITE_PERM: "accès refusé. Donnez au compte qui lance mailbot le droit d'écrire le fichier.",
    sqlite3.SQLITE_IOERR: "le disque a répondu par une erreur. Vérifiez son état et la place libre.",
    sqlite3.SQLITE_CORRUPT: "le fichier est abîmé. Restaurez la dernière sauvegarde.",
    sqlite3.SQLITE_NOTADB: "ce fichier n'est pas une base SQLite. Vérifiez storage.directory.",
}
_POSTGRES = {
    "53100": "le disque du serveur est plein. Libérez de la place : mailbot réessaiera.",
    "55P03": "un verrou est tenu depuis trop longtemps par un autre programme : mailbot réessaiera.",
    "40P01": "deux programmes se sont bloqués l'un l'autre : mailbot réessaiera.",
    "25006": "le serveur est en lecture seule. Vérifiez que l'adresse est bien celle du serveur principal.",
    "42501": "droits insuffisants. Donnez à l'utilisateur le droit de créer et d'écrire les tables.",
    "28P01": "mot de passe refusé. Vérifiez storage.url ou storage.url_env.",
    "28000": "connexion refusée pour cet utilisateur. Vérifiez storage.url ou storage.url_env.",
    "3D000": "cette base n'existe pas. Créez-la (createdb) ou corrigez storage.url.",
    "53300": "trop de connexions ouvertes. Augmentez max_connections ou arrêtez un programme.",
}


_POOLER = "unsupported startup parameter"
_POOLER_WORDS = (
    "un répartiteur de connexions (PgBouncer) refuse un réglage que mailbot demande. Donnez dans storage.url l'adresse "
    "de PostgreSQL lui-même ; ou, dans pgbouncer.ini, ajoutez options à ignore_startup_parameters et gardez "
    "pool_mode = session."
)


def explain(error: DBAPIError, url: URL) -> StoreError | None:
    """The French StoreError for a failure of the world, or None when the failure is a bug of ours."""
    where = f"base de données {url.render_as_string(hide_password=True)}"
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", None)
        words = None if code is None else _SQLITE.get(code & 0xFF)
        return None if words is None else StoreError(f"{where} : {words}")
    if _POOLER in str(cause):
        return StoreError(f"{where} : {_POOLER_WORDS}")
    state = getattr(cause, "sqlstate", None)
    if state in _POSTGRES:
        return StoreError(f"{where} : {_POSTGRES[state]}")
    if isinstance(error, DataError | IntegrityError | ProgrammingError) or (
        state and not state.startswith(("08", "57"))
    ):
        return None
    return StoreError(
        f"{where} : serveur injoignable. Vérifiez qu'il fonctionne et que l'hôte et le port sont justes "
        f"({str(cause).strip().splitlines()[0] if str(cause).strip() else type(cause).__name__})."
    )
