"""The daemons' metrics, as promtool, Prometheus and its queries find them."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from cloud import BIN, Cloud, free_port

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
EXAMPLES = os.path.join(ROOT, "examples/metrics")
DAEMONS = ["api-0", "compute-0", "controller-0", "network-0", "scheduler-0"]
LAUNCHED = 4
# Made of nothing but these: no uuid, no host, no client's words.
LABEL_VALUE = re.compile(r"[a-z_]+(-[a-z]+)?|(api|compute|controller|network|scheduler)-[0-9]|[0-9]{3}|[0-9.e-]+|\+Inf")


def read(address, path="/metrics", headers=None):
    """Status and text."""
    asked = urllib.request.Request(f"http://{address}{path}", headers=headers or {})
    try:
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def documented():
    """Name and type of each metric in the document's table."""
    with open(os.path.join(ROOT, "docs/metrics.md"), encoding="utf-8") as file:
        return dict(re.findall(r"^\| `(\w+)` \| (\w+) \|", file.read(), re.M))


def shown(page):
    return dict(re.findall(r"^# TYPE (\w+) (\w+)$", page, re.M))


def expressions(dashboard):
    return [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]


def promtool_check(page):
    """What promtool has against the page; "" = nothing."""
    done = subprocess.run(["promtool", "check", "metrics"], input=page, capture_output=True, text=True, timeout=60,
                          check=False)
    return done.stdout + done.stderr if done.returncode else ""


