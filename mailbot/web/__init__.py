"""The agents' desk: pages for approving drafts, made on the server, usable without JavaScript. See docs/web.md."""
