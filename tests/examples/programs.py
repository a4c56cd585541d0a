# SPDX-FileCopyrightText: 2026 The GruvSocks authors
# SPDX-License-Identifier: MIT

"""Starts the example programs and waits, with a bound, for what they print. Nothing here sleeps."""

import os
import queue
import re
import signal
import socket
import struct
import subprocess
import threading

# A shell that runs tests in the background, or nohup, has these ignored, and programs inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

DEADLINE = 20.0  # seconds; what is waited for takes milliseconds


def program(name):
    return os.environ[name.upper().replace("-", "_")]


class Program:
    """A process whose output lines are collected by threads. Killed at the end of its with block."""

    def __init__(self, arguments, **popen_arguments):
        self.process = subprocess.Popen(
            arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            **popen_arguments)
        self.seen = []
        self._queues = {"stdout": queue.Queue(), "stderr": queue.Queue()}
        self._threads = [self._collect(name) for name in self._queues]

    def _collect(self, name):
        def collect():
            for line in getattr(self.process, name):
                self._queues[name].put(line.rstrip(b"\n"))
            self._queues[name].put(None)
        thread = threading.Thread(target=collect, daemon=True)
        thread.start()
        return thread

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for thread in self._threads:
            thread.join()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            try:
                pipe.close()
            except BrokenPipeError:
                pass

    def line(self, stream="stdout"):
        """The next line, or None at the end of the stream."""
        try:
            line = self._queues[stream].get(timeout=DEADLINE)
        except queue.Empty:
            raise AssertionError(f"no line on {stream} in {DEADLINE} s; before: {self.seen}") from None
        self.seen.append(line)
        return line

    def expect(self, pattern, stream="stdout"):
        """Reads lines until one matches."""
        while (line := self.line(stream)) is not None:
            if match := re.search(pattern, line.decode(errors="replace")):
                return match
        raise AssertionError(f"{stream} ended without '{pattern}': {self.seen}")

    def rest(self, stream="stdout"):
        """All further lines, to the end of the stream."""
        return list(iter(lambda: self.line(stream), None))

    def write(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def end_input(self):
        self.process.stdin.close()

    def wait(self):
        return self.process.wait(timeout=DEADLINE)

    def stop(self, signal_number):
        self.process.send_signal(signal_number)
        return self.wait()


def listening_port(running, stream="stdout"):
    return int(running.expect(r"^listening on \S+:(\d+)$", stream)[1])


def frame(payload):
    return struct.pack(">I", len(payload)) + payload


class Wire:
    """The other end of a connection, in plain sockets: what the programs are checked against."""

    def __init__(self, connection):
        connection.settimeout(DEADLINE)
        self.socket = connection

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    @staticmethod
    def connect(port):
        return Wire(socket.create_connection(("127.0.0.1", port), timeout=DEADLINE))

    def send(self, *payloads):
        self.socket.sendall(b"".join(frame(payload) for payload in payloads))

    def _exactly(self, size):
        data = b""
        while len(data) < size:
            part = self.socket.recv(min(size - len(data), 1 << 20))
            if not part:
                raise EOFError(f"the peer closed after {len(data)} of {size} bytes")
            data += part
        return data

    def receive(self):
        return self._exactly(struct.unpack(">I", self._exactly(4))[0])

    def is_closed(self):
        return self.socket.recv(1) == b""


class Listener:
    """A listening socket on a free port; accept() gives a Wire."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.socket.settimeout(DEADLINE)
        self.port = self.socket.getsockname()[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def accept(self):
        return Wire(self.socket.accept()[0])


def unused_port():
    """A port nobody listens on: bound and not listening would be refused as well, but must stay open."""
    holder = socket.socket()
    holder.bind(("127.0.0.1", 0))
    return holder, holder.getsockname()[1]


def run(arguments, data=b"", **popen_arguments):
    """Runs to the end: exit code, standard output, standard error."""
    done = subprocess.run(arguments, input=data, capture_output=True, timeout=DEADLINE,
                          check=False, **popen_arguments)
    return done.returncode, done.stdout, done.stderr.decode(errors="replace")
