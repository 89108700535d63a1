"""The Debian packages: what is in them, and that a cloud comes up from them. `./dev package` makes them of the release build; here
they are made of the programs that were built for the tests."""

import glob
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))

BUILD = os.environ["KILONOVA_BUILD_DIR"]
DAEMONS = ["kilonova-api", "kilonova-compute", "kilonova-controller", "kilonova-network", "kilonova-scheduler"]


def run(*words, **more):
    done = subprocess.run(words, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, **more)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(words)}: {done.stdout}")
    return done.stdout


@unittest.skipUnless(shutil.which("dpkg-shlibdeps") and shutil.which("dpkg-deb"), "no Debian tools for packages")
class PackagesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.mkdtemp(prefix="kn-packages-")
        cls.addClassCleanup(shutil.rmtree, cls.directory, True)
        out = os.path.join(cls.directory, "out")
        run("cpack", "--config", os.path.join(BUILD, "CPackConfig.cmake"), "-B", out, "-D", f"CPACK_OUTPUT_FILE_PREFIX={out}",
            cwd=cls.directory)
        cls.packages = {run("dpkg-deb", "-f", path, "Package").strip(): path for path in glob.glob(os.path.join(out, "*.deb"))}
        cls.root = os.path.join(cls.directory, "root")
        for path in cls.packages.values():
            run("dpkg-deb", "-x", path, cls.root)

    def file(self, *parts):
        return os.path.join(self.root, *parts)

    def fields(self, package):
        text = run("dpkg-deb", "-f", self.packages[package])
        return dict(line.split(": ", 1) for line in text.splitlines() if ": " in line and not line.startswith(" "))

    def test_there_are_two_with_what_they_need(self):
        self.assertEqual(sorted(self.packages), ["kilonova", "kilonova-daemons"])
        command, daemons = self.fields("kilonova"), self.fields("kilonova-daemons")
        self.assertEqual(command["Recommends"], "kilonova-daemons")
        self.assertIn(f"kilonova (= {command['Version']})", daemons["Depends"])
        for fields in (command, daemons):
            self.assertIn("libgrpc++", fields["Depends"])
            self.assertIn("libc6", fields["Depends"])
        self.assertEqual(sorted(os.listdir(self.file("usr/bin"))), sorted(["kilonova", "kilonova-sim", *DAEMONS]))

    def test_programs_are_stripped(self):
        for name in os.listdir(self.file("usr/bin")):
            self.assertIn(", stripped", run("file", self.file("usr/bin", name)), name)

    def test_man_pages_and_completions_are_the_programs_own(self):
        pages = os.listdir(self.file("usr/share/man/man1"))
        self.assertTrue({"kilonova.1", "kilonova-server.1", "kilonova-up.1"} <= {page.removesuffix(".gz") for page in pages})
        for path in ("bash-completion/completions/kilonova", "zsh/vendor-completions/_kilonova",
                     "fish/vendor_completions.d/kilonova.fish"):
            with open(self.file("usr/share", path), encoding="utf-8") as file:
                self.assertIn("kilonova", file.read())

    @unittest.skipUnless(shutil.which("systemd-analyze"), "no systemd-analyze")
    def test_units_are_what_systemd_takes(self):
        units = sorted(glob.glob(self.file("lib/systemd/system/*.service")))
        self.assertEqual([os.path.basename(unit) for unit in units],
                         ["kilonova-compute@.service", "kilonova-scheduler@.service", "kilonova.service"])
        # With the targets and slices of this system, which every unit stands on.
        for unit in glob.glob("/lib/systemd/system/*.target") + glob.glob("/lib/systemd/system/*.slice"):
            shutil.copy(unit, self.file("lib/systemd/system"))
        said = run("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", f"--root={self.root}",
                   *[os.path.basename(unit) for unit in units])
        self.assertNotIn("kilonova", said)

    def test_a_cloud_comes_up_from_them_with_the_packaged_options(self):
        state = os.path.join(self.directory, "state")
        kilonova = self.file("usr/bin/kilonova")
        environment = {"PATH": "/usr/bin:/bin", "HOME": self.directory, "KILONOVA_STATE_DIR": state}
        run(kilonova, "up", "--config", self.file("etc/kilonova/kilonova.conf"), "--hosts", "3", "--http-port", "0", "--grpc-port", "0",
            "--detach", env=environment)
        self.addCleanup(subprocess.run, [kilonova, "down"], env=environment, check=False, stdout=subprocess.DEVNULL)
        run(kilonova, "server", "create", "--flavor", "m1.tiny", "--image", "cirros", "--wait", "web", env=environment)
        self.assertIn("ACTIVE", run(kilonova, "server", "list", env=environment))
        self.assertTrue(run(kilonova, "status", env=environment))


if __name__ == "__main__":
    unittest.main()
