"""What is sent to a record of another project with POST, PUT, PATCH and DELETE, and what its owner could send.

A body is one that the route takes apart: who may change the record is asked only then by OpenStack's own services, too. What is
not here is sent a change of the record's name; so a route that is new is asked something as well.
"""

import os
import re

ACTIONS = os.path.join(os.path.dirname(__file__), "../../api-server/front/openstack/compute/server_actions.cc")
JSON_PATCH = {"Content-Type": "application/openstack-images-v2.1-json-patch"}
BYTES = {"Content-Type": "application/octet-stream"}
# Where Nova still has what it only passed on to Neutron and Glance.
OLD = "2.1"
PASSED_ON = ("os-floating-ips", "os-networks", "os-tenant-networks", "os-security-group", "/images/")


def server_actions():
    """Every key of a body that is an action, from the program's own table."""
    with open(ACTIONS, encoding="utf-8") as file:
        table = file.read().split("constexpr Key kKeys[]")[1].split("};")[0]
    return re.findall(r'\{"([\w-]+)", ', table)


ACTION_BODIES = {
    "reboot": {"type": "HARD"}, "rescue": {"adminPass": "changed"}, "createImage": {"name": "changed"},
    "createBackup": {"name": "changed", "backup_type": "daily", "rotation": 1}, "changePassword": {"adminPass": "changed"},
    "os-resetState": {"state": "error"}, "os-getConsoleOutput": {}, "os-getVNCConsole": {"type": "novnc"},
    "os-getSPICEConsole": {"type": "spice-html5"}, "os-getRDPConsole": {"type": "rdp-html5"},
    "os-getSerialConsole": {"type": "serial"}, "os-migrateLive": {"host": None, "block_migration": "auto"},
    "addSecurityGroup": {"name": "default"}, "removeSecurityGroup": {"name": "default"},
    "addFixedIp": {"networkId": "{network}"}, "removeFixedIp": {"address": "192.168.77.2"},
    "addFloatingIp": {"address": "{floating address}"}, "removeFloatingIp": {"address": "{floating address}"},
    "resize": {"flavorRef": "2"}, "rebuild": {"imageRef": "{public image}"},
}

BODIES = {
    "POST /v3/users/{user}/credentials/OS-EC2": {"tenant_id": "{project}"},
    "POST /v3/users/{user}/password": {"user": {"original_password": "a guess", "password": "changed"}},
    "PATCH /v3/credentials/{id}": {"credential": {"blob": "changed"}},
    "POST /v3/users/{user}/application_credentials": {"application_credential": {"name": "changed"}},
    "POST /v2.1/servers/{server}/remote-consoles": {"remote_console": {"protocol": "vnc", "type": "novnc"}},
    "PUT /v2.1/servers/{server}/metadata": {"metadata": {"k": "changed"}},
    "POST /v2.1/servers/{server}/metadata": {"metadata": {"k": "changed"}},
    "PUT /v2.1/servers/{server}/metadata/{key}": {"meta": {"k": "changed"}},
    "PUT /v2.1/servers/{server}/tags": {"tags": ["changed"]},
    "PUT /v2.1/servers/{server}/tags/{tag}": None,
    "POST /v2.1/servers/{server}/os-interface": {"interfaceAttachment": {}},
    "POST /v2.1/images/{image}/metadata": {"metadata": {"note": "changed"}},
    "PUT /v2.1/images/{image}/metadata": {"metadata": {"note": "changed"}},
    "PUT /v2.1/images/{image}/metadata/{key}": {"meta": {"k": "changed"}},
    "PUT /v2.1/os-security-groups/{id}": {"security_group": {"name": "changed", "description": "changed"}},
    "POST /v2.1/os-networks/{id}/action": {"disassociate": None},
    "PATCH /v2/images/{image}": [{"op": "replace", "path": "/name", "value": "changed"}],
    "PUT /v2/images/{image}/tags/{tag}": None,
    "PUT /v2/images/{image}/file": b"changed",
    "PUT /v2/images/{image}/stage": b"changed",
    "POST /v2/images/{image}/import": {"method": {"name": "glance-direct"}},
    "POST /v2/images/{image}/actions/deactivate": None,
    "POST /v2/images/{image}/actions/reactivate": None,
    "POST /v2/images/{image}/members": {"member": "{own project}"},
    "PUT /v2/images/{image}/members/{member}": {"status": "accepted"},
    "PUT /v2.0/security-groups/{group}": {"security_group": {"name": "changed"}},
    "PUT /v2.0/address-scopes/{scope}": {"address_scope": {"name": "changed"}},
    "PUT /v2.0/rbac-policies/{policy}": {"rbac_policy": {"target_tenant": "{own project}"}},
    "PUT /v2.0/subnetpools/{subnetpool}/add_prefixes": {"prefixes": ["10.98.0.0/16"]},
    "PUT /v2.0/subnetpools/{subnetpool}/onboard_network_subnets": {"network_id": "{own network}"},
    "PUT /v2.0/subnetpools/{subnetpool}/remove_prefixes": {"prefixes": ["10.77.0.0/16"]},
    "PUT /v2.0/floatingips/{floatingip}": {"floatingip": {"description": "changed"}},
    "PUT /v2.0/routers/{router}/add_router_interface": {"subnet_id": "{own subnet}"},
    "PUT /v2.0/routers/{router}/remove_router_interface": {"subnet_id": "{subnet}"},
    "PUT /v2.0/routers/{router}/add_extraroutes": {"router": {"routes": []}},
    "PUT /v2.0/routers/{router}/remove_extraroutes": {"router": {"routes": []}},
    "PUT /v2.0/{resource}/{id}/tags": {"tags": ["changed"]},
    "PUT /v2.0/{resource}/{id}/tags/{tag}": None,
}

