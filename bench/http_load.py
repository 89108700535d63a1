"""What the HTTP front costs: creates, lists and shows by Nova's API, RunInstances by EC2's, connections that say nothing.

    python3 bench/http_load.py        a cloud of its own, some minutes; prints a line for each figure

Needs the build (build/bin, build/bin/http_bench), python3-botocore for the signature, and the `openstack` command for its line.
Rates are of two cores that the cloud and the load share.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
sys.path.insert(0, os.path.join(ROOT, "tests/support"))
from cloud import Cloud
from slopes import of_process

BENCH = os.path.join(ROOT, "build/bin/http_bench")
SECONDS = 10


class Load:
    def __init__(self, cloud):
        self.cloud = cloud
        self.address = cloud.json("status")["http"]
        self.host, _, self.port = self.address.rpartition(":")
        self.directory = tempfile.mkdtemp(prefix="kn-load-")
        self.token = self.log_in()

    def log_in(self):
        body = {"auth": {"identity": {"methods": ["password"], "password": {"user": {
            "name": "admin", "password": "kilonova", "domain": {"id": "default"}}}},
            "scope": {"project": {"name": "admin", "domain": {"id": "default"}}}}}
        return self.call("POST", "/identity/v3/auth/tokens", body)[1]["X-Subject-Token"]

    def call(self, method, path, body=None):
        headers = {"Content-Type": "application/json"}
        if hasattr(self, "token"):
            headers["X-Auth-Token"] = self.token
        request = urllib.request.Request(f"http://{self.address}{path}", method=method, headers=headers,
                                         data=json.dumps(body).encode() if body is not None else None)
        with urllib.request.urlopen(request, timeout=60) as reply:
            text = reply.read()
            return json.loads(text) if text else None, reply.headers

    def text_of(self, method, path, body=b"", headers=()):
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.address}", f"Content-Length: {len(body)}"]
        return "\r\n".join([*lines, *headers, "", ""]).encode() + body

    def by_nova(self, method, path, body=None):
        return self.text_of(method, path, json.dumps(body).encode() if body is not None else b"",
                            [f"X-Auth-Token: {self.token}", "Content-Type: application/json", "X-OpenStack-Nova-API-Version: 2.90"])

    def run(self, what, request, connections, seconds=SECONDS):
        path = os.path.join(self.directory, "request")
        with open(path, "wb") as file:
            file.write(request)
        before = self.cpu()
        done = subprocess.run([BENCH, self.host, self.port, path, str(connections), str(seconds)], capture_output=True, text=True)
        figures = json.loads(done.stdout)
        answered = sum(figures["statuses"].values())
        print(f"{what}: {figures['per_second']:.0f}/s by {connections} connections, p50 {figures['p50_ms']:.2f} ms, "
              f"p99 {figures['p99_ms']:.2f} ms, {1e6 * (self.cpu() - before) / max(1, answered):.0f} µs of CPU in all daemons, "
              f"{figures['statuses']}, {figures['broken']} broken", flush=True)
        return figures

    def cpu(self):
        """Seconds of all daemons."""
        used = 0
        for daemon in self.cloud.daemons().values():
            with open(f"/proc/{daemon['pid']}/stat", encoding="utf-8") as file:
                fields = file.read().rpartition(") ")[2].split()
            used += int(fields[11]) + int(fields[12])
        return used / os.sysconf("SC_CLK_TCK")

    def resident(self, name):
        return of_process(self.cloud.daemons()[name]["pid"])["rss_kib"] / 1024

    def end_servers(self):
        while True:
            servers = self.cloud.json("server", "list", "--limit", "5000")
            if not servers:
                return
            self.cloud.run("server", "delete", "--wait", *[server["id"] for server in servers], timeout=600)


def main():
    with Cloud("--hosts", "1000") as cloud:
        cloud.run("quota", "set", "admin", "--instances", "-1", "--cores", "-1", "--ram", "-1")
        load = Load(cloud)
        image = load.call("GET", "/image/v2/images?name=cirros")[0]["images"][0]["id"]
        network = load.call("GET", "/networking/v2.0/networks?name=private")[0]["networks"][0]["id"]
        create = load.by_nova("POST", "/compute/v2.1/servers", {"server": {
            "name": "load", "flavorRef": "1", "imageRef": image, "networks": [{"uuid": network}]}})
        load.run("POST /servers, one at a time", create, 1, 5)
        load.run("POST /servers", create, 64)
        load.end_servers()
        ec2 = ec2_launch(load)
        load.run("RunInstances, one at a time", ec2, 1, 5)
        load.run("RunInstances", ec2, 64)
        load.end_servers()
        for _ in range(10):
            cloud.run("server", "create", "--flavor", "m1.tiny", "--image", "cirros", "--count", "1000", "--wait", "many", timeout=600)
        one = cloud.json("server", "list", "--limit", "1")[0]["id"]
        load.run("GET /servers/{id} of 10,000", load.by_nova("GET", f"/compute/v2.1/servers/{one}"), 16)
        load.run("GET /servers?limit=100 of 10,000", load.by_nova("GET", "/compute/v2.1/servers?limit=100"), 16)
        load.run("GET /servers/detail?limit=100 of 10,000", load.by_nova("GET", "/compute/v2.1/servers/detail?limit=100"), 16)
        load.run("GET /servers/detail of 10,000 (1,000 a page)", load.by_nova("GET", "/compute/v2.1/servers/detail"), 4)
        idle(load)
        stock_command(load)


def ec2_launch(load):
    """RunInstances as botocore signs it, as it goes over the wire."""
    import botocore.auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
    made = load.cloud.json("ec2", "credentials", "create")
    url = f"http://{load.address}/ec2"

    def signed(body):
        request = AWSRequest("POST", url, data=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
        botocore.auth.SigV4Auth(Credentials(made["access"], made["secret"]), "ec2", "us-east-1").add_auth(request)
        return body.encode(), dict(request.headers.items())

    body, headers = signed("Action=DescribeImages&Version=2016-11-15")
    with urllib.request.urlopen(urllib.request.Request(url, data=body, headers=headers), timeout=60) as reply:
        ami = reply.read().decode().split("<imageId>")[1].split("<")[0]
    body, headers = signed(f"Action=RunInstances&Version=2016-11-15&ImageId={ami}&InstanceType=m1.tiny&MinCount=1&MaxCount=1")
    return load.text_of("POST", "/ec2", body, [f"{name}: {value}" for name, value in headers.items()])


def idle(load, connections=1000):
    before = load.resident("api-0")
    holding = subprocess.Popen([BENCH, load.host, load.port, "-", str(connections), "5"], stdout=subprocess.PIPE)
    time.sleep(3)
    grown = load.resident("api-0") - before
    holding.communicate()
    print(f"{connections} connections that say nothing: {grown:.1f} MiB more in the api-server", flush=True)


def stock_command(load, times=5):
    environment = {**os.environ, "OS_CLIENT_CONFIG_FILE": os.path.join(load.cloud.state_dir, "clouds.yaml"), "OS_CLOUD": "devstack-admin"}
    taken = []
    for number in range(times):
        begun = time.monotonic()
        subprocess.run(["openstack", "server", "create", "--image", "cirros", "--flavor", "m1.tiny", "--network", "private", "--wait",
                        f"stock-{number}"], check=True, capture_output=True, env=environment, timeout=120)
        taken.append(time.monotonic() - begun)
    print(f"openstack server create --wait: {min(taken):.1f} to {max(taken):.1f} s", flush=True)


if __name__ == "__main__":
    main()
