"""The commands of `mailbot`, one module each. Heavy imports stay inside the functions: --help answers at once."""