def token_of(cloud, user, project):
    asked = {"auth": {
        "identity": {"methods": ["password"],
                     "password": {"user": {"name": user, "domain": {"id": "default"}, "password": "kilonova"}}},
        "scope": {"project": {"name": project, "domain": {"id": "default"}}}}}
    request = urllib.request.Request(f"http://{cloud.json('status')['http']}/identity/v3/auth/tokens",
                                     json.dumps(asked).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.headers["X-Subject-Token"]


class Prometheus:
    """The distribution's, as a bare process with what it needs in a directory that goes with it."""

    def __init__(self, targets):
        self.directory = tempfile.mkdtemp(prefix="kn-prometheus-", dir="/tmp")
        self.address = f"127.0.0.1:{free_port()}"
        with open(os.path.join(EXAMPLES, "prometheus.yml"), encoding="utf-8") as file:
            text = re.sub(r"files: \[.*\]", f"files: [{targets}]", file.read()).replace(": 5s", ": 1s")
        config = os.path.join(self.directory, "prometheus.yml")
        with open(config, "w", encoding="utf-8") as file:
            file.write(text)
        with open(os.path.join(self.directory, "log"), "wb") as log:
            self.process = subprocess.Popen(
                ["prometheus", f"--config.file={config}", f"--web.listen-address={self.address}",
                 f"--storage.tsdb.path={self.directory}/data", "--log.level=warn"], stdout=log, stderr=log)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(60)
        shutil.rmtree(self.directory, ignore_errors=True)

    def query(self, expression):
        """Labels and value of each series. Raises while nobody listens."""
        _, text = read(self.address, "/api/v1/query?" + urllib.parse.urlencode({"query": expression}))
        answer = json.loads(text)
        if answer["status"] != "success":
            raise AssertionError(f"{expression}: {text}")
        result = answer["data"]["result"]
        return [(one["metric"], float(one["value"][1])) for one in result]

    def await_value(self, expression, value, limit=90):
        end, last = time.monotonic() + limit, None
        while time.monotonic() < end:
            try:
                last = [found for _, found in self.query(expression)]
                if last == [value]:
                    return
            except (OSError, ValueError) as why:
                last = why
            time.sleep(0.2)
        with open(os.path.join(self.directory, "log"), encoding="utf-8", errors="replace") as file:
            raise AssertionError(f"{expression} is {last}, not {value}, after {limit} s: {file.read()[-2000:]}")


class MetricsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # Nobody listens on that port: spans are dropped, and nothing waits for them.
        cls.cloud = Cloud("--hosts", "6", "--metrics", "--timing", "test", "--otlp-endpoint", "http://127.0.0.1:1")
        cls.addClassCleanup(cls.cloud.__exit__)
        cls.cloud.up()
        cls.addresses = {name: daemon["metrics"] for name, daemon in cls.cloud.daemons().items()}
        for number in range(LAUNCHED):
            cls.cloud.create(f"web-{number}")
        cls.cloud.run("fault", "add", "--step", "guest_started", "--count", "1")
        cls.cloud.create("retried")
        cls.cloud.run("fault", "add", "--step", "claimed", "--count", "1", "--abort")
        cls.cloud.run("server", "create", "--flavor", "m1.tiny", "--image", "cirros", "--wait", "aborted", check=False)
        read(cls.cloud.json("status")["http"], "/compute/v2.1/nothing-of-the-kind")

    def page(self, daemon):
        status, page = read(self.addresses[daemon])
        self.assertEqual(status, 200)
        return page

    def value(self, daemon, series):
        found = re.search(rf"^{re.escape(series)} (\S+)$", self.page(daemon), re.M)
        self.assertIsNotNone(found, f"{daemon} has no {series}")
        return float(found[1])

    def test_every_page_passes_promtool(self):
        self.assertEqual(sorted(self.addresses), DAEMONS)
        for daemon in DAEMONS:
            self.assertEqual(promtool_check(self.page(daemon)), "", daemon)
        self.assertNotEqual(promtool_check("# TYPE x_count counter\nx_count 1\n"), "", "it finds what is wrong")

    def test_what_is_shown_is_what_the_document_has(self):
        everything = {}
        for daemon in DAEMONS:
            everything |= shown(self.page(daemon))
        self.assertEqual(everything, documented())

    def test_counts_are_those_of_what_was_done(self):
        for result, launches in (("active", LAUNCHED + 1), ("error", 1), ("deleted", 0)):
            self.assertEqual(self.value("controller-0", f'kilonova_launches_total{{result="{result}"}}'), launches)
        self.assertEqual(self.value("controller-0", "kilonova_launch_retries_total"), 1)
        self.assertEqual(self.value("controller-0", 'kilonova_fault_strikes_total{effect="fail"}'), 1)
        self.assertEqual(self.value("controller-0", 'kilonova_fault_strikes_total{effect="abort"}'), 1)
        self.assertEqual(self.value("controller-0", 'kilonova_servers{state="active"}'), LAUNCHED + 1)
        self.assertEqual(self.value("controller-0", 'kilonova_hosts{state="up"}'), 6)
        self.assertGreater(self.value("controller-0", 'kilonova_store_commits_total{result="ok"}'), LAUNCHED)
        self.assertEqual(self.value("compute-0", "kilonova_guests"), LAUNCHED + 1)
        started = 'kilonova_launch_step_duration_seconds_count{step="guest_started"}'
        self.assertEqual(self.value("compute-0", started), LAUNCHED + 2)
        self.assertEqual(self.value("compute-0", 'kilonova_launch_step_failures_total{step="guest_started"}'), 1)
        self.assertEqual(self.value("network-0", "kilonova_servers_with_addresses"), LAUNCHED + 1)
        self.assertEqual(self.value("scheduler-0", "kilonova_scheduler_hosts"), 6)
        self.assertEqual(self.value("api-0", 'kilonova_http_requests_total{service="compute",status="401"}'), 1)
        self.assertEqual(self.value("controller-0", 'kilonova_peers_connected{role="compute"}'), 1)
        before = self.value("api-0", "kilonova_metrics_scrapes_total")
        self.assertEqual(self.value("api-0", "kilonova_metrics_scrapes_total"), before + 1)

    def test_a_host_that_is_disabled_is_another_state(self):
        host = self.cloud.json("host", "list")[0]["name"]
        self.cloud.run("host", "disable", host)
        self.addCleanup(self.cloud.run, "host", "enable", host)
        self.assertEqual(self.value("controller-0", 'kilonova_hosts{state="disabled"}'), 1)
        self.assertEqual(self.value("controller-0", 'kilonova_hosts{state="up"}'), 5)

    def test_labels_hold_nothing_of_a_cloud(self):
        for daemon in DAEMONS:
            for value in re.findall(r'="([^"]*)"', self.page(daemon)):
                self.assertRegex(value, f"^({LABEL_VALUE.pattern})$", daemon)

    def test_prometheus_scrapes_all_daemons_and_answers_queries(self):
        with open(os.path.join(EXAMPLES, "grafana-dashboard.json"), encoding="utf-8") as file:
            dashboard = json.load(file)
        with Prometheus(os.path.join(self.cloud.state_dir, "metrics-targets.json")) as prometheus:
            prometheus.await_value("sum(up)", len(DAEMONS))
            self.assertEqual(sorted(labels["daemon"] for labels, _ in prometheus.query("up")), DAEMONS)
            prometheus.await_value('sum(kilonova_launches_total{result="active"})', LAUNCHED + 1)
            prometheus.await_value(
                'sum(kilonova_launch_step_duration_seconds_bucket{step="active",le="+Inf"})', LAUNCHED + 1)
            for expression in expressions(dashboard):
                prometheus.query(expression.replace("$__rate_interval", "1m"))

    def test_the_dashboard_names_only_metrics_that_exist(self):
        with open(os.path.join(EXAMPLES, "grafana-dashboard.json"), encoding="utf-8") as file:
            dashboard = json.load(file)
        known = set(documented())
        for name, kind in documented().items():
            if kind == "histogram":
                known |= {f"{name}_{part}" for part in ("bucket", "sum", "count")}
        used = set()
        for expression in expressions(dashboard):
            used |= set(re.findall(r"\b(?:kilonova|process)_\w+", expression))
        self.assertGreater(len(used), 20)
        self.assertEqual(used - known, set())

    def test_the_api_server_shows_administrators_its_own(self):
        address = self.cloud.json("status")["http"]
        admin, member = token_of(self.cloud, "admin", "admin"), token_of(self.cloud, "demo", "demo")
        for headers in ({"X-Auth-Token": admin}, {"Authorization": f"Bearer {admin}"}):
            status, page = read(address, headers=headers)
            self.assertEqual(status, 200)
            self.assertIn('kilonova_daemon_info{daemon="api-0",role="api"} 1', page)
            self.assertEqual(promtool_check(page), "")
        self.assertEqual(read(address, headers={"X-Auth-Token": member}),
                         (403, "Metrics are for administrators.\n"))
        self.assertEqual(read(address)[0], 401)
        self.assertEqual(read(address, headers={"Authorization": "Bearer nonsense"})[0], 401)

    def test_other_paths_and_methods_are_refused(self):
        address = self.addresses["network-0"]
        self.assertEqual(read(address, "/compute")[0], 404)
        request = urllib.request.Request(f"http://{address}/metrics", b"x=1")
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=30)
        self.assertEqual((refused.exception.code, refused.exception.headers["Allow"]), (405, "GET, HEAD"))
        refused.exception.close()


