"""The zone of every day and hour that people read or that a delay is counted in."""

from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