SERVER = {"name": "changed", "imageRef": "{public image}", "flavorRef": "1", "networks": [{"port": "{own port}"}]}
SUBNET = {"network_id": "{own network}", "cidr": "192.168.88.0/24", "ip_version": 4}

# Of one's own, and another project's record is what it is made of, or with. {...} is the other's id, {own ...} the caller's.
REFERENCES = [
    ("POST", "/identity/v3/auth/tokens", {"auth": {"identity": {"methods": ["token"], "token": {"id": "{own token}"}},
                                                   "scope": {"project": {"id": "{project}"}}}}),
    ("POST", "/identity/v3/OS-TRUST/trusts", {"trust": {
        "trustor_user_id": "{user}", "trustee_user_id": "{own user}", "project_id": "{project}", "impersonation": True,
        "roles": [{"name": "member"}]}}),
    ("POST", "/identity/v3/OS-TRUST/trusts", {"trust": {
        "trustor_user_id": "{own user}", "trustee_user_id": "{own user of reader}", "project_id": "{project}",
        "impersonation": True, "roles": [{"name": "member"}]}}),
    ("POST", "/identity/v3/credentials", {"credential": {"type": "other", "blob": "changed", "user_id": "{user}"}}),
    ("POST", "/identity/v3/users/{own user}/credentials/OS-EC2", {"tenant_id": "{project}"}),
    ("POST", "/compute/v2.1/os-keypairs", {"keypair": {"name": "changed", "type": "ssh", "user_id": "{user}", "public_key":
     "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJqvYPMr0DI6/ANnUWG7MN7mMcAO5nHMqbKMVqbC6S0x"}}),
    ("DELETE", "/compute/v2.1/os-keypairs/key-{mark}?user_id={user}", None),
    ("POST", "/compute/v2.1/servers", {"server": {**SERVER, "networks": [{"port": "{port}"}]}}),
    ("POST", "/compute/v2.1/servers", {"server": {**SERVER, "networks": [{"uuid": "{network}"}]}}),
    ("POST", "/compute/v2.1/servers", {"server": {**SERVER, "imageRef": "{image}"}}),
    ("POST", "/compute/v2.1/servers", {"server": {**SERVER, "key_name": "key-{mark}"}}),
    ("POST", "/compute/v2.1/servers", {"server": {**SERVER, "networks": [{"uuid": "{own network}"}],
                                                  "security_groups": [{"name": "{security-group}"}]}}),
    ("POST", "/compute/v2.1/servers", {"server": {**SERVER, "networks": [{"uuid": "{own network}"}]},
                                       "os:scheduler_hints": {"group": "{server group}"}}),
    ("POST", "/compute/v2.1/servers/{own server}/os-interface", {"interfaceAttachment": {"port_id": "{port}"}}),
    ("POST", "/compute/v2.1/servers/{own server}/os-interface", {"interfaceAttachment": {"net_id": "{network}"}}),
    ("DELETE", "/compute/v2.1/servers/{own server}/os-interface/{port}", None),
    ("POST", "/compute/v2.1/servers/{own server}/action", {"addSecurityGroup": {"name": "{security-group}"}}),
    ("POST", "/compute/v2.1/servers/{own server}/action", {"removeSecurityGroup": {"name": "{security-group}"}}),
    ("POST", "/compute/v2.1/servers/{own server}/action", {"rebuild": {"imageRef": "{image}"}}),
    ("POST", "/compute/v2.1/servers/{own server}/action", {"rescue": {"rescue_image_ref": "{image}"}}),
    ("PUT", "/image/v2/images/{image}/members/{own project}", {"status": "accepted"}),
    ("POST", "/network/v2.0/subnets", {"subnet": {**SUBNET, "network_id": "{network}"}}),
    ("POST", "/network/v2.0/subnets", {"subnet": {**SUBNET, "cidr": "10.77.9.0/24", "subnetpool_id": "{subnetpool}"}}),
    ("POST", "/network/v2.0/ports", {"port": {"network_id": "{network}"}}),
    ("POST", "/network/v2.0/ports", {"port": {"network_id": "{own network}", "fixed_ips": [{"subnet_id": "{subnet}"}]}}),
    ("POST", "/network/v2.0/ports", {"port": {"network_id": "{own network}", "security_groups": ["{security-group}"]}}),
    ("PUT", "/network/v2.0/ports/{own port}", {"port": {"security_groups": ["{security-group}"]}}),
    ("PUT", "/network/v2.0/ports/{own port}", {"port": {"fixed_ips": [{"subnet_id": "{subnet}"}]}}),
    *(("POST", "/network/v2.0/rbac-policies", {"rbac_policy": {
        "object_type": kind.replace("-", "_"), "object_id": f"{{{kind}}}", "action": "access_as_shared", "target_tenant": "{own project}"}})
      for kind in ("network", "subnetpool", "address-scope")),
    ("POST", "/network/v2.0/security-group-rules", {"security_group_rule": {
        "security_group_id": "{security-group}", "direction": "ingress"}}),
    ("POST", "/network/v2.0/subnetpools", {"subnetpool": {
        "name": "changed", "prefixes": ["10.99.0.0/16"], "address_scope_id": "{address-scope}"}}),
    ("PUT", "/network/v2.0/subnetpools/{own subnetpool}", {"subnetpool": {"address_scope_id": "{address-scope}"}}),
    ("PUT", "/network/v2.0/routers/{own router}/add_router_interface", {"subnet_id": "{subnet}"}),
    ("PUT", "/network/v2.0/routers/{own router}/add_router_interface", {"port_id": "{port}"}),
    *(("POST", f"/network/v2.0/{kind}s", {kind.replace("-", "_"): {"name": "changed", "project_id": "{project}", **more}})
      for kind, more in (("network", {}), ("router", {}), ("address-scope", {"ip_version": 4}),
                         ("subnetpool", {"prefixes": ["10.99.0.0/16"]}), ("port", {"network_id": "{own network}"}), ("security-group", {}))),
]
# As Nova's os-security-group-rules, in the versions that have it.
OLD_REFERENCES = [
    ("POST", "/compute/v2.1/os-security-group-rules", {"security_group_rule": {
        "parent_group_id": "{security-group}", "ip_protocol": "tcp", "from_port": 22, "to_port": 22, "cidr": "0.0.0.0/0"}}),
    ("POST", "/compute/v2.1/servers/{own server}/action", {"addFixedIp": {"networkId": "{network}"}}),
]


