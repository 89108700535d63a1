"""The dashboard as a person uses it: in Debian's Chromium, on a cloud of real processes.

KILONOVA_SCREENSHOTS=DIRECTORY: pictures of the views are left there.
"""

import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from browser import Browser
from cloud import Cloud

PICTURES = os.environ.get("KILONOVA_SCREENSHOTS")
HOSTILE = ["<img src=x onerror='window.struck=1'>", "<script>window.struck=1</script>", "\"><svg onload=window.struck=1>",
           "javascript:window.struck=1", "{{constructor.constructor('window.struck=1')()}}"]
VIEWS = ("launches", "servers", "fleet", "faults", "daemons")


class DashboardBrowserTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud("--hosts", "60", "--http-port", "0", "--timing", "test")
        cls.cloud.__enter__()
        cls.addClassCleanup(cls.cloud.__exit__)
        cls.url = f"http://{cls.cloud.json('status')['http']}/"

    def setUp(self):
        self.page = self.enterContext(Browser())

    def tearDown(self):
        self.cloud.run("fault", "clear")

    def log_in(self, user="admin", password="kilonova"):
        self.page.open(self.url)
        self.page.fill("input[name=user]", user)
        self.page.fill("input[name=password]", password)
        self.page.click("button", "Log in")

    def live(self, user="admin"):
        self.log_in(user)
        self.page.until_text("Live")

    def go(self, view, heading=""):
        self.page.run(f"location.hash = '#/{view}'")
        self.page.until_text(heading or view.capitalize())

    def create(self, name):
        """By the form, up to the server's own page."""
        self.go("servers")
        self.page.run("document.querySelector('.create').open = true")
        self.page.fill("input[name=name]", name)
        self.page.choose("select[name=flavor]", self.page.run(
            "[...document.querySelectorAll('select[name=flavor] option')].find((one) => one.textContent === 'm1.tiny').value"))
        self.page.click("button", "Create")
        self.page.click("td a", name)
        self.page.until(f"document.querySelector('h1').innerText.startsWith({json.dumps(name)})")

    def picture(self, name):
        if PICTURES:
            self.page.screenshot(os.path.join(PICTURES, name + ".png"))

    def assert_clean(self):
        """Nothing that the page said was wrong, and nothing of what the policy forbids was tried."""
        self.page.run("1")
        self.assertEqual(self.page.events, [])

    def test_a_launch_is_created_watched_and_explained(self):
        self.log_in(password="wrong")
        self.page.until("document.querySelector('[role=alert]')")
        self.page.events.clear()  # the browser says that it was refused
        self.live()
        self.create("seen")
        self.page.until("document.querySelector('h1 .state').innerText.includes('ACTIVE')")
        self.page.until_text("13 steps in")
        rows = self.page.run("[...document.querySelectorAll('[aria-label=\"Steps of its launch\"] tbody tr')].map((row) =>"
                             "[...row.cells].slice(0, 3).map((cell) => cell.innerText.trim()))")
        self.assertEqual([row[0] for row in rows], [str(number) for number in range(1, 14)])
        self.assertEqual(rows[6], ["7", "5, 6", "network_requested"])
        self.assertIn("all hosts", self.page.text())
        self.assertIn("(chosen)", self.page.text())
        self.picture("server")
        self.page.click("button", "Read the console log")
        self.page.until("document.querySelector('pre').innerText.length > 20")
        self.page.click("button", "Stop")
        self.page.until("document.querySelector('h1 .state').innerText.includes('SHUTOFF')")
        self.go("launches")
        self.page.until("document.querySelector('[aria-label=\"Newest launches\"] tbody').innerText.includes('active')")
        self.assert_clean()

    def test_a_fault_is_added_strikes_and_is_cleared(self):
        self.live()
        self.go("faults")
        self.page.run("document.querySelector('.create').open = true")
        self.page.fill("input[name=count]", "2")
        self.page.fill("input[name=message]", "disk on fire")
        self.page.click("button", "Add")
        rules = "document.querySelectorAll('[aria-label=\"Fault rules\"] tbody tr')"
        self.page.until(f"{rules}.length === 1 && {rules}[0].cells[1].innerText === 'guest_started'", 20)
        self.create("struck")
        self.page.until_text("2 failed: guest_started on ")
        self.page.until("document.querySelectorAll('tr.failed').length === 2")
        self.assertIn("disk on fire", self.page.text())
        self.assertIn("3 tries", self.page.text())
        self.picture("waterfall")
        self.go("faults")
        hits = "document.querySelector('[aria-label=\"Fault rules\"] tbody tr').cells[5].innerText"
        self.page.until(f"{hits} === '2'")
        self.picture("faults")
        self.page.click("button", "Clear")
        self.page.until_text("No fault rule is set")
        self.assert_clean()

    def test_hostile_names_are_text(self):
        for name in HOSTILE:
            self.cloud.create(name)
        self.live()
        self.go("servers")
        for name in HOSTILE:
            self.page.until_text(name)
        for name in HOSTILE:
            self.go("servers")
            self.page.click("td a", name)
            self.page.until(f"document.querySelector('h1').innerText.startsWith({json.dumps(name)})")
        self.assertIsNone(self.page.run("window.struck ?? null"))
        self.assertEqual(self.page.run("document.querySelectorAll('main img, main svg, main script').length"), 0)
        self.assert_clean()

    def test_the_policy_runs_no_other_script(self):
        self.live()
        self.page.run("(() => { const one = document.createElement('script'); one.textContent = 'window.struck=1';"
                      "document.body.append(one); document.body.insertAdjacentHTML('beforeend', '<b onclick=\"window.struck=1\">x</b>');"
                      "document.body.lastChild.click(); })()")
        self.assertIsNone(self.page.run("window.struck ?? null"))
        self.assertTrue(any("Content Security Policy" in said for said in self.page.events), self.page.events)

    def test_who_is_logged_out_elsewhere_is_told(self):
        self.live("demo")
        token = self.page.run("JSON.parse(sessionStorage['kilonova.session']).token")
        self.assertNotIn(token, self.page.run("location.href"))
        self.page.run(f"fetch('/identity/v3/auth/tokens', {{ method: 'DELETE', headers: {{ 'X-Auth-Token': '{token}',"
                      f"'X-Subject-Token': '{token}' }} }})")
        self.page.until_text("You were logged out")
        self.page.until("document.querySelector('input[name=user]')")
        self.assertIsNone(self.page.run("sessionStorage.getItem('kilonova.session')"))

    def test_a_member_sees_what_the_api_shows_it(self):
        self.live("demo")
        self.assertEqual(self.page.run("[...document.querySelectorAll('nav a')].map((one) => one.innerText)"),
                         ["Launches", "Servers"])
        self.create("ours")
        self.page.until("document.querySelector('h1 .state').innerText.includes('ACTIVE')")
        host = self.cloud.json("server", "list", "--all-projects", "--name", "ours")[0]["host"]
        self.assertNotIn(host, self.page.run("document.querySelector('main').innerText"))
        self.go("fleet", "no such view")
        self.assert_clean()

    def test_an_open_page_outlives_the_controller(self):
        self.live()
        self.go("servers")
        self.cloud.kill("controller-0")
        self.cloud.run_once_served("server", "create", "--flavor", "m1.tiny", "--image", "cirros", "--wait", "afterwards")
        self.page.until("[...document.querySelectorAll('tbody tr')].some((row) => row.innerText.includes('afterwards') &&"
                        " row.innerText.includes('ACTIVE'))")
        self.page.until_text("Live")

    def test_a_dead_host_is_seen(self):
        self.live()
        self.go("fleet")
        self.page.until_text("60 of 60 hosts up")
        self.page.run("document.querySelector('canvas').focus()")
        self.page.key("ArrowRight", 39)
        self.page.until("document.querySelector('.details h2')")
        self.picture("fleet")
        host = self.page.run("document.querySelector('.details h2').firstChild.data.trim()")
        self.page.click("button", "Force down")
        self.page.until_text("59 of 60 hosts up")
        self.page.until("document.querySelector('.details .state').innerText.includes('forced down')")
        self.page.choose("select", "state")
        self.page.fill("input[type=search]", host)
        self.page.until_text("1 found")
        self.page.click("button", "Force up")
        self.page.until_text("60 of 60 hosts up")
        self.assert_clean()

    def test_launches_are_counted(self):
        """Two that become active and one that fails, told out of the air."""
        self.live()
        counted = self.page.run("""import("/dashboard/assets/launches.js").then(({ Launches, percentile }) => {
          const launches = new Launches();
          const tell = (id, status, step, ms, more = {}) => launches.take({ id, name: id, status, step, epoch: 1, attempt: 1,
            host: "", fault: "", deleted: false, time: 1e12 + ms * 1000, ...more });
          for (const [id, ms] of [["a", 0], ["b", 100]]) {
            tell(id, "BUILD", "instance_created", ms);
            tell(id, "BUILD", "claimed", ms + 40);
            tell(id, "ACTIVE", "active", ms + 100 + ms);
          }
          tell("c", "BUILD", "instance_created", 0);
          tell("c", "BUILD", "claimed", 10);
          tell("c", "BUILD", "", 20, { epoch: 2, attempt: 2 });
          tell("c", "ERROR", "", 30, { epoch: 2, attempt: 2 });
          tell("late", "BUILD", "guest_defined", 0);
          tell("late", "ACTIVE", "active", 10);
          tell("stuck", "BUILD", "claimed", 0);
          tell("gone", "BUILD", "claimed", 0);
          tell("gone", "BUILD", "claimed", 1, { deleted: true });
          const steps = launches.bySteps();
          return {
            counts: launches.counts,
            claimed: [steps[5].count, steps[5].p50, steps[5].waiting],
            active: [steps[12].count, steps[12].p50, steps[12].p99],
            stuck: launches.stuck(1e12 + 11e6).map((one) => one.id),
            none: percentile([], 0.5) ?? null,
          };
        })""")
        self.assertEqual(counted, dict(counts=dict(begun=3, active=3, failed=1), claimed=[2, 40e3, 1], active=[2, 100e3, 200e3],
                                       stuck=["stuck"], none=None))

    def test_a_hundred_thousand_hosts_are_a_picture(self):
        """How long frames take is reported, not asserted."""
        self.live()
        frames = self.page.run("""import("/dashboard/assets/fleet_picture.js").then(({ Picture }) => {
          const canvas = document.createElement("canvas");
          canvas.setAttribute("width", 1100);
          document.querySelector("main").replaceChildren(canvas);
          const picture = new Picture(canvas);
          const hosts = Array.from({ length: 100000 }, (_, at) => ({ name: `host-${at}`, zone: `zone-${at % 7}`, up: at % 50 ? 1 : 0,
            enabled: 1, forced_down: 0, instances: 0, vcpus: 64, vcpus_used: at % 65, memory_mb: 1, memory_mb_used: 0, disk_gb: 1,
            disk_gb_used: 0 }));
          picture.show(hosts, "fill", null, "host-500");
          const times = [];
          return new Promise((resolve) => {
            let last = performance.now();
            const next = () => {
              times.push(performance.now() - last);
              last = performance.now();
              picture.zoom(times.length % 20 < 10 ? 1.2 : 1 / 1.2, { x: 100, y: 100 });
              if (times.length < 100) requestAnimationFrame(next);
              else resolve({ times, cells: [picture.cells.width, picture.cells.height], columns: picture.columns });
            };
            requestAnimationFrame(next);
          });
        })""")
        times = sorted(frames["times"])
        print(f"100,000 hosts: a frame took {times[50]:.1f} ms (median), {times[95]:.1f} ms (95 %)", file=sys.stderr)
        self.assertEqual(frames["cells"][0], frames["columns"])
        self.assertGreaterEqual(frames["cells"][0] * frames["cells"][1], 100000)
        self.assert_clean()

    def test_every_view_is_narrow_and_has_names(self):
        self.cloud.create("narrow-" + "x" * 200)
        self.live()
        for dark in (False, True):
            self.page.dark(dark)
            for width in (320, 1200):
                self.page.resize(width, 800)
                for view in VIEWS:
                    with self.subTest(view=view, width=width, dark=dark):
                        self.go(view)
                        self.page.until(f"document.documentElement.scrollWidth <= {width}", limit=5)
                        self.assertEqual(self.page.nameless(), [])
                        self.picture(f"{view}-{width}{'-dark' if dark else ''}")
        self.assert_clean()

    def test_it_works_by_the_keyboard(self):
        self.page.open(self.url)
        self.page.until("document.activeElement?.name === 'user'")
        self.page.call("Input.insertText", text="admin")
        self.page.tab()
        self.page.call("Input.insertText", text="kilonova")
        self.page.enter()
        self.page.until_text("Live")
        # From the beginning of the page: what had the focus is gone with the form.
        self.page.until("(document.querySelector('a').focus(), document.activeElement.tagName === 'A')")
        focused = [self.page.run("document.activeElement.innerText.trim()")]
        for _ in range(6):
            self.page.tab()
            focused.append(self.page.run("document.activeElement.innerText.trim()"))
        self.assertEqual(focused, ["Skip to the content", "Launches", "Servers", "Fleet", "Faults", "Daemons", "Log out"])
        self.page.enter()
        self.page.until("document.querySelector('input[name=user]')")


if __name__ == "__main__":
    unittest.main()
