"""Enablement: the services are disabled at first, and what the administrator enables is served
after a restart of the management server, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from fixtures.model import (
    FREE_PORT,
    INTEGRATION,
    PORT_SETTING,
    SETTINGS,
    Case,
    EnablementScenario,
    Interface,
    Level,
    PortScenario,
    ProcedureRequirement,
    Row,
    ServerSettings,
    SettingScenario,
    ValueUse,
)
from fixtures.model.documentation import ENABLING
from suites.contract.suite import Check, Suite

SOURCE = ENABLING.cite()
CLIENTS = {
    Interface.EC2: ("boto", "boto3", "soap", "command", "raw"),
    Interface.S3: ("boto", "boto3", "raw"),
}
ADMINISTRATOR = "administrator"
CLOUDSTACK = ("cloudstack",)  # the client of CloudStack's own API
ON, OFF = "true", "false"
# Request → what it is, the client that sends it. The list is sent by every client.
OTHER_PATHS = {
    Interface.EC2: {
        "rest-path": ("to /rest/AmazonEC2", "raw"),
        "rest-path-with-slash": ("to /rest/AmazonEC2/", "raw"),
        "services-path": ("by SOAP to /services/AmazonEC2", "soap"),
        "axis-servlet": ("by SOAP to /servlet/AxisServlet", "soap"),
        "axis-administration": ("to Axis2's administration", "raw"),
        "set-user-keys": ("that registers keys without a signature", "raw"),
        "set-certificate": ("that registers a certificate", "raw"),
    },
    Interface.S3: {
        "create-bucket": ("that creates a bucket", "raw"),
        "services-path": ("by SOAP to /services/AmazonS3", "raw"),
        "dime-path": ("by SOAP to /dime/AmazonS3", "raw"),
        "set-user-keys": ("that registers keys without a signature", "raw"),
    },
}
# Values that updateConfiguration may take for true or refuse.
SPELLINGS = {"blank-after": "true ", "blank-before": " true", "capitals": "TRUE"}
GARBAGE = {"yes": "yes", "number": "1", "empty": "", "null": "null", "two-words": "true false"}
NO_PORTS = {"text": "eight", "negative": "-1"}
PORT_OPEN = {PORT_SETTING: FREE_PORT}


class TestEnablement(Suite):
    """What is served, depending on the global settings."""

    suite = "enablement"

    def test_disabled(self, case: Case, check: Check) -> None:
        """A service that is not enabled refuses requests on every path, and calls nothing."""
        check(case)

    def test_not_restarted(self, case: Case, check: Check) -> None:
        """A changed setting has no effect before the management server is restarted."""
        check(case)

    def test_enabled(self, case: Case, check: Check) -> None:
        """A service is served after it was enabled and the server was restarted."""
        check(case)

    def test_alone(self, case: Case, check: Check) -> None:
        """Each service is enabled by its own setting alone."""
        check(case)

    def test_spelling(self, case: Case, check: Check) -> None:
        """A value that CloudStack accepts for true enables the service."""
        check(case)

    def test_value(self, case: Case, check: Check) -> None:
        """The settings take true and false, and nothing else."""
        check(case)

    def test_rights(self, case: Case, check: Check) -> None:
        """Only a root administrator changes settings."""
        check(case)

    def test_port(self, case: Case, check: Check) -> None:
        """The unsigned API is served on the port that its setting names, and is off without one."""
        check(case)

    @classmethod
    def demands(cls, kind: str, rows: Sequence[Row]) -> Iterator[ProcedureRequirement]:
        """The cases of one kind."""
        del rows
        match kind:
            case "disabled":
                yield from _disabled()
            case "not-restarted":
                yield from _not_restarted()
            case "enabled":
                yield from _enabled()
            case "alone":
                yield from _alone()
            case "spelling":
                yield from _spellings()
            case "value":
                yield from _values()
            case "rights":
                yield from _rights()
            case "port":
                yield from _ports()


def _disabled() -> Iterator[ProcedureRequirement]:
    for interface in Interface:
        scenario = EnablementScenario(interface, ServerSettings(), served=False)
        text = f"{interface} is refused as long as it is not enabled, and CloudStack is not called."
        yield _must(_request("disabled", "list", text, scenario))
        for name, (what, client) in OTHER_PATHS[interface].items():
            text = f"A request {what} is refused as long as {interface} is not enabled."
            scenario = EnablementScenario(interface, ServerSettings(), False, name)
            yield replace(_request("disabled", name, text, scenario), drivers=(client,))


def _not_restarted() -> Iterator[ProcedureRequirement]:
    for interface, name in SETTINGS.items():
        settings = ServerSettings({}, {name: ON})
        text = f"{interface} is refused until the server is restarted after {name} was set to true."
        scenario = EnablementScenario(interface, settings, served=False)
        yield _request("not-restarted", "enabled", text, scenario)
        settings = ServerSettings({name: ON}, {name: OFF})
        text = f"{interface} is served until the server is restarted after {name} was set to false."
        scenario = EnablementScenario(interface, settings, served=True)
        yield _request("not-restarted", "disabled", text, scenario)


def _enabled() -> Iterator[ProcedureRequirement]:
    both = dict.fromkeys(SETTINGS.values(), ON)
    ways = {
        ADMINISTRATOR: (ServerSettings(both), "by the administrator's signed call"),
        INTEGRATION: (
            ServerSettings({**both, **PORT_OPEN}, through=INTEGRATION),
            "by an unsigned call to the integration port",
        ),
    }
    for interface in Interface:
        for way, (settings, how) in ways.items():
            text = f"{interface} is served after it was enabled {how} and the server restarted."
            scenario = EnablementScenario(interface, settings, served=True)
            yield _must(_request("enabled", way, text, scenario))


def _alone() -> Iterator[ProcedureRequirement]:
    for enabled, name in SETTINGS.items():
        for interface in Interface:
            served = interface is enabled
            verb = "served" if served else "refused"
            text = f"{interface} is {verb} where {enabled} alone is enabled."
            scenario = EnablementScenario(interface, ServerSettings({name: ON}), served)
            yield _must(_request("alone", f"{enabled}-enabled", text, scenario))


def _spellings() -> Iterator[ProcedureRequirement]:
    for interface, name in SETTINGS.items():
        for spelling, value in SPELLINGS.items():
            text = f"CloudStack refuses {value!r} as the value of {name}, or {interface} is served."
            settings = ServerSettings({name: value})
            scenario = EnablementScenario(interface, settings, True, or_refused_value=True)
            yield replace(_request("spelling", spelling, text, scenario), drivers=("raw",))


def _values() -> Iterator[ProcedureRequirement]:
    opened = ServerSettings(PORT_OPEN)
    for caller, state in ((ADMINISTRATOR, ServerSettings()), (INTEGRATION, opened)):
        for setting in SETTINGS.values():
            for value in (ON, OFF):
                text = f"{setting} is set to {value} by {caller}, and listed with that value."
                scenario = SettingScenario(setting, value, caller, ValueUse.STORED, state)
                yield _must(_setting("value", f"{value}-by-{caller}", text, scenario))
            for name, value in GARBAGE.items():
                text = f"{setting} is not set to {value!r} by {caller}."
                scenario = SettingScenario(setting, value, caller, ValueUse.REFUSED, state)
                yield _setting("value", f"{name}-by-{caller}", text, scenario)
        for name, value in NO_PORTS.items():
            text = f"{PORT_SETTING} is not set to {value!r}, which is no port, by {caller}."
            scenario = SettingScenario(
                PORT_SETTING, value, caller, ValueUse.REFUSED, state, hazardous=True
            )
            yield _setting("value", f"{name}-by-{caller}", text, scenario)


def _rights() -> Iterator[ProcedureRequirement]:
    for caller in ("me", "teammate", "subdomain_user"):
        for setting, value in {
            **dict.fromkeys(SETTINGS.values(), ON),
            PORT_SETTING: "8096",
        }.items():
            text = f"{setting} is not changed by {caller}, who is no root administrator."
            scenario = SettingScenario(setting, value, caller, ValueUse.REFUSED)
            yield _setting("rights", caller, text, scenario)


def _ports() -> Iterator[ProcedureRequirement]:
    cases = {
        "default": (ServerSettings(), False, "The integration port is off by default."),
        "zero": (
            ServerSettings({PORT_SETTING: "0"}),
            False,
            "The integration port is off where it is set to 0: no port is opened.",
        ),
        "not-restarted": (
            ServerSettings({}, PORT_OPEN),
            False,
            "The integration port is off until the server is restarted.",
        ),
        "set": (
            ServerSettings(PORT_OPEN),
            True,
            "The integration port answers calls without a signature where it is set.",
        ),
        "switched-off": (
            ServerSettings(PORT_OPEN, {PORT_SETTING: ""}),
            True,
            "The integration port answers until the server is restarted after it was switched off.",
        ),
    }
    for name, (settings, served, text) in cases.items():
        requirement = ProcedureRequirement(
            row=PORT_SETTING,
            kind="port",
            name=name,
            text=text,
            procedure=PortScenario(settings, served, no_other=name == "zero"),
            drivers=CLOUDSTACK,
            capabilities=frozenset({"enablement", ADMINISTRATOR}),
            source=SOURCE,
        )
        yield _must(requirement) if name == "set" else requirement


def _request(kind: str, name: str, text: str, scenario: EnablementScenario) -> ProcedureRequirement:
    interface = scenario.interface
    s3 = {"s3"} if interface is Interface.S3 else set()
    return ProcedureRequirement(
        row=interface.value,
        kind=kind,
        name=name,
        text=text,
        procedure=scenario,
        drivers=CLIENTS[interface],
        capabilities=frozenset({"enablement", ADMINISTRATOR, *s3}),
        source=SOURCE,
    )


def _setting(kind: str, name: str, text: str, scenario: SettingScenario) -> ProcedureRequirement:
    roles = {scenario.caller} - {INTEGRATION, "me"}
    return ProcedureRequirement(
        row=scenario.name,
        kind=kind,
        name=name,
        text=text,
        procedure=scenario,
        drivers=CLOUDSTACK,
        capabilities=frozenset({"enablement", ADMINISTRATOR, *roles}),
        source=SOURCE,
    )


def _must(requirement: ProcedureRequirement) -> ProcedureRequirement:
    return replace(requirement, level=Level.MUST)
