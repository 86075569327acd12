"""Usage as files: what is in them, how each format writes it, and how a file is checked later."""
