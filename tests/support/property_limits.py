"""How long property tests run: shortly by default, longer with `--hypothesis-profile long`."""

from __future__ import annotations

from hypothesis import settings

LONG = "long"
settings.register_profile(LONG, max_examples=2000, stateful_step_count=100, deadline=None)


def bounded(examples: int, steps: int = 30) -> settings:
    """Limits of a test: so many examples (of so many steps), unless the profile is `LONG`."""
    if settings.get_current_profile_name() == LONG:
        return settings.get_profile(LONG)
    return settings(max_examples=examples, stateful_step_count=steps, deadline=None)
