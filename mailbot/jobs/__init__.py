"""The jobs: each joins the pure line and the edges for one purpose. Engines decide when they run.

Only here may an unforeseen error be caught: what it touched is parked or retried, and everything else goes on."""
