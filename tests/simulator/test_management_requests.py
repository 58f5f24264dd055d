"""Requests to the simulated management server: signatures, refusals, parameters, pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.simulator.management.requests import pairs
from fixtures.simulator.management.signing import sign, text_to_sign
from tests.support.management_client import Cloud, query_of, send_request

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
ODDITIES = ("", "-1", "0", "1", "2", "true", "²", "a,b", "é", "x" * 300, "2014-05-21", "default")
UNVERIFIED = "unable to verify user credentials and/or request signature"


def test_first_published_signature_is_reproduced() -> None:
    """The signature equals that of an independent implementation."""
    parameters = {"command": "listZones", "apiKey": "AK", "response": "json", "available": "true"}
    assert text_to_sign(parameters) == "apikey=ak&available=true&command=listzones&response=json"
    assert sign(parameters, "secret") == "GHxhoBcPBkMrDUWFC0EYslruyiI="


def test_second_published_signature_is_reproduced() -> None:
    """The signature equals the real bridge's, over blanks, stars, tildes and brackets."""
    parameters = {
        "command": "listVirtualMachines",
        "response": "json",
        "listall": "true",
        "id": "A B*~/+",
        "tags[0].key": "k",
        "apikey": "APIKEY",
    }
    assert sign(parameters, "SECRET") == "GQs+sthqTXqQBkjXyQr3B/NrMjE="


@given(st.dictionaries(TEXT, TEXT, max_size=4))
def test_any_text_survives_the_wire(parameters: dict[str, str]) -> None:
    """The server reads names and values of any characters as the client sent them."""
    assert pairs(urlencode(parameters).encode()) == parameters


def test_signed_calls_by_get_and_by_post(shared_cloud: Cloud) -> None:
    """The parameters may be in the query string, in a form, or in both."""
    sent = shared_cloud.signed_parameters("listZones", {"available": "true"})
    assert send_request(shared_cloud.management.api, query_of(sent)).status == 200
    assert send_request(shared_cloud.management.api, "", form=query_of(sent)).status == 200
    command = {"command": sent.pop("command")}
    assert (
        send_request(shared_cloud.management.api, query_of(command), form=query_of(sent)).status
        == 200
    )


@pytest.mark.parametrize("missing", ["apiKey", "signature", "command"])
def test_incomplete_credentials_are_refused(shared_cloud: Cloud, missing: str) -> None:
    """Without API key, signature or command a request is refused with 401 and no class number."""
    sent = shared_cloud.signed_parameters("listZones", {})
    del sent[missing]
    reply = send_request(shared_cloud.management.api, query_of(sent))
    assert (reply.status, reply.body["errortext"]) == (401, UNVERIFIED)
    assert "cserrorcode" not in reply.body


def test_changed_parameter_breaks_the_signature(shared_cloud: Cloud) -> None:
    """A parameter that is changed or added after signing is refused with 401."""
    sent = shared_cloud.signed_parameters("listZones", {"available": "true"})
    for change in (
        {"available": "false"},
        {"id": shared_cloud.world.zone_id},
        {"signature": "AAAA"},
    ):
        assert send_request(shared_cloud.management.api, query_of(sent | change)).status == 401


def test_unknown_key_is_refused(shared_cloud: Cloud) -> None:
    """An unknown API key is refused with 401."""
    sent = shared_cloud.signed_parameters("listZones", {}) | {"apiKey": "unknown"}
    assert send_request(shared_cloud.management.api, query_of(sent)).status == 401


