"""The support mailbox of French online shops, answered on time and never twice."""

__version__ = "0.1.0"
