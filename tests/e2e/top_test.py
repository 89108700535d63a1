"""`kilonova top`: one frame for pipes, and a terminal that is as it was when it ends."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from cloud import BIN, Cloud

ENTER, LEAVE = b"\x1b[?1049h", b"\x1b[?1049l"
CREATE = ("server", "create", "--flavor", "m1.tiny", "--image", "cirros")


class Terminal:
    """`kilonova top` in a terminal of its own. `seen` is all that it wrote."""

    def __init__(self, cloud, *args, env=None, columns=80, lines=40):
        self.seen = b""
        self.master, slave = pty.openpty()
        self.resize(columns, lines)
        self.before = termios.tcgetattr(slave)
        environment = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR")}
        self.process = subprocess.Popen([os.path.join(BIN, "kilonova"), "--state-dir", cloud.state_dir, *args, "top"],
                                        stdin=slave, stdout=slave, stderr=subprocess.PIPE, start_new_session=True,
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
                                        env={**environment, "TERM": "xterm", **(env or {})})
        self.slave = slave

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stderr.close()
        os.close(self.slave)
        os.close(self.master)

    def resize(self, columns, lines):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def wait_for(self, words, limit=60):
        """Until it has written that, counted from the last time."""
        end = time.monotonic() + limit
        start = len(self.seen)
        while words not in self.seen[start:]:
            left = end - time.monotonic()
            if left <= 0:
                raise AssertionError(f"{words!r} was not shown: {self.seen[-3000:]!r}")
            if select.select([self.master], [], [], left)[0]:
                self.seen += os.read(self.master, 65536)
        return self.seen[start:]

    def ended(self):
        """Its exit code; what is left to read is read meanwhile."""
        end = time.monotonic() + 60
        while self.process.poll() is None and time.monotonic() < end:
            if select.select([self.master], [], [], 0.1)[0]:
                self.seen += os.read(self.master, 65536)
        while select.select([self.master], [], [], 0)[0]:
            self.seen += os.read(self.master, 65536)
        return self.process.poll()


class TopTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = cls.enterClassContext(Cloud("--hosts", "4", "--timing", "test"))

    def restored(self, terminal):
        self.assertEqual(terminal.ended(), 0, terminal.process.stderr.read())
        self.assertTrue(terminal.seen.rstrip().endswith(LEAVE), terminal.seen[-80:])
        self.assertIn(b"\x1b[?25h", terminal.seen)
        self.assertEqual(termios.tcgetattr(terminal.slave), terminal.before)

    def test_one_frame_for_a_pipe(self):
        self.cloud.run(*CREATE, "--wait", "once")
        shown = self.cloud.run("top", "--once").stdout
        self.assertIn("Hosts    4: 4 up, 0 down, 0 disabled", shown)
        self.assertIn("guest_started", shown)
        self.assertNotIn("\x1b", shown)
        self.assertLessEqual(max(map(len, shown.splitlines())), 80)
        narrow = self.cloud.run("top", "--once", env={"COLUMNS": "40"}).stdout
        self.assertLessEqual(max(map(len, narrow.splitlines())), 40)

    def test_without_a_terminal_it_says_so(self):
        done = self.cloud.run("top", check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("kilonova top --once", done.stderr)
        self.assertEqual(self.cloud.run("top", "--once", "--json", check=False).returncode, 2)

    def test_launches_show_as_they_happen_and_q_ends_it(self):
        with Terminal(self.cloud) as terminal:
            terminal.wait_for(b"guest_started")
            self.assertIn(ENTER, terminal.seen)
            self.cloud.run("fault", "add", "--step", "guest_started", "--count", "3")
            self.cloud.run(*CREATE, "breaks")
            terminal.wait_for(b"breaks: ")
            os.write(terminal.master, b"q")
            self.restored(terminal)
        self.cloud.run("fault", "clear", "--all", check=False)

    def test_control_c_and_sigterm_end_it(self):
        for end in (lambda terminal: os.write(terminal.master, b"\x03"),
                    lambda terminal: terminal.process.send_signal(signal.SIGTERM)):
            with Terminal(self.cloud) as terminal:
                terminal.wait_for(b"Hosts")
                end(terminal)
                self.restored(terminal)

    def test_it_is_drawn_anew_when_the_window_changes(self):
        with Terminal(self.cloud) as terminal:
            terminal.wait_for(b"Hosts")
            terminal.resize(30, 6)
            terminal.process.send_signal(signal.SIGWINCH)
            terminal.wait_for("…".encode())
            os.write(terminal.master, b"q")
            self.restored(terminal)

    def test_no_colour_where_none_is_wanted(self):
        with Terminal(self.cloud, env={"NO_COLOR": "1"}) as terminal:
            self.assertNotIn(b"\x1b[1m", terminal.wait_for(b"Hosts"))
            os.write(terminal.master, b"q")
            self.restored(terminal)
        with Terminal(self.cloud) as terminal:
            self.assertIn(b"\x1b[1m", terminal.wait_for(b"Hosts"))
            os.write(terminal.master, b"q")
            self.restored(terminal)

    def test_a_member_sees_its_project_and_no_hosts(self):
        shown = self.cloud.run("--os-username", "demo", "--os-password", "kilonova", "--os-project-name", "demo", "top",
                               "--once").stdout
        self.assertNotIn("Hosts", shown)
        self.assertIn("Launches", shown)


if __name__ == "__main__":
    unittest.main()
