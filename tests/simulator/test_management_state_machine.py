"""The management server as a state machine: whatever order commands come in, its lists show what
was done, and a refusal changes nothing."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from tests.support.management_client import Cloud
from tests.support.property_limits import bounded

NAMES = st.sampled_from(["a", "b", "c"])
Result = dict[str, Any]


class ManagementMachine(RuleBasedStateMachine):
    """Groups, volumes, instances and tags of one account, beside a model of them."""

    groups = Bundle("groups")
    volumes = Bundle("volumes")
    instances = Bundle("instances")

    def __init__(self) -> None:
        super().__init__()
        self.cloud = Cloud()
        self.group_names = {"default"}
        self.attached: dict[str, str] = {}  # the instance of each data volume, "" without one
        self.states: dict[str, str] = {}
        self.tags: dict[str, dict[str, str]] = {}

    def teardown(self) -> None:
        """Close the database."""
        self.cloud.management.close()

    def attempt(self, command: str, **parameters: Any) -> bool:
        """Whether a command is carried out, its job included."""
        reply = self.cloud.reply(command, **parameters)
        assert reply.status in (200, 430, 431, 530, 531, 536), reply.text
        if reply.status == 200 and "jobid" in reply.body:
            return bool(self.cloud.job(reply.body["jobid"])["jobstatus"] == 1)
        return reply.status == 200

    @rule(target=groups, name=NAMES)
    def create_group(self, name: str) -> str:
        """A name is used once."""
        assert self.attempt("createSecurityGroup", name=name) == (name not in self.group_names)
        self.group_names.add(name)
        return name

    @rule(name=groups)
    def delete_group(self, name: str) -> None:
        """A group is deleted if it is there."""
        present = name in self.group_names
        assert self.attempt("deleteSecurityGroup", name=name) == present
        self.group_names.discard(name)

    @rule(target=instances)
    def deploy(self) -> str:
        """An instance runs."""
        instance = self.cloud.deploy()
        self.states[instance] = "Running"
        return instance

    @rule(instance=instances, command=st.sampled_from(["start", "stop", "reboot"]))
    def change_state(self, instance: str, command: str) -> None:
        """Only a running instance reboots; one that is over does nothing."""
        done = self.attempt(f"{command}VirtualMachine", id=instance)
        state = self.states.get(instance, "over")
        if state == "over" or (command, state) == ("reboot", "Stopped"):
            assert not done
        elif done and command != "reboot":
            self.states[instance] = {"start": "Running", "stop": "Stopped"}[command]

    @rule(instance=consumes(instances))
    def destroy(self, instance: str) -> None:
        """What is expunged is listed no more, and its volumes are free."""
        assert self.attempt("destroyVirtualMachine", id=instance)
        self.cloud.clock.advance(3 * 86_400)
        del self.states[instance]
        self.tags.pop(instance, None)
        for volume, owner in self.attached.items():
            if owner == instance:
                self.attached[volume] = ""

    @rule(target=volumes)
    def create_volume(self) -> str:
        """A volume is attached to nothing."""
        volume = self.cloud.volume()
        self.attached[volume] = ""
        return volume

    @rule(volume=volumes, instance=instances)
    def attach(self, volume: str, instance: str) -> None:
        """A volume is attached to one instance at a time."""
        possible = self.attached.get(volume) == "" and instance in self.states
        assert self.attempt("attachVolume", id=volume, virtualmachineid=instance) == possible
        if possible:
            self.attached[volume] = instance

    @rule(volume=volumes)
    def detach(self, volume: str) -> None:
        """Only what is attached is detached."""
        assert self.attempt("detachVolume", id=volume) == bool(self.attached.get(volume))
        if volume in self.attached:
            self.attached[volume] = ""

    @rule(volume=volumes)
    def delete_volume(self, volume: str) -> None:
        """What is attached is not deleted; what is deleted has no tags."""
        possible = self.attached.get(volume) == ""
        assert self.attempt("deleteVolume", id=volume) == possible
        if possible:
            del self.attached[volume]
            self.tags.pop(volume, None)

    @rule(resource=volumes | instances, key=NAMES, value=NAMES)
    def tag(self, resource: str, key: str, value: str) -> None:
        """A key is on a resource once."""
        known = resource in self.attached or resource in self.states
        kind = "Volume" if resource in self.attached else "UserVm"
        pair = {"tags[0].key": key, "tags[0].value": value}
        done = self.attempt("createTags", resourcetype=kind, resourceids=resource, **pair)
        assert done == (known and key not in self.tags.get(resource, {}))
        if done:
            self.tags.setdefault(resource, {})[key] = value

    @rule(resource=volumes | instances, key=NAMES)
    def untag(self, resource: str, key: str) -> None:
        """Only what is there is taken off."""
        kind = "Volume" if resource in self.attached else "UserVm"
        pair = {"tags[0].key": key}
        done = self.attempt("deleteTags", resourcetype=kind, resourceids=resource, **pair)
        assert done == (key in self.tags.get(resource, {}))
        self.tags.get(resource, {}).pop(key, None)

    @invariant()
    def lists_show_the_model(self) -> None:
        """Every list has exactly what the model has."""
        listed = self.cloud.list
        assert {row["name"] for row in listed("listSecurityGroups")} == self.group_names
        volumes = listed("listVolumes", type="DATADISK")
        assert {row["id"]: row.get("virtualmachineid", "") for row in volumes} == self.attached
        instances = listed("listVirtualMachines")
        assert {row["id"]: row["state"] for row in instances} == self.states
        pairs = {(row["resourceid"], row["key"], row["value"]) for row in listed("listTags")}
        expected = {(r, k, v) for r, tags in self.tags.items() for k, v in tags.items()}
        assert pairs == expected


TestManagement = ManagementMachine.TestCase
TestManagement.settings = bounded(8, 25)
