"""Tables: published versions of rules and templates, and the version each reply was written with."""
