"""The table of the commands, in four parts; `COMMANDS` has each under all its names."""

from collections.abc import Mapping

from tools.ec2.command_spec import Command
from tools.ec2.tables.images import IMAGES
from tools.ec2.tables.instances import INSTANCES
from tools.ec2.tables.network import NETWORK
from tools.ec2.tables.storage import STORAGE

ALL: tuple[Command, ...] = (*NETWORK, *IMAGES, *INSTANCES, *STORAGE)

COMMANDS: Mapping[str, Command] = {
    name: command for command in ALL for name in (command.name, *command.aliases)
}

__all__ = ["ALL", "COMMANDS"]
