"""The commands: `conform`, the bench, and `toxw`."""
