# SPDX-FileCopyrightText: 2026 The GruvSocks authors
# SPDX-License-Identifier: MIT

"""examples/quickstart.sh and setup.sh in a copy of the tree, with cmake, apt-get and dpkg-query played by
stubs, so that nothing is installed or built: what they say, what they call, and what they leave behind."""

import os
import pathlib
import shutil
import signal
import sys
import tempfile
import time
import unittest

from programs import Listener, Program, program

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples"
PACKAGES = ["g++", "cmake", "ninja-build", "qt6-base-dev"]
TOOLS = ["sh", "basename", "cat", "cut", "dirname", "env", "mkdir", "rm", "sed", "sleep", "sort", "tr"]
LYING_SERVER = """
import socket
server = socket.create_server(("127.0.0.1", 0))
print("listening on 127.0.0.1:%d" % server.getsockname()[1], flush=True)
connection, _ = server.accept()
connection.sendall(b"\\0\\0\\0\\3lie")
while connection.recv(65536):
    pass
"""


class Quickstart(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.root = pathlib.Path(scratch.name) / "a path with spaces"
        self.bin = self.root / "bin"
        self.bin.mkdir(parents=True)
        self.log = self.root / "calls"
        self.installed = self.root / "installed"
        self.installed.write_text("\n".join(PACKAGES) + "\n")
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool))
        self.stub("cmake", 'echo "cmake $*" >>"$LOG"')
        self.stub("id", "echo 0")
        self.stub("dpkg-query", 'while read -r p; do [ "$p" = "$3" ] && printf installed; done '
                                '<"$INSTALLED"; :')
        self.stub("apt-get", 'echo "${DEBIAN_FRONTEND:-} apt-get $*" >>"$LOG"')
        shutil.copytree(EXAMPLES, self.root / "examples")
        (self.root / "README.md").write_text("line one\n\nline three\n")
        for name in ("echo-server", "echo-client"):
            self.program_stub(name, f'echo $$ >"$LOG.{name}"\nexec "{program(name)}" "$@"')
        self.environment = {"PATH": str(self.bin), "LOG": str(self.log), "HOME": str(self.root),
                            "INSTALLED": str(self.installed)}

    def stub(self, name, script, folder=None):
        path = (folder or self.bin) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def program_stub(self, name, script):
        self.stub(name, script, self.root / "build" / "examples" / name)

    def start(self, *arguments):
        script = str(self.root / "examples" / "quickstart.sh")
        return Program(["/bin/sh", script, *arguments], env=self.environment, cwd="/")

    def run_to_end(self, *arguments):
        with self.start(*arguments) as script:
            script.end_input()
            status = script.wait()
            return status, self.text(script, "stdout"), self.text(script, "stderr")

    @staticmethod
    def text(script, stream):
        return b"\n".join(script.rest(stream)).decode()

    def calls(self):
        return self.log.read_text().splitlines() if self.log.exists() else []

    def assert_gone(self, name):
        pid = int(pathlib.Path(f"{self.log}.{name}").read_text())
        with self.assertRaises(ProcessLookupError):
            os.kill(pid, 0)


class Runs(Quickstart):
    def test_prints_what_came_back(self):
        status, out, err = self.run_to_end()
        self.assertEqual((status, err), (0, ""))
        size = len("line oneline three") + 8 * 1024 * 1024
        self.assertRegex(out, rf"messages 4\nbytes {size}\nrate \S+ MB/s\nidentical\n.+$")
        self.assertFalse([call for call in self.calls() if "apt-get" in call])
        self.assert_gone("echo-server")

    def test_without_readme(self):
        (self.root / "README.md").unlink()
        (self.root / "LICENSE").write_text("a licence\n")
        status, out, _ = self.run_to_end()
        self.assertEqual(status, 0)
        self.assertIn("There is no README.md", out)
        self.assertIn("messages 2\n", out)

    def test_a_server_that_cannot_listen(self):
        with Listener() as other:
            status, out, err = self.run_to_end(str(other.port))
        self.assertEqual(status, 1)
        self.assertRegex(err, r"cannot listen on 127.0.0.1:\d+: .+\nThe echo server could not listen\.$")
        self.assertNotIn("identical", out)
        self.assert_gone("echo-server")

    def test_a_server_that_dies_in_silence(self):
        self.program_stub("echo-server", "exit 0")
        status, _, err = self.run_to_end()
        self.assertEqual((status, err), (1, "The echo server could not listen."))

    def test_a_byte_that_differs(self):
        (self.root / "lying.py").write_text(LYING_SERVER)
        self.program_stub("echo-server", f'echo $$ >"$LOG.echo-server"\n'
                                         f'exec "{sys.executable}" "{self.root}/lying.py"')
        status, out, err = self.run_to_end()
        self.assertEqual(status, 1)
        self.assertRegex(err, r"^echo-client: message 1 came back different: .+\n"
                              r"The echo client found a fault: see above\.$")
        self.assertNotIn("identical", out)
        self.assert_gone("echo-server")

    def test_a_signal_ends_all_three(self):
        self.program_stub("echo-client", 'echo $$ >"$LOG.echo-client"\necho begun\nexec sleep 300')
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number), self.start() as script:
                script.expect("^begun$")
                self.assertEqual(script.stop(number), 128 + number)
                self.assert_gone("echo-server")
                self.assert_gone("echo-client")

    def test_a_build_that_fails(self):
        self.stub("cmake", "exit 1")
        status, _, err = self.run_to_end()
        self.assertEqual((status, err), (1, "CMake could not configure the build: see above."))


