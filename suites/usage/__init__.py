"""The suite `usage`: what is used is billed."""