def filled(value, one, other):
    """The value with the ids of the caller's project and of the other one in their places."""
    if isinstance(value, dict):
        return {key: filled(part, one, other) for key, part in value.items()}
    if isinstance(value, list):
        return [filled(part, one, other) for part in value]
    if not isinstance(value, str):
        return value

    def name(match):
        word = match[1]
        if word == "mark":
            return other.mark
        if word == "own token":
            return one.member.token
        if word in ("public image", "floating address"):
            return one.public_image if word == "public image" else other.floating_address
        return one.ids[word[4:]] if word.startswith("own ") else other.ids[word]

    return re.sub(r"\{([\w -]+)\}", name, value)


def guessed(pattern):
    """{"network": {"name": "changed"}} of /v2.0/networks/{network}."""
    kind = re.findall(r"/([a-z_-]+)s(?:/\{\w+\})?$", pattern)
    return {kind[0].removeprefix("os-").replace("-", "_"): {"name": "changed"}} if kind else {}


def requests_to(route, one, other):
    """(body, headers, compute's version) of all that is asked of a record of `other` by a member of `one`."""
    old = any(word in route.pattern for word in PASSED_ON) and route.service == "Compute"
    version = OLD if old else "2.93"
    if route.method == "DELETE":
        return [(None, {}, version)]
    if route.pattern == "/v2.1/servers/{server}/action":
        actions = [({key: filled(ACTION_BODIES.get(key), one, other)}, {}) for key in server_actions()]
        return [(body, headers, version) for body, headers in actions for version in (OLD, "2.93")]
    words = f"{route.method} {route.pattern}"
    body = filled(BODIES[words] if words in BODIES else guessed(route.pattern), one, other)
    headers = JSON_PATCH if route.method == "PATCH" and route.service == "Image" else BYTES if isinstance(body, bytes) else {}
    return [(body, headers, version)]
