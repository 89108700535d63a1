"""Keystone's records by openstacksdk of Debian (0.101), unmodified: they are kept, found again, and mean something."""

import os
import sys
import unittest

import openstack

sys.path.insert(0, os.path.dirname(__file__))
from stock import StockTest

GONE = "11111111111111111111111111111111"


class KeystoneTest(StockTest):
    def connect(self, user="admin", password="kilonova", project=None, **more):
        connection = openstack.connect(load_yaml_config=False, load_envvars=False, auth_url=self.base + "/identity",
                                       username=user, password=password, project_name=project or user,
                                       user_domain_id="default", project_domain_id="default",
                                       region_name="RegionOne", **more)
        self.addCleanup(connection.close)
        return connection

    def setUp(self):
        self.identity = self.connect().identity

    def ask(self, method, path, body=None, status=200):
        answer = self.identity.request("/v3" + path if not path.startswith("/v3") else path, method, json=body,
                                       endpoint_override=self.base + "/identity", raise_exc=False)
        self.assertEqual(answer.status_code, status, f"{method} {path}: {answer.text}")
        return answer.json() if answer.content else None

    def test_the_catalog_can_be_added_to(self):
        region = self.identity.create_region(id="west", description="far")
        self.assertEqual(self.identity.get_region("west").description, "far")
        service = self.identity.create_service(name="beer", type="brewery")
        endpoint = self.identity.create_endpoint(service_id=service.id, interface="public", region_id="west",
                                                 url="http://beer.example/v1")
        self.assertIn("nova", [one.name for one in self.identity.services()])
        self.assertEqual([one.id for one in self.identity.endpoints(service_id=service.id)], [endpoint.id])
        self.identity.update_endpoint(endpoint, url="http://beer.example/v2")
        self.assertEqual(self.identity.get_endpoint(endpoint).url, "http://beer.example/v2")
        self.ask("POST", "/endpoints", {"endpoint": {"service_id": GONE, "interface": "public", "url": "http://x"}}, 400)
        self.ask("POST", "/endpoints", {"endpoint": {"service_id": service.id, "interface": "pub", "url": "http://x"}},
                 400)
        self.ask("PUT", "/regions/west", {"region": {}}, 409)
        self.ask("DELETE", "/regions/RegionOne", status=403)
        self.identity.delete_service(service)
        self.ask("GET", f"/endpoints/{endpoint.id}", status=404)
        self.identity.delete_region(region)
        self.assertEqual([one.id for one in self.identity.regions()], ["RegionOne"])

    def test_a_domain_and_what_is_in_it(self):
        domain = self.identity.create_domain(name="acme", description="of ours")
        project = self.identity.create_project(name="anvils", domain_id=domain.id, tags=["heavy"])
        user = self.identity.create_user(name="wile", password="roadrunner", domain_id=domain.id,
                                         email="wile@acme.example")
        self.assertEqual(self.identity.get_project(project).domain_id, domain.id)
        self.assertEqual(self.identity.get_user(user).email, "wile@acme.example")
        self.assertEqual([one.id for one in self.identity.projects(domain_id=domain.id)], [project.id])
        self.assertEqual([one.id for one in self.identity.projects(tags="heavy")], [project.id])
        self.ask("PUT", f"/projects/{project.id}/tags/iron", status=201)
        self.assertEqual(self.ask("GET", f"/projects/{project.id}/tags")["tags"], ["heavy", "iron"])
        self.ask("GET", f"/projects/{project.id}/tags/wood", status=404)
        self.ask("DELETE", f"/domains/{domain.id}", status=403)
        self.ask("PATCH", f"/projects/{project.id}", {"project": {"domain_id": "default"}}, 400)
        self.ask("POST", "/users", {"user": {"name": "x", "domain_id": GONE}}, 404)
        self.identity.update_domain(domain, enabled=False)
        self.identity.delete_domain(domain)
        self.ask("GET", f"/users/{user.id}", status=404)
        self.ask("GET", f"/projects/{project.id}", status=404)

    def test_a_group_gives_its_roles_to_those_in_it(self):
        project = self.identity.create_project(name="band")
        user = self.identity.create_user(name="ringo", password="octopus's garden")
        group = self.identity.create_group(name="drummers")
        self.identity.add_user_to_group(user, group)
        member, reader = self.identity.find_role("member"), self.identity.find_role("reader")
        path = f"/projects/{project.id}/groups/{group.id}/roles/{member.id}"
        with self.assertRaises(openstack.exceptions.SDKException):
            self.connect("ringo", "octopus's garden", "band").authorize()
        self.ask("PUT", path, status=204)
        self.connect("ringo", "octopus's garden", "band").authorize()
        effective = self.ask("GET", f"/role_assignments?effective&user.id={user.id}")["role_assignments"]
        self.assertEqual({one["role"]["id"] for one in effective}, {member.id, reader.id})
        # A role of its own stays when the group's is taken away.
        self.ask("PUT", f"/projects/{project.id}/users/{user.id}/roles/{reader.id}", status=204)
        self.ask("DELETE", path, status=204)
        self.ask("GET", path, status=404)
        roles = self.ask("GET", f"/projects/{project.id}/users/{user.id}/roles")["roles"]
        self.assertEqual([one["name"] for one in roles], ["reader"])
        ringo = self.connect("ringo", "octopus's garden", "band")
        with self.assertRaises(openstack.exceptions.HttpException):
            ringo.compute.create_server(name="x", flavor_id="1", image_id=GONE, networks="none")
        self.ask("PUT", f"/projects/{project.id}/groups/{group.id}/roles/{member.id}", status=204)
        self.identity.remove_user_from_group(user, group)
        roles = [role["name"] for role in self.connect("ringo", "octopus's garden", "band").session.auth.get_access(
            self.identity)._data["token"]["roles"]]
        self.assertEqual(roles, ["reader"])

    def test_a_group_that_is_deleted_takes_its_roles_along(self):
        project = self.identity.create_project(name="trio")
        user = self.identity.create_user(name="keith", password="fanfare")
        group = self.identity.create_group(name="organists")
        self.identity.add_user_to_group(user, group)
        self.ask("PUT", f"/projects/{project.id}/groups/{group.id}/roles/{self.identity.find_role('member').id}",
                 status=204)
        self.connect("keith", "fanfare", "trio").authorize()
        self.identity.delete_group(group)
        with self.assertRaises(openstack.exceptions.SDKException):
            self.connect("keith", "fanfare", "trio").authorize()
        self.assertEqual(self.ask("GET", f"/role_assignments?user.id={user.id}")["role_assignments"], [])
        self.assertEqual(self.ask("GET", f"/users/{user.id}/groups")["groups"], [])

    def test_roles_of_ones_own(self):
        role = self.identity.create_role(name="chef")
        user, project = self.identity.find_user("demo"), self.identity.find_project("demo")
        path = f"/projects/{project.id}/users/{user.id}/roles"
        before = {one["name"] for one in self.ask("GET", path)["roles"]}
        self.ask("PUT", f"{path}/{role.id}", status=204)
        self.assertEqual({one["name"] for one in self.ask("GET", path)["roles"]}, before | {"chef"})
        self.ask("PUT", f"/roles/{role.id}/implies/{self.identity.find_role('admin').id}", status=403)
        self.ask("PUT", f"/roles/{role.id}/implies/{self.identity.find_role('reader').id}", status=201)
        self.ask("PATCH", f"/roles/{self.identity.find_role('admin').id}", {"role": {"name": "root"}}, 403)
        self.ask("POST", "/roles", {"role": {"name": "chef"}}, 409)
        self.identity.delete_role(role)
        self.assertEqual({one["name"] for one in self.ask("GET", path)["roles"]}, before)
        self.connect("demo").authorize()

    def test_a_user_is_changed(self):
        user = self.identity.create_user(name="prince", password="purple rain", description="of Minneapolis")
        project, member = self.identity.find_project("demo"), self.identity.find_role("member")
        self.ask("PUT", f"/projects/{project.id}/users/{user.id}/roles/{member.id}", status=204)
        self.identity.update_user(user, name="symbol", email="love@example.org")
        self.assertEqual(self.identity.get_user(user).description, "of Minneapolis")
        self.ask("POST", f"/users/{user.id}/password", {"user": {"original_password": "wrong", "password": "x"}}, 401)
        self.ask("POST", f"/users/{user.id}/password",
                 {"user": {"original_password": "purple rain", "password": "cream"}}, 204)
        self.connect("symbol", "cream", "demo").authorize()
        self.identity.update_user(user, is_enabled=False)
        with self.assertRaises(openstack.exceptions.SDKException):
            self.connect("symbol", "cream", "demo").authorize()
        for name in ("", "  ", 7):
            self.ask("POST", "/users", {"user": {"name": name}}, 400)
        for domain in (7, {"id": "default"}, ["default"], True):
            self.ask("POST", "/users", {"user": {"name": "x", "domain_id": domain}}, 400)
            self.ask("POST", "/projects", {"project": {"name": "x", "domain_id": domain}}, 400)
        nobody = self.ask("POST", "/users", {"user": {"name": "nobody", "domain_id": None}}, 201)["user"]
        self.assertEqual(nobody["domain_id"], "default")
        self.assertEqual(self.ask("PATCH", f"/users/{nobody['id']}", {"user": {"email": "x"}})["user"]["email"], "x")
        nowhere = self.ask("POST", "/projects", {"project": {"name": "nowhere", "domain_id": None, "parent_id": None}},
                           201)["project"]
        self.assertEqual((nowhere["domain_id"], nowhere["parent_id"]), ("default", "default"))
        self.ask("POST", "/users", {"user": {"name": "x", "enabled": "true"}}, 400)
        self.ask("POST", "/users", {"user": {"name": "admin"}}, 409)

    def test_endpoints_of_projects(self):
        endpoint, project = next(iter(self.identity.endpoints())).id, self.identity.find_project("demo").id
        of_project = f"/OS-EP-FILTER/projects/{project}/endpoints"
        of_both = f"{of_project}/{endpoint}"
        of_endpoint = f"/OS-EP-FILTER/endpoints/{endpoint}/projects"
        self.ask("GET", of_both, status=404)
        self.ask("DELETE", of_both, status=404)
        for gone in (f"/OS-EP-FILTER/projects/{GONE}/endpoints/{endpoint}", f"/OS-EP-FILTER/projects/{project}/endpoints/{GONE}"):
            self.ask("PUT", gone, status=404)
        self.ask("PUT", of_both, status=204)
        self.ask("PUT", of_both, status=409)
        self.ask("HEAD", of_both, status=204)
        self.assertEqual([one["id"] for one in self.ask("GET", of_project)["endpoints"]], [endpoint])
        self.assertEqual([one["id"] for one in self.ask("GET", of_endpoint)["projects"]], [project])
        self.ask("DELETE", of_both, status=204)
        self.assertEqual(self.ask("GET", of_project)["endpoints"], [])
        self.assertEqual(self.connect("demo").identity.get(of_project).status_code, 403)

    def test_users_are_listed_by_name(self):
        names = [one["name"] for one in self.ask("GET", "/users")["users"]]
        self.assertEqual(names, sorted(names))

    def test_credentials_are_their_users(self):
        demo = self.connect("demo").identity
        me, project = self.identity.find_user("demo"), self.identity.find_project("demo")
        mine = demo.post(f"/users/{me.id}/credentials/OS-EC2", json={"tenant_id": project.id}).json()["credential"]
        self.assertEqual((mine["user_id"], mine["tenant_id"]), (me.id, project.id))
        self.assertEqual([one["access"] for one in
                          demo.get(f"/users/{me.id}/credentials/OS-EC2").json()["credentials"]], [mine["access"]])
        other = self.identity.create_credential(user=self.identity.find_user("admin").id, type="cert", blob="secret",
                                                user_id=self.identity.find_user("admin").id)
        self.assertEqual(demo.get(f"/credentials/{other.id}").status_code, 403)
        self.assertNotIn(other.id, [one["id"] for one in demo.get("/credentials").json()["credentials"]])
        self.assertEqual(demo.delete(f"/users/{me.id}/credentials/OS-EC2/{mine['access']}").status_code, 204)
        self.assertEqual(demo.get(f"/users/{me.id}/credentials/OS-EC2/{mine['access']}").status_code, 404)


if __name__ == "__main__":
    unittest.main()
