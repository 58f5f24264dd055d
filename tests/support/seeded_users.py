"""The users that every simulated deployment has."""

from __future__ import annotations

from typing import Protocol

from fixtures.simulator.seeded_user import User


class DeploymentUsers(Protocol):
    """A simulated deployment, in this process or another."""

    @property
    def users(self) -> tuple[User, ...]:
        """Its users."""


def seeded_user(deployment: DeploymentUsers, name: str = "alice") -> User:
    """The user of that name."""
    return next(user for user in deployment.users if user.name == name)
