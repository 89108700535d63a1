"""replay and bench: recorded and made-up workloads through a real cloud."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from cloud import Cloud

DATA = os.environ.get("KILONOVA_TEST_DATA", os.path.join(os.path.dirname(__file__), "../../../shared/data"))


class WorkloadTest(unittest.TestCase):
    def write(self, cloud, name, text):
        path = os.path.join(cloud.state_dir, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def test_replay_launches_and_deletes(self):
        with Cloud("--hosts", "5") as cloud:
            requests = self.write(cloud, "requests.csv",
                                  "name,cpu_milli,memory_mib,num_gpu,creation_time,deletion_time\n"
                                  "a,1500,1024,0,0,10\nb,1000,512,1,5,20\nodd,1000,0,0,6,30\nc,500,512,0,25,25\n")
            report = cloud.json("replay", "--requests", requests, "--speed", "max")
            self.assertEqual(report["launched"] + sum(report["refused"].values()), 4)
            self.assertGreaterEqual(report["launched"], 2)
            self.assertEqual(cloud.json("status")["servers"]["total"], 0)
            report = cloud.json("replay", "--requests", requests, "--speed", "max", "--ignore-departures")
            self.assertEqual(cloud.json("status")["servers"]["active"], report["launched"])

    def test_a_broken_requests_file_launches_nothing(self):
        columns = "name,cpu_milli,memory_mib,creation_time,deletion_time\n"
        with Cloud("--hosts", "2") as cloud:
            for text, said in ((columns + "a,much,512,0,10\n", "much"), (columns + '"a,1000,512,0,10\n', "not closed")):
                done = cloud.run("replay", "--requests", self.write(cloud, "requests.csv", text), check=False)
                self.assertEqual(done.returncode, 2)
                self.assertIn(said, done.stderr)
                self.assertEqual(cloud.json("status")["servers"]["total"], 0)

    def test_a_wrong_row_refuses_itself_alone(self):
        with Cloud("--hosts", "2") as cloud:
            requests = self.write(cloud, "requests.csv",
                                  "name,cpu_milli,memory_mib,creation_time,deletion_time\na,1.0e+03,512,0,9\nb,much,512,1,9\n"
                                  "c,1000,512,-2,9\n")
            report = cloud.json("replay", "--requests", requests, "--ignore-departures")
            self.assertEqual((report["requests"], report["launched"]), (3, 1))
            self.assertEqual([refused["line"] for refused in report["refused_requests"]], [3, 4])

    def test_bench_reports_and_cleans_up(self):
        with Cloud("--hosts", "20") as cloud:
            report = cloud.json("bench", "launch", "--count", "200", "--clients", "8")
            for field in ("launches_per_s", "p50_us", "p99_us", "max_us", "deletes_per_s"):
                self.assertGreater(report[field], 0)
            self.assertEqual(cloud.json("status")["servers"]["total"], 0)
            cloud.run("bench", "launch", "--count", "50", "--clients", "4", "--keep")
            self.assertEqual(cloud.json("status")["servers"]["active"], 50)

    @unittest.skipUnless(os.path.exists(os.path.join(DATA, "openb/hosts.csv")), "the openb trace is not here")
    def test_the_real_trace_fits_the_real_hosts(self):
        with Cloud("--hosts-file", os.path.join(DATA, "openb/hosts.csv")) as cloud:
            self.assertEqual(len(cloud.json("host", "list")), 1523)
            report = cloud.json("replay", "--requests", os.path.join(DATA, "openb/requests.csv"), "--speed", "max",
                                "--ignore-departures", timeout=300)
            self.assertEqual(report["launched"] + sum(report["refused"].values()), 8152)
            self.assertEqual(cloud.json("status")["servers"]["active"], report["launched"])
            self.assertGreaterEqual(report["launched"], 8151)


if __name__ == "__main__":
    unittest.main()
