"""Tables: what agents do on the page: who is on a case, notes, second approvals, full-text search."""
