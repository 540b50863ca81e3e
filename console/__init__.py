"""The desk: what a person sees and decides. Sans-I/O core, a web server, and the browser app in `web/`."""
