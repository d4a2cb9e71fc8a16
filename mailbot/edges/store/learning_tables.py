"""Tables: what agents corrected, what they overrode, and what would have been sent alone."""
