"""Tables: drafts shown in the mailbox of the agents, and what they sent from there."""