class OpensTheDemo(Quickstart):
    def setUp(self):
        super().setUp()
        self.stub("gruvsocks-demo", 'echo opened >"$LOG.demo"', self.root / "build" / "gui-demo")
        self.demo = pathlib.Path(f"{self.log}.demo")

    def wait_for_demo(self):
        for _ in range(100):
            if self.demo.exists():
                return True
            time.sleep(0.05)
        return False

    def test_with_a_display(self):
        for variable in ("DISPLAY", "WAYLAND_DISPLAY"):
            with self.subTest(variable):
                self.demo.unlink(missing_ok=True)
                self.environment[variable] = "a display"
                status, out, _ = self.run_to_end()
                del self.environment[variable]
                self.assertEqual(status, 0)
                self.assertRegex(out, r"identical\nOpening the demo.*/build/gui-demo/gruvsocks-demo$")
                self.assertTrue(self.wait_for_demo())

    def test_without_a_display(self):
        status, out, _ = self.run_to_end()
        self.assertEqual(status, 0)
        self.assertRegex(out, r"identical\nOn a machine with a display, .*gruvsocks-demo$")
        self.assertFalse(self.demo.exists())

    def test_never_in_continuous_integration(self):
        self.environment.update(DISPLAY=":0", CI="true")
        status, out, _ = self.run_to_end()
        self.assertEqual(status, 0)
        self.assertIn("On a machine with a display", out)
        self.assertFalse(self.demo.exists())

    def test_it_is_built(self):
        self.run_to_end()
        self.assertTrue([call for call in self.calls() if call.endswith("echo-client gruvsocks-demo")])


class Installs(Quickstart):
    install = "noninteractive apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=120 "

    def apt_calls(self):
        return [call for call in self.calls() if "apt-get" in call]

    def test_only_what_is_missing(self):
        self.installed.write_text("g++\ncmake\n")
        status, out, _ = self.run_to_end()
        self.assertEqual(status, 0)
        self.assertIn("installed with apt-get: ninja-build qt6-base-dev", out)
        self.assertEqual(self.apt_calls(),
                         [" apt-get update", self.install + "ninja-build qt6-base-dev"])

    def test_once_more_after_a_failure(self):
        self.installed.write_text("g++\nninja-build\nqt6-base-dev\n")
        self.stub("apt-get", 'echo "${DEBIAN_FRONTEND:-} apt-get $*" >>"$LOG"\n'
                             '[ "$1" = update ] || ! mkdir_once\n')
        self.stub("mkdir_once", '[ ! -e "$LOG.once" ] && : >"$LOG.once"')
        status, out, _ = self.run_to_end()
        self.assertEqual(status, 0)
        self.assertEqual(self.apt_calls(), [" apt-get update", self.install + "cmake"] * 2)

    def test_a_failure_that_stays(self):
        self.installed.write_text("g++\nninja-build\nqt6-base-dev\n")
        self.stub("apt-get", 'echo "apt-get $*" >>"$LOG"; exit 100')
        status, _, err = self.run_to_end()
        self.assertEqual(status, 1)
        self.assertEqual(err, "apt-get could not install: cmake. Its message stands above.")
        self.assertEqual(self.apt_calls(), ["apt-get update"] * 2)

    def test_with_sudo_when_not_root(self):
        self.installed.write_text("g++\n")
        self.stub("id", "echo 1000")
        self.stub("sudo", 'echo sudo >>"$LOG"; exec "$@"')
        status, _, _ = self.run_to_end()
        self.assertEqual(status, 0)
        self.assertEqual(self.calls()[:4], ["sudo", " apt-get update", "sudo",
                                            self.install + "cmake ninja-build qt6-base-dev"])

    def test_neither_root_nor_sudo(self):
        self.installed.write_text("g++\ncmake\nninja-build\n")
        self.stub("id", "echo 1000")
        status, _, err = self.run_to_end()
        self.assertEqual(status, 1)
        self.assertEqual(err, "Missing: qt6-base-dev. Without sudo only root can install it: "
                              "apt-get install qt6-base-dev")

    def test_a_system_without_apt(self):
        (self.bin / "apt-get").unlink()
        status, _, err = self.run_to_end()
        self.assertEqual(status, 1)
        for line in ("Missing here (by their Debian names): g++ ninja-build qt6-base-dev",
                     "sudo dnf install gcc-c++ ninja-build qt6-qtbase-devel",
                     "sudo pacman -S gcc ninja qt6-base",
                     "sudo zypper install gcc-c++ ninja qt6-base-devel",
                     "brew install gcc ninja qt"):
            self.assertIn(line, err)

    def test_a_system_without_apt_that_has_everything(self):
        (self.bin / "apt-get").unlink()
        for name in ("c++", "ninja", "qmake6"):
            self.stub(name, "exit 0")
        status, out, _ = self.run_to_end()
        self.assertEqual(status, 0)
        self.assertIn("identical", out)


if __name__ == "__main__":
    unittest.main()