class MetricsOptionsTest(unittest.TestCase):
    def test_nobody_listens_unless_it_is_asked_for(self):
        with Cloud("--hosts", "1") as cloud:
            self.assertFalse(any("metrics" in daemon for daemon in cloud.daemons().values()))
            self.assertFalse(os.path.exists(os.path.join(cloud.state_dir, "metrics-targets.json")))

    def test_a_cloud_that_comes_back_has_them_until_it_is_told_otherwise(self):
        with Cloud("--hosts", "1", "--metrics") as cloud:
            targets = os.path.join(cloud.state_dir, "metrics-targets.json")
            self.assertEqual(stat.S_IMODE(os.stat(targets).st_mode), 0o600)
            cloud.down()
            cloud.up_args = []
            up = json.loads(cloud.up("--json").stdout)
            self.assertEqual(sorted(up["metrics"]), DAEMONS)
            for name, daemon in cloud.daemons().items():
                self.assertEqual(daemon["metrics"], up["metrics"][name])
                self.assertEqual(read(daemon["metrics"])[0], 200)
            self.assertIn(up["metrics"]["api-0"], cloud.run("status").stdout)
            # The same port after its daemon died.
            cloud.kill("network-0")
            end = time.monotonic() + 60
            while time.monotonic() < end:
                try:
                    if "network-0" in read(up["metrics"]["network-0"])[1]:
                        break
                except OSError:
                    time.sleep(0.1)
            else:
                self.fail("the network-controller's metrics did not come back")
            cloud.down()
            self.assertNotIn("metrics", json.loads(cloud.up("--set", "up.metrics=false", "--json").stdout))
            self.assertFalse(os.path.exists(targets))

    def test_a_daemons_own_address_is_its_own(self):
        fixed = f"127.0.0.1:{free_port()}"
        with Cloud("--hosts", "1", "--set", f"controller.metrics-listen={fixed}") as cloud:
            self.assertEqual(cloud.daemons()["controller-0"]["metrics"], fixed)
            self.assertNotIn("metrics", cloud.daemons()["api-0"])
            self.assertIn('daemon="controller-0"', read(fixed)[1])
            with open(os.path.join(cloud.state_dir, "metrics-targets.json"), encoding="utf-8") as file:
                self.assertEqual(json.load(file), [{"targets": [fixed], "labels": {"daemon": "controller-0"}}])

    def test_an_address_that_cannot_be_is_refused_with_its_name(self):
        with tempfile.TemporaryDirectory(prefix="kn-", dir="/tmp") as directory:
            for wrong, words in (("9100", "'9100' is no address to listen on: say HOST:PORT"),
                                 ("192.0.2.1:9100", "cannot listen on 192.0.2.1:9100")):
                done = subprocess.run([os.path.join(BIN, "kilonova-network"), "--state-dir", directory,
                                       "--metrics-listen", wrong],
                                      capture_output=True, text=True, timeout=60, check=False)
                self.assertEqual(done.returncode, 1)
                self.assertTrue(done.stderr.startswith(f"kilonova network-0: --metrics-listen: {words}"), done.stderr)
                self.assertEqual(done.stderr.count("\n"), 1)
        with Cloud("--hosts", "1", "--metrics") as cloud:
            taken = cloud.daemons()["api-0"]["metrics"]
            other = Cloud("--hosts", "1", "--set", f"controller.metrics-listen={taken}")
            try:
                refused = other.up(check=False)
                self.assertNotEqual(refused.returncode, 0)
                self.assertIn(f"--metrics-listen: cannot listen on {taken}", refused.stderr)
                self.assertEqual(os.listdir(other.state_dir), [], "such a start leaves nothing behind")
            finally:
                other.__exit__()


if __name__ == "__main__":
    unittest.main()
