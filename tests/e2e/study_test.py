"""`kilonova study`: the examples, what it prints and writes, that it is the same twice, and how it refuses. No cloud runs."""

import csv
import json
import os
import re
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree

KILONOVA = os.path.join(os.environ["KILONOVA_BIN_DIR"], "kilonova")
SOURCE = os.environ.get("KILONOVA_SOURCE_DIR", ".")
TEMPLATE = os.path.join(SOURCE, "examples/template.study")
OPENB = os.path.abspath(os.path.join(os.environ.get("KILONOVA_TEST_DATA", os.path.join(SOURCE, "../shared/data")), "openb"))


def study(*args, env=None):
    return subprocess.run([KILONOVA, "study", *args], capture_output=True, text=True, timeout=300,
                          env={**os.environ, **(env or {})})


class StudyTest(unittest.TestCase):
    def setUp(self):
        self.directory = self.enterContext(tempfile.TemporaryDirectory())

    def write(self, name, text):
        path = os.path.join(self.directory, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def small(self, extra="", hosts="name,vcpus,ram\na,4,4000\nb,4,4000\n",
              requests="name,vcpus,ram,created,deleted\nr,2,1000,0,100\ns,2,1000,50,\nt,8,1,60,\n"):
        self.write("hosts.csv", hosts)
        self.write("requests.csv", requests)
        return self.write("small.study", f"""[study]
hosts-file = hosts.csv
requests-file = requests.csv
seeds = 1..3
{extra}
[DEFAULT]
cpu-allocation-ratio = 1
[spread]
[pack]
cpu-weight-multiplier = -1
ram-weight-multiplier = -1
disk-weight-multiplier = -1
""")

    def test_the_template_is_printed_and_runs(self):
        printed = study("--template")
        with open(TEMPLATE, encoding="utf-8") as file:
            self.assertEqual(printed.stdout, file.read())
        done = study(TEMPLATE, env={"COLUMNS": "80"})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertLessEqual(max(map(len, done.stdout.splitlines())), 80)
        self.assertIn("pack-by-four", done.stdout)

    def test_figures_that_were_worked_out_by_hand(self):
        done = study(self.small(), "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        found = {setting["name"]: setting for setting in json.loads(done.stdout)["settings"]}
        for name, empty in (("spread", 0.5), ("pack", 0.5)):
            run = found[name]["runs"][0]
            self.assertEqual(run["figures"]["placed"], 2)
            self.assertEqual(run["refusals"], {"no host has enough free vCPUs": 1})
            # r has left: s alone is there, with 2 of 8 vCPUs.
            self.assertEqual(run["figures"]["empty_hosts_at_end"], empty)
            self.assertEqual(run["figures"]["vcpus_allocated_at_end"], 0.25)
            self.assertEqual(run["figures"]["vcpus_packing_at_end"], 0.5)

    def test_the_same_twice_but_for_what_is_measured(self):
        def unmeasured():
            document = json.loads(study(TEMPLATE, "--json").stdout)
            del document["took_us"]
            for setting in document["settings"]:
                del setting["decision_times"]
            return document
        self.assertEqual(unmeasured(), unmeasured())

    def test_the_files(self):
        figures = os.path.join(self.directory, "figures")
        page = os.path.join(self.directory, "report.html")
        done = study(self.small("title = <b>bold</b>"), "--csv", figures, "--html", page, "--jobs", "1")
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(page, encoding="utf-8") as file:
            html = file.read()
        self.assertIn("&lt;b&gt;bold", html)
        self.assertNotIn("<script", html)
        self.assertEqual(re.findall(r"(?:src|href)=\"(?!data:)", html), [])
        svgs = [name for name in os.listdir(figures) if name.endswith(".svg")]
        self.assertGreaterEqual(len(svgs), 9)
        for name in svgs:
            xml.etree.ElementTree.parse(os.path.join(figures, name))
            with open(os.path.join(figures, name[:-3] + "csv"), encoding="utf-8", newline="") as file:
                self.assertGreater(len(list(csv.DictReader(file))), 1, name)
        with open(os.path.join(figures, "summary.csv"), encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual([(row["setting"], row["seed"]) for row in rows],
                         [(name, str(seed)) for name in ("spread", "pack") for seed in (1, 2, 3)])

    def refused(self, path, words, code=2):
        page = os.path.join(self.directory, "report.html")
        done = study(path, "--html", page, "--csv", os.path.join(self.directory, "figures"))
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertIn(words, done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertFalse(os.path.exists(page))
        self.assertFalse(os.path.exists(os.path.join(self.directory, "figures")))

    def test_what_is_wrong_is_named_and_nothing_is_written(self):
        self.refused(self.small("speed = fast"), "small.study:5: [study] speed = fast: it must be a number")
        self.refused(self.small("title\x1b[2J = x"), "a control character")
        self.refused(self.small(hosts="name,vcpus,ram\na,4,x\n"), "hosts.csv:2: column 'ram': 'x' is not a whole number")
        self.refused(self.small(requests="name,vcpus,ram\na,1e99,1\n"), "requests.csv:2: column 'vcpus': '1e99'")
        self.refused(self.small(requests="name,vcpus,ram,created,deleted\na,1,1,0,\nb,1,1,5,4\n"),
                     "requests.csv:3: its deletion is before its creation")
        path = self.small()
        os.remove(os.path.join(self.directory, "requests.csv"))
        self.refused(path, "requests.csv' cannot be read", code=4)
        self.refused(os.path.join(self.directory, "nowhere"), "cannot be read", code=4)

    def test_hostile_sizes_are_taken_as_they_are(self):
        done = study(self.small("lifetime-factor = 1000000", requests="name,vcpus,ram,created,deleted\n"
                                "a,1000000000,1000000000,0,1e11\nb,1,1,1e11,1e11\n"), "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["settings"][0]["figures"]["refused"]["mean"], 1)

    @unittest.skipUnless(os.path.isdir(OPENB), "openb's files are not here: KILONOVA_TEST_DATA names the directory above them")
    def test_openb(self):
        os.symlink(OPENB, os.path.join(self.directory, "openb"))
        with open(os.path.join(SOURCE, "examples/openb.study"), encoding="utf-8") as file:
            path = self.write("openb.study", file.read().replace("seeds = 1..10", "seeds = 1..1"))
        done = study(path, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        document = json.loads(done.stdout)
        self.assertEqual((document["hosts"], document["requests"]), (1523, 8152))
        figures = {setting["name"]: setting["figures"] for setting in document["settings"]}
        for name, setting in figures.items():
            self.assertEqual(setting["placed"]["mean"] + setting["refused"]["mean"], 8152, name)
        # Who packs GPUs strands fewer of them than who spreads.
        self.assertLess(figures["pack-gpus"]["third_stranded_at_end"]["mean"],
                        figures["spread"]["third_stranded_at_end"]["mean"])


if __name__ == "__main__":
    unittest.main()
