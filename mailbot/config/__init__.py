"""config.toml → frozen settings. The only package that reads the environment and secrets.

Unknown keys are errors that name the key and the nearest known one."""

from mailbot.config.explaining import explain_syntax, explain_validation
from mailbot.config.loading import load
from mailbot.config.oauth import OAuth
from mailbot.config.passwords import client_secret, exposed_files, password, without_password
from mailbot.config.sections import (
    Account,
    AccountDrafts,
    AfterProcessing,
    Alarms,
    Attachments,
    Config,
    Drafts,
    Orders,
    Security,
    Sending,
    Server,
    Storage,
    Web,
)
from mailbot.config.surroundings import (
    cache_home,
    compute_in_one_thread,
    database_url,
    defaults_dir,
    editor,
    graphical,
    notify_socket,
    watchdog_seconds,
)

__all__ = [
    "Account",
    "AccountDrafts",
    "AfterProcessing",
    "Alarms",
    "Attachments",
    "Config",
    "Drafts",
    "OAuth",
    "Orders",
    "Security",
    "Sending",
    "Server",
    "Storage",
    "Web",
    "cache_home",
    "client_secret",
    "compute_in_one_thread",
    "database_url",
    "defaults_dir",
    "editor",
    "explain_syntax",
    "explain_validation",
    "exposed_files",
    "graphical",
    "load",
    "notify_socket",
    "password",
    "watchdog_seconds",
    "without_password",
]
