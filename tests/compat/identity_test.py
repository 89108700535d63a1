"""What Keystone's users give away and change of their own, by plain HTTP and by openstacksdk, on a real cloud."""

import copy
import os
import sys
import unittest

import keystoneauth1.exceptions
import openstack
from keystoneclient.contrib.ec2.utils import Ec2Signer

sys.path.insert(0, os.path.dirname(__file__))
from stock import StockTest

V3 = "/identity/v3"
DEFAULT = {"id": "default"}


class IdentityTest(StockTest):
    def log_in(self, user, password, scope=None, status=201):
        named = {"id": user} if len(user) == 32 else {"name": user, "domain": DEFAULT}
        auth = {"identity": {"methods": ["password"], "password": {"user": named | {"password": password}}}}
        if scope is not None:
            auth["scope"] = scope
        return self.ask("POST", "/auth/tokens", {"auth": auth}, None, status)

    def by_credential(self, credential, status=201):
        identity = {"methods": ["application_credential"], "application_credential": {
            "id": credential["id"], "secret": credential["secret"]}}
        return self.ask("POST", "/auth/tokens", {"auth": {"identity": identity}}, None, status)

    def ask(self, method, path, body=None, token="admin", status=200, headers=None):
        answer = self.http(method, V3 + path, body, token, headers)
        self.assertEqual(answer.status, status, f"{method} {path}: {answer.text}")
        return answer

    def make(self, kind, **fields):
        return self.ask("POST", f"/{kind}s", {kind: fields}, status=201).json[kind]

    def role(self, name):
        return self.ask("GET", f"/roles?name={name}").json["roles"][0]["id"]

    def user_in_project(self, name, role="member"):
        user = self.make("user", name=name, password=f"secret of {name}")
        project = self.make("project", name=f"project of {name}")
        self.ask("PUT", f"/projects/{project['id']}/users/{user['id']}/roles/{self.role(role)}", status=204)
        return user, {"project": {"id": project["id"]}}

    def test_a_user_without_a_role_looks_at_itself_and_at_nothing_else(self):
        user = self.make("user", name="lonely", password="secret")
        token = self.log_in("lonely", "secret").headers["X-Subject-Token"]
        self.assertEqual(self.ask("GET", "/auth/projects", token=token).json["projects"], [])
        self.assertEqual(self.ask("GET", f"/users/{user['id']}", token=token).json["user"]["name"], "lonely")
        self.assertEqual(self.http("GET", "/compute/v2.1/servers", token=token).status, 403)
        self.ask("GET", "/users", token=token, status=403)
        self.log_in("lonely", "secret", {"project": {"name": "demo", "domain": DEFAULT}}, 401)

    def test_a_token_that_was_revoked_stays_so(self):
        user, scope = self.user_in_project("ada")
        revoked = self.log_in("ada", "secret of ada", scope).headers["X-Subject-Token"]
        other = self.log_in("ada", "secret of ada", scope).headers["X-Subject-Token"]
        self.ask("DELETE", "/auth/tokens", token=other, status=204, headers={"X-Subject-Token": revoked})
        changed, change = self.user_in_project("alan")
        before = self.log_in("alan", "secret of alan", change).headers["X-Subject-Token"]
        self.ask("POST", f"/users/{changed['id']}/password",
                 {"user": {"original_password": "secret of alan", "password": "turing"}}, None, 204)
        after = self.log_in("alan", "turing", change).headers["X-Subject-Token"]
        gone, _ = self.user_in_project("grace")
        of_gone = self.log_in("grace", "secret of grace").headers["X-Subject-Token"]
        self.ask("DELETE", f"/users/{gone['id']}", status=204)
        for life in ("this one", "the next one"):
            with self.subTest(life=life):
                for token in (revoked, before, of_gone):
                    self.ask("GET", "/auth/projects", token=token, status=401)
                    self.assertEqual(self.http("GET", "/compute/v2.1/servers", token=token).status, 401)
                for token in (other, after):
                    self.ask("GET", "/auth/projects", token=token)
            if life == "this one":
                self.cloud.down()
                self.cloud.up()
                type(self).base = "http://" + self.cloud.json("status")["http"]
        self.ask("PATCH", f"/users/{user['id']}", {"user": {"enabled": False}})
        self.ask("GET", "/auth/projects", token=other, status=401)
        self.ask("PATCH", f"/users/{user['id']}", {"user": {"enabled": True}})
        self.ask("GET", "/auth/projects", token=other, status=401)

    def test_an_application_credential_of_the_sdk(self):
        user, scope = self.user_in_project("kay")
        token = self.log_in("kay", "secret of kay", scope).headers["X-Subject-Token"]
        path = f"/users/{user['id']}/application_credentials"
        made = self.ask("POST", path, {"application_credential": {
            "name": "robot", "roles": [{"name": "reader"}]}}, token, 201).json["application_credential"]
        robot = openstack.connect(load_yaml_config=False, load_envvars=False, auth_url=self.base + "/identity",
                                  auth_type="v3applicationcredential", application_credential_id=made["id"],
                                  application_credential_secret=made["secret"], region_name="RegionOne")
        self.addCleanup(robot.close)
        self.assertEqual(list(robot.compute.servers()), [])
        with self.assertRaises(openstack.exceptions.HttpException):
            robot.compute.create_server(name="x", flavor_id="1", image_id=made["id"], networks="none")
        self.ask("DELETE", f"{path}/{made['id']}", token=token, status=204)
        with self.assertRaises((openstack.exceptions.HttpException, keystoneauth1.exceptions.http.Unauthorized)):
            list(robot.compute.servers())

    def test_access_rules_hold_for_each_service(self):
        user, scope = self.user_in_project("edith")
        token = self.log_in("edith", "secret of edith", scope).headers["X-Subject-Token"]
        rules = [{"service": "compute", "method": "GET", "path": "/v2.1/servers"},
                 {"service": "network", "method": "GET", "path": "/v2.0/**"}]
        made = self.ask("POST", f"/users/{user['id']}/application_credentials", {"application_credential": {
            "name": "narrow", "access_rules": rules}}, token, 201).json["application_credential"]
        narrow = self.by_credential(made).headers["X-Subject-Token"]
        for path, status in (("/compute/v2.1/servers", 200), ("/compute/v2.1/servers/detail", 401),
                             ("/networking/v2.0/networks", 200), ("/image/v2/images", 401),
                             ("/identity/v3/auth/projects", 401)):
            self.assertEqual(self.http("GET", path, token=narrow).status, status, path)

    def test_access_rules_are_listed_in_their_order(self):
        user, scope = self.user_in_project("orderly")
        token = self.log_in("orderly", "secret of orderly", scope).headers["X-Subject-Token"]
        rules = [{"service": "compute", "method": "GET", "path": f"/v2.1/servers/{number}"} for number in range(8)]
        self.ask("POST", f"/users/{user['id']}/application_credentials", {"application_credential": {
            "name": "many", "access_rules": rules}}, token, 201)
        listed = self.ask("GET", f"/users/{user['id']}/access_rules", token=token).json["access_rules"]
        self.assertEqual([rule["path"] for rule in listed], [rule["path"] for rule in rules])

    def test_a_token_for_a_request_that_was_signed_elsewhere(self):
        user, scope = self.user_in_project("signer")
        key = self.ask("POST", f"/users/{user['id']}/credentials/OS-EC2", {"tenant_id": scope["project"]["id"]},
                       status=201).json["credential"]
        request = {"access": key["access"], "host": "cloud.example:8773", "verb": "GET", "path": "/",
                   "params": {"Action": "DescribeInstances", "SignatureVersion": "2", "AWSAccessKeyId": key["access"]}}

        def signed(**more):
            one = copy.deepcopy(request) | more
            return one | {"signature": Ec2Signer(key["secret"]).generate(copy.deepcopy(one))}

        def ask(one, token="admin", status=200, name="credentials"):
            return self.ask("POST", "/ec2tokens", {name: one}, token, status)
        answer = ask(signed())
        token = answer.json["token"]
        self.assertEqual((token["user"]["id"], token["project"]["id"]), (user["id"], scope["project"]["id"]))
        self.assertEqual(token["methods"], ["ec2credential"])
        self.assertEqual(self.http("GET", "/compute/v2.1/servers", token=answer.headers["X-Subject-Token"]).status, 200)
        ask(signed(), name="ec2Credentials")
        ask(signed(host="cloud.example") | {"host": "cloud.example:8773"})
        for fields, status, words in (({"signature": "x"}, 401, "Invalid EC2 signature."),
                                      ({"signature": ""}, 401, "EC2 signature not supplied."),
                                      ({"access": "f" * 32}, 404, "Could not find credential")):
            self.assertIn(words, ask(signed() | fields, status=status).json["error"]["message"])
        old = signed(params=request["params"] | {"Timestamp": "2020-01-01T00:00:00Z"})
        self.assertIn("expired", ask(old, status=401).json["error"]["message"])
        self.assertIn("not supplied", ask({}, status=401).json["error"]["message"])
        ask(signed(), "demo", 403)
        # Whoever has the role of a service may ask, too.
        service, its_scope = self.user_in_project("heat", "reader")
        role = self.make("role", name="service")
        self.ask("PUT", f"/projects/{its_scope['project']['id']}/users/{service['id']}/roles/{role['id']}", status=204)
        its_token = self.log_in("heat", "secret of heat", its_scope).headers["X-Subject-Token"]
        ask(signed(), its_token)
        self.ask("DELETE", f"/roles/{role['id']}", status=204)

    def test_a_trust(self):
        user, scope = self.user_in_project("lord")
        friend = self.make("user", name="lovelace", password="secret")
        token = self.log_in("lord", "secret of lord", scope).headers["X-Subject-Token"]
        trust = self.ask("POST", "/OS-TRUST/trusts", {"trust": {
            "trustor_user_id": user["id"], "trustee_user_id": friend["id"], "impersonation": True,
            "project_id": scope["project"]["id"], "roles": [{"name": "member"}]}}, token, 201).json["trust"]
        in_trust = self.log_in("lovelace", "secret", {"OS-TRUST:trust": {"id": trust["id"]}})
        self.assertEqual(in_trust.json["token"]["user"]["id"], user["id"])
        trustee = in_trust.headers["X-Subject-Token"]
        self.assertEqual(self.http("GET", "/compute/v2.1/servers", token=trustee).status, 200)
        self.ask("DELETE", f"/OS-TRUST/trusts/{trust['id']}", token=token, status=204)
        self.assertEqual(self.http("GET", "/compute/v2.1/servers", token=trustee).status, 401)
        self.log_in("lovelace", "secret", {"OS-TRUST:trust": {"id": trust["id"]}}, 401)

    def test_a_domain_has_tokens_and_a_configuration(self):
        domain = self.make("domain", name="acme")
        user = self.make("user", name="wile", password="secret", domain_id=domain["id"])
        self.log_in("wile", "secret", status=401)  # it is in another domain
        self.ask("PUT", f"/domains/{domain['id']}/users/{user['id']}/roles/{self.role('admin')}", status=204)
        token = self.log_in(user["id"], "secret", {"domain": {"name": "acme"}}).headers["X-Subject-Token"]
        self.ask("GET", "/users", token=token)
        self.ask("POST", "/users", {"user": {"name": "roadrunner", "domain_id": domain["id"]}}, token, 201)
        self.assertEqual(self.http("GET", "/compute/v2.1/servers", token=token).status, 403)
        config = {"config": {"ldap": {"url": "ldap://acme.example"}}}
        self.ask("PUT", f"/domains/{domain['id']}/config", config, token, 201)
        self.assertEqual(self.ask("GET", f"/domains/{domain['id']}/config").json, config)
        project = self.make("project", name="region", is_domain=True)
        self.assertIn(project["id"], [one["id"] for one in self.ask("GET", "/domains").json["domains"]])
        self.ask("PATCH", f"/projects/{project['id']}", {"project": {"enabled": False}})
        self.ask("DELETE", f"/projects/{project['id']}", status=204)


if __name__ == "__main__":
    unittest.main()