def test_a_signature_is_accepted_until_it_expires(shared_cloud: Cloud) -> None:
    """A version 3 signature needs a valid expiry that is not past."""
    soon = (datetime.now(UTC) + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%S+0000")
    past = (datetime.now(UTC) - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%S+0000")
    assert shared_cloud.reply("listZones", signatureVersion="3", expires=soon).status == 200
    assert shared_cloud.reply("listZones", signatureVersion="3", expires=past).status == 401
    assert shared_cloud.reply("listZones", signatureVersion="3", expires="tomorrow").status == 401
    assert shared_cloud.reply("listZones", signatureVersion="3").status == 401
    assert shared_cloud.reply("listZones", expires=past).status == 200


def test_unknown_command_is_refused_before_the_signature(shared_cloud: Cloud) -> None:
    """For any caller an unknown command is refused with 432 in a general envelope."""
    reply = send_request(shared_cloud.management.api, "command=listUnicorns&response=json")
    assert reply.status == 432
    assert reply.text.startswith('{ "errorresponse" :')
    assert reply.headers["x-description"] == reply.body["errortext"]


def test_command_beyond_the_role_is_refused(shared_cloud: Cloud) -> None:
    """An administrator's command is refused to a user as not available."""
    code, text = shared_cloud.refusal("listConfigurations")
    assert code == 432
    assert "not available" in text
    assert shared_cloud.reply("listConfigurations", by="admin").status == 200


def test_control_characters_are_refused(shared_cloud: Cloud) -> None:
    """Tabs and other control characters in a value are refused with 431; line ends are accepted."""
    assert shared_cloud.refusal("listZones", name="a\tb")[0] == 431
    assert shared_cloud.refusal("listZones", name="a\x7f")[0] == 431
    assert shared_cloud.reply("listZones", name="a\r\nb").status == 200


def test_parameter_names_have_no_case(shared_cloud: Cloud) -> None:
    """`listAll`, `LISTALL` and `listall` are the same parameter."""
    for name in ("zoneid", "zoneId", "ZONEID"):
        code, text = shared_cloud.refusal("listVirtualMachines", **{name: "nowhere"})
        assert code == 431
        assert "Invalid parameter zoneid value=nowhere" in text


@pytest.mark.parametrize(
    "name", ["tags[0", "tags[0].key[1]", "tags[x].key", "tags[].key", "tags[0]key", "tags[²].key"]
)
def test_broken_array_syntax_has_its_own_code(shared_cloud: Cloud, name: str) -> None:
    """Object arrays with unbalanced brackets are refused with 430."""
    assert shared_cloud.refusal("listVirtualMachines", **{name: "v"})[0] == 430


def test_missing_parameter_is_named(shared_cloud: Cloud) -> None:
    """A required parameter that is missing or empty is refused with 431 and named."""
    expected = "Unable to execute API command stopvirtualmachine due to missing parameter id"
    assert shared_cloud.refusal("stopVirtualMachine") == (431, expected)
    assert shared_cloud.refusal("stopVirtualMachine", id="") == (431, expected)


@pytest.mark.parametrize(
    ("command", "parameters"),
    [
        ("listVirtualMachines", {"id": "i-1234"}),
        ("listVirtualMachines", {"id": "8A9F5D1C-7F1E-4C55-9E0A-0A1B2C3D4E5F"}),
        ("listVirtualMachines", {"hostid": "8a9f5d1c-7f1e-4c55-9e0a-0a1b2c3d4e5f"}),
        ("listVirtualMachines", {"page": "first", "pagesize": "2"}),
        ("listResourceLimits", {"resourcetype": "9999999999"}),
        ("listTemplates", {"templatefilter": "x" * 256}),
        ("listTemplates", {"templatefilter": "Featured"}),
        ("listEvents", {"startdate": "21/05/2014"}),
        ("deployVirtualMachine", {"zoneid": "-1", "serviceofferingid": "1", "templateid": "1"}),
    ],
)
def test_unusable_values_are_refused(
    shared_cloud: Cloud, command: str, parameters: dict[str, str]
) -> None:
    """Values of the wrong type, too long, or of unknown resources are refused with 431."""
    assert shared_cloud.refusal(command, **parameters)[0] == 431


def test_internal_numbers_are_ids_too(shared_cloud: Cloud) -> None:
    """A resource may be named by its internal number in place of its UUID."""
    assert shared_cloud.list("listZones", id="1") == shared_cloud.list(
        "listZones", id=shared_cloud.world.zone_id
    )


@settings(max_examples=150, deadline=None)
@given(choice=st.integers(0, 10_000), values=st.lists(st.sampled_from(ODDITIES), min_size=40))
def test_no_request_breaks_the_server(shared_cloud: Cloud, choice: int, values: list[str]) -> None:
    """For all commands and parameters the status is one that CloudStack returns."""
    apis = shared_cloud.list("listApis", by="admin")
    # New keys for the administrator would end the next request, which is signed with the old ones.
    apis = [api for api in apis if api["name"] != "registerUserKeys"]
    api = apis[choice % len(apis)]
    names = [f"{p['name']}[0].key" if p["type"] == "map" else p["name"] for p in api["params"]]
    parameters = {name: value for name, value in zip(names, values, strict=False) if value}
    reply = shared_cloud.reply(api["name"], by="admin", **parameters)
    assert reply.status in {200, 430, 431, 432, 530, 531, 533, 535, 536, 537}


def test_pages_cover_everything_once(shared_cloud: Cloud) -> None:
    """All pages together have each object once; each page has the number of all matches."""
    names = {f"page{number}" for number in range(7)}
    for name in names:
        shared_cloud.call("createSecurityGroup", by="bob", name=name)
    listed = []
    for page in range(1, 4):
        body = shared_cloud.call("listSecurityGroups", by="bob", page=page, pagesize=3)
        assert body["count"] == 8
        listed += [group["name"] for group in body["securitygroup"]]
    assert sorted(listed) == sorted(names | {"default"})
    assert len(shared_cloud.list("listSecurityGroups", by="bob", page=-2, pagesize=3)) == 3
    assert shared_cloud.call("listSecurityGroups", by="bob", page=9, pagesize=3) == {"count": 8}


@pytest.mark.parametrize(
    "parameters",
    [
        {"page": "1"},
        {"pagesize": "10"},
        {"page": "1", "pagesize": "-1"},
        {"page": "1", "pagesize": "501"},
    ],
)
def test_impossible_pages_are_refused(shared_cloud: Cloud, parameters: dict[str, str]) -> None:
    """A page without a size, a size without a page, or too large a page is refused with 431."""
    assert shared_cloud.refusal("listZones", **parameters)[0] == 431


def test_unlimited_page_is_allowed(shared_cloud: Cloud) -> None:
    """A page size of -1 lists everything. What there is, other tests may have changed."""
    listed = {
        size: shared_cloud.call("listServiceOfferings", page="1", pagesize=size)["serviceoffering"]
        for size in ("1", "500")
    }
    everything = shared_cloud.call("listServiceOfferings", pagesize="-1")["serviceoffering"]
    assert len(listed["1"]) == 1 < len(everything)
    assert everything == listed["500"]


def test_other_paths_are_not_the_api(shared_cloud: Cloud) -> None:
    """The API port serves /client/api only."""
    sent = query_of(shared_cloud.signed_parameters("listZones", {}))
    assert send_request(shared_cloud.management.api, sent, path="/").status == 404


def test_integration_port_needs_no_signature(shared_cloud: Cloud) -> None:
    """The integration port carries out any command at any path as the system account."""
    reply = send_request(
        shared_cloud.management.integration, "command=listConfigurations&response=json", path="/x"
    )
    assert reply.status == 200
    assert reply.headers["content-type"] == "text/javascript"
    assert send_request(shared_cloud.management.integration, "response=json").status == 432
    unknown = send_request(shared_cloud.management.integration, "command=nope")
    assert (unknown.status, unknown.headers["content-type"]) == (432, "text/xml")
    assert "Unknown API command: nope" in unknown.text
