"""Tables: the agents: accounts, sessions, rights, and the audit log of what they saw and did."""
