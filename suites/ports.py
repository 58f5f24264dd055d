"""Ports: the Amazon interface is served on the port that the server's files name, after a
restart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from fixtures.model import (
    NEW_PORT,
    TAKEN_PORT,
    Case,
    FileForm,
    Interface,
    Level,
    ProcedureRequirement,
    Row,
    ServedPort,
    ServerPortScenario,
)
from fixtures.model.documentation import CHANGING_THE_PORT
from suites.contract.suite import Check, Suite

LOADED, PLAIN, TLS = "server.xml", "server-nonssl.xml", "server-ssl.xml"
EVERY_FILE = {PLAIN: NEW_PORT, TLS: NEW_PORT}  # server.xml is a link to the first
CLIENTS = {
    Interface.EC2: ("boto", "boto3", "soap", "command", "raw"),
    Interface.S3: ("boto", "boto3", "raw"),
}
NO_PORTS = {
    "zero": ("0", "0, which is any port"),
    "text": ("eight", "a text that is no number"),
    "negative": ("-1", "a negative number"),
    "too-large": ("65536", "65536, which is too large"),
    "taken": (TAKEN_PORT, "a port on which another process listens"),
}


class TestPorts(Suite):
    """Where the Amazon interface is served, depending on the files."""

    suite = "ports"

    def test_changed(self, case: Case, check: Check) -> None:
        """The interface is served on the port that was set in every file, and no longer on 7080."""
        check(case)

    def test_not_restarted(self, case: Case, check: Check) -> None:
        """A changed file has no effect before the management server is restarted."""
        check(case)

    def test_one_file(self, case: Case, check: Check) -> None:
        """Where the files disagree, the interface is served on the port that server.xml names."""
        check(case)

    def test_form(self, case: Case, check: Check) -> None:
        """The port is that of the connector, whatever else is in the file."""
        check(case)

    def test_no_port(self, case: Case, check: Check) -> None:
        """A port that cannot be used opens no other, and can be put right."""
        check(case)

    @classmethod
    def demands(cls, kind: str, rows: Sequence[Row]) -> Iterator[ProcedureRequirement]:
        """The cases of one kind."""
        del rows
        for interface in Interface:
            match kind:
                case "changed":
                    text = f"{interface} is served on the port that every file was changed to."
                    scenario = ServerPortScenario(interface, EVERY_FILE, ServedPort.NEW)
                    demand = _demand(kind, "every-file", text, scenario)
                    yield replace(demand, level=Level.MUST, drivers=CLIENTS[interface])
                case "not-restarted":
                    text = f"{interface} stays on its port until the server is restarted."
                    scenario = ServerPortScenario(interface, EVERY_FILE, ServedPort.OLD, False)
                    yield _demand(kind, "every-file", text, scenario)
                case "one-file":
                    yield from _one_file(interface)
                case "form":
                    yield from _forms(interface)
                case "no-port":
                    yield from _no_ports(interface)


def _one_file(interface: Interface) -> Iterator[ProcedureRequirement]:
    texts = {
        PLAIN: (ServedPort.NEW, "is served on the port of the file that server.xml leads to"),
        TLS: (ServedPort.OLD, "stays on its port if the file alone changes that is not loaded"),
        LOADED: (ServedPort.NEW, "is served on the port of server.xml, if that is no link"),
    }
    for name, (served, what) in texts.items():
        scenario = ServerPortScenario(interface, {name: NEW_PORT}, served)
        yield _demand("one-file", name, f"{interface} {what}.", scenario)


def _forms(interface: Interface) -> Iterator[ProcedureRequirement]:
    texts = {
        FileForm.COMMENT: "a connector in a comment has no effect",
        FileForm.OTHER_NAMES: "services and executors have the names of the packaging for EL7",
    }
    for form, what in texts.items():
        text = f"{interface} is served on the changed port also where {what}."
        scenario = ServerPortScenario(interface, EVERY_FILE, ServedPort.NEW, form=form)
        yield _demand("form", form.value, text, scenario)


def _no_ports(interface: Interface) -> Iterator[ProcedureRequirement]:
    for name, (value, what) in NO_PORTS.items():
        text = f"{interface} is served nowhere while the port is {what}, and then again."
        ports = dict.fromkeys(EVERY_FILE, value)
        scenario = ServerPortScenario(interface, ports, ServedPort.NEITHER)
        yield _demand("no-port", name, text, scenario)


def _demand(kind: str, name: str, text: str, scenario: ServerPortScenario) -> ProcedureRequirement:
    s3 = {"s3"} if scenario.interface is Interface.S3 else set()
    return ProcedureRequirement(
        row=scenario.interface.value,
        kind=kind,
        name=name,
        text=text,
        procedure=scenario,
        drivers=("raw",),
        capabilities=frozenset({"ports", *s3}),
        source=CHANGING_THE_PORT.cite(),
    )
