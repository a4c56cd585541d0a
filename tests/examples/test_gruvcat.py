# SPDX-FileCopyrightText: 2026 The GruvSocks authors
# SPDX-License-Identifier: MIT

"""gruvcat: every option and every exit code, in both directions, against plain sockets."""

import os
import select
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import unittest

from programs import DEADLINE, Listener, Program, Wire, listening_port, program, run, unused_port

CAT = program("gruvcat")
OK, FAULT, USAGE, TIMEOUT = range(4)
FILL_LIMIT = 100_000_000
BINARY = bytes(range(256)) + b"\n\0\n"


def client(listener, *options):
    return Program([CAT, "127.0.0.1", str(listener.port), *options])


def server(*options):
    return Program([CAT, "-l", "0", *options])


def file_with(content):
    file = tempfile.NamedTemporaryFile()
    file.write(content)
    file.flush()
    return file


def write_to_the_end(cat, data):
    """Of a program that may have ended before it has read, or read all."""
    try:
        cat.write(data)
        cat.end_input()
    except BrokenPipeError:
        pass


def fill_standard_input(cat):
    """Writes 64 KiB lines until the pipe has been full for a second, so that nobody reads it any more,
    or up to FILL_LIMIT. Returns how much was written."""
    pipe = cat.process.stdin.fileno()
    os.set_blocking(pipe, False)
    line = b"x" * 65535 + b"\n"
    written = 0
    while written < FILL_LIMIT and select.select([], [pipe], [], 1.0)[1]:
        rest_of_line = line[written % len(line):]
        written += os.write(pipe, rest_of_line)
    return written


class ClientSends(unittest.TestCase):
    def test_each_line_is_a_message(self):
        with Listener() as listener, client(listener) as cat, listener.accept() as wire:
            cat.write(b"one\n\nthree \0 and\r\n")
            for expected in (b"one", b"", b"three \0 and\r"):
                self.assertEqual(wire.receive(), expected)
            cat.write(b"the last has no newline")
            cat.end_input()
            self.assertEqual(wire.receive(), b"the last has no newline")
            wire.send(b"an answer after the end of input")
            self.assertEqual(cat.line(), b"an answer after the end of input")
            wire.socket.close()
            self.assertEqual(cat.wait(), OK)
            self.assertEqual((cat.rest(), cat.rest("stderr")), ([], []))

    def test_close_on_eof_sends_everything_first(self):
        for option in ("-N", "--close-on-eof"):
            with Listener() as listener, client(listener, option) as cat:
                lines = [b"%d" % i * 1000 for i in range(2000)]
                writer = threading.Thread(
                    target=lambda: (cat.write(b"\n".join(lines)), cat.end_input()))
                writer.start()
                with listener.accept() as wire:
                    self.assertTrue([wire.receive() for _ in lines] == lines)
                    self.assertTrue(wire.is_closed())
                writer.join()
                self.assertEqual(cat.wait(), OK)

    def test_file_is_one_message_and_input_is_not_read(self):
        with file_with(BINARY) as file, Listener() as listener, \
                client(listener, "--file", file.name, "-N") as cat:
            with listener.accept() as wire:
                write_to_the_end(cat, b"never sent\n")
                self.assertEqual(wire.receive(), BINARY)
                self.assertTrue(wire.is_closed())
            self.assertEqual(cat.wait(), OK)

    def test_an_empty_file_is_an_empty_message(self):
        with Listener() as listener, client(listener, "--file", os.devnull, "-N") as cat:
            with listener.accept() as wire:
                self.assertEqual(wire.receive(), b"")
                self.assertTrue(wire.is_closed())
            self.assertEqual(cat.wait(), OK)

    def test_standard_input_waits_for_a_slow_peer(self):
        with Listener() as listener, client(listener, "-N") as cat, listener.accept() as wire:
            written = fill_standard_input(cat)
            self.assertLess(written, FILL_LIMIT, "standard input was read without an end")
            self.assertGreater(written, 1_000_000)
            cat.end_input()
            received = 0
            while received + 65535 < written:
                size = len(wire.receive())
                received += size + 1
            if received < written:
                received += len(wire.receive())
            self.assertEqual(received, written)
            self.assertEqual(cat.wait(), OK)


class ClientReceives(unittest.TestCase):
    def received(self, *payloads, options=()):
        with Listener() as listener, client(listener, *options) as cat:
            with listener.accept() as wire:
                wire.send(*payloads)
                wire.socket.shutdown(socket.SHUT_WR)
                self.assertTrue(wire.is_closed())
            self.assertEqual(cat.wait(), OK)
            self.assertEqual(cat.rest("stderr"), [])
            return b"".join(line + b"\n" for line in cat.rest())

    def test_payload_is_printed_raw(self):
        self.assertEqual(self.received(b"text", b"", BINARY), b"text\n\n" + BINARY + b"\n")

    def test_hex(self):
        dump = self.received(b"", b"Hello", bytes(range(24, 42)), options=["--hex"]).decode()
        self.assertEqual(dump, (
            "00000000\n"
            "00000000  48 65 6c 6c 6f                                    |Hello|\n"
            "00000005\n"
            "00000000  18 19 1a 1b 1c 1d 1e 1f  20 21 22 23 24 25 26 27  |........ !\"#$%&'|\n"
            "00000010  28 29                                             |()|\n"
            "00000012\n"))

    def test_hex_of_every_byte(self):
        dump = self.received(BINARY, options=["--hex"]).decode().splitlines()
        ascii_columns = "".join(line.split("  |", 1)[1][:-1] for line in dump[:-1])
        self.assertEqual(ascii_columns,
                         "".join(chr(b) if 32 <= b < 127 else "." for b in BINARY))
        self.assertEqual(b"".join(bytes.fromhex(line[10:58]) for line in dump[:-1]), BINARY)
        self.assertEqual(dump[-1], "00000103")

    def test_count_prints_no_more(self):
        with Listener() as listener, client(listener, "--count", "2") as cat:
            with listener.accept() as wire:
                wire.send(b"1", b"2", b"3", b"4")
                self.assertEqual(cat.wait(), OK)
            self.assertEqual(cat.rest(), [b"1", b"2"])

    def test_count_loses_nothing_sent_before(self):
        with Listener() as listener, client(listener, "--count", "1") as cat, \
                listener.accept() as wire:
            cat.write(b"question\n")
            self.assertEqual(wire.receive(), b"question")
            wire.send(b"answer")
            self.assertTrue(wire.is_closed())
            self.assertEqual(cat.wait(), OK)


class ClientExits(unittest.TestCase):
    def test_count_not_reached_is_a_fault(self):
        with Listener() as listener, client(listener, "--count", "2") as cat:
            with listener.accept() as wire:
                wire.send(b"1")
                wire.socket.shutdown(socket.SHUT_WR)
                self.assertTrue(wire.is_closed())
            self.assertEqual(cat.wait(), FAULT)
            self.assertEqual(cat.rest("stderr"),
                             [b"gruvcat: the peer closed before --count was reached"])

    def test_a_peer_that_closes_before_everything_is_sent(self):
        with Listener() as listener, client(listener) as cat, listener.accept() as wire:
            fill_standard_input(cat)
            wire.socket.shutdown(socket.SHUT_WR)
            while wire.socket.recv(1 << 20):
                pass  # what was accepted still comes, the rest of standard input does not
            self.assertEqual(cat.wait(), FAULT)
            self.assertEqual(cat.rest("stderr"),
                             [b"gruvcat: the peer closed before everything was sent"])

    def test_timeout_without_a_message(self):
        with Listener() as listener, client(listener, "--timeout", "0.3") as cat:
            with listener.accept() as wire:
                self.assertTrue(wire.is_closed())
            self.assertEqual(cat.wait(), TIMEOUT)
            self.assertEqual(cat.rest("stderr"),
                             [b"gruvcat: timeout: 0 of 1 messages received"])

    def test_timeout_with_too_few(self):
        with Listener() as listener, \
                client(listener, "--count", "3", "--timeout", "0.5") as cat:
            with listener.accept() as wire:
                wire.send(b"1", b"2")
                self.assertTrue(wire.is_closed())
            self.assertEqual(cat.wait(), TIMEOUT)
            self.assertEqual(cat.rest(), [b"1", b"2"])
            self.assertEqual(cat.rest("stderr"),
                             [b"gruvcat: timeout: 2 of 3 messages received"])

    def test_timeout_with_something_received(self):
        with Listener() as listener, client(listener, "--timeout", "0.5") as cat:
            with listener.accept() as wire:
                wire.send(b"1")
                self.assertTrue(wire.is_closed())
            self.assertEqual(cat.wait(), OK)

    def test_nobody_listens(self):
        holder, port = unused_port()
        with holder:
            status, out, err = run([CAT, "127.0.0.1", str(port)])
        self.assertEqual((status, out), (FAULT, b""))
        self.assertRegex(err, r"^gruvcat: .*refused.*\n$")

    def test_a_cut_message(self):
        with Listener() as listener, client(listener) as cat:
            with listener.accept() as wire:
                wire.socket.sendall(b"\0\0\0\5cut")
            self.assertEqual(cat.wait(), FAULT)
            self.assertEqual((len(cat.rest()), len(cat.rest("stderr"))), (0, 1))

    def test_a_reset(self):
        with Listener() as listener, client(listener) as cat:
            cat.write(b"connected\n")
            with listener.accept() as wire:
                wire.receive()  # a reset before Qt has seen the connection makes it connect again
                linger = struct.pack("ii", 1, 0)
                wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.assertEqual(cat.wait(), FAULT)
            self.assertEqual(len(cat.rest("stderr")), 1)

    def test_another_protocol(self):
        with Listener() as listener, client(listener) as cat:
            with listener.accept() as wire:
                wire.socket.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                self.assertEqual(cat.wait(), FAULT)
            self.assertIn(b"HTTP", cat.rest("stderr")[0])

    def test_a_line_over_the_limit(self):
        with Listener() as listener, client(listener) as cat, listener.accept():
            cat.write(b"x" * (16 * 1024 * 1024 + 1) + b"\n")
            self.assertEqual(cat.wait(), FAULT)
            self.assertEqual(len(cat.rest("stderr")), 1)

    def test_output_that_cannot_be_written(self):
        with Listener() as listener, open("/dev/full", "wb") as full:
            def serve():
                with listener.accept() as wire:
                    wire.send(b"x")
                    wire.is_closed()
            thread = threading.Thread(target=serve)
            thread.start()
            done = subprocess.run([CAT, "127.0.0.1", str(listener.port)], stdout=full,
                                  stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                  timeout=DEADLINE, check=False)
            thread.join()
        self.assertEqual(done.returncode, FAULT)
        self.assertRegex(done.stderr, rb"^gruvcat: cannot write to standard output: .+\n$")

    def test_usage_faults(self):
        for arguments in ([], ["127.0.0.1"], ["127.0.0.1", "0"], ["127.0.0.1", "65536"],
                          ["127.0.0.1", "1", "2"], ["-l", "0", "127.0.0.1"], ["-l", "x"], ["-l"],
                          ["-l", "0", "--address", "nowhere"], ["127.0.0.1", "1", "--wrong"],
                          ["127.0.0.1", "1", "--count", "0"], ["127.0.0.1", "1", "--count", "x"],
                          ["127.0.0.1", "1", "--timeout", "0"],
                          ["127.0.0.1", "1", "--timeout", "nan"],
                          ["127.0.0.1", "1", "-N", "--count", "1"],
                          ["127.0.0.1", "1", "--file", "/nonexistent"],
                          ["127.0.0.1", "1", "--file", "/"]):
            with self.subTest(arguments):
                status, out, err = run([CAT, *arguments])
                self.assertEqual((status, out), (USAGE, b""))
                self.assertRegex(err, r"^gruvcat: .+ \(see --help\)\n$")

    def test_a_file_over_the_limit(self):
        with file_with(b"x" * (16 * 1024 * 1024 + 1)) as file:
            status, _, err = run([CAT, "127.0.0.1", "1", "--file", file.name])
        self.assertEqual(status, USAGE)
        self.assertIn("larger than the largest message, 16777216 bytes", err)

    def test_help_documents_the_exit_codes(self):
        status, out, err = run([CAT, "--help"])
        self.assertEqual((status, err), (OK, ""))
        text = out.decode()
        for word in ("Exit codes:", "  0  ", "  1  ", "  2  ", "  3  ", "--hex", "--file",
                     "--count", "--timeout", "--close-on-eof", "--listen", "--address"):
            self.assertIn(word, text)


class Listening(unittest.TestCase):
    def test_both_directions_with_two_peers(self):
        with server() as cat:
            port = listening_port(cat, "stderr")
            with Wire.connect(port) as one, Wire.connect(port) as two:
                one.send(b"from one")
                two.send(b"from two")
                self.assertEqual({cat.line(), cat.line()}, {b"from one", b"from two"})
                cat.write(b"to all\n")
                self.assertEqual((one.receive(), two.receive()), (b"to all", b"to all"))
                one.socket.close()
                cat.write(b"to the other\n")
                self.assertEqual(two.receive(), b"to the other")

    def test_input_waits_for_the_first_peer(self):
        with server("-N") as cat:
            cat.write(b"early\n")
            cat.end_input()
            with Wire.connect(listening_port(cat, "stderr")) as wire:
                self.assertEqual(wire.receive(), b"early")
                self.assertTrue(wire.is_closed())
            self.assertEqual(cat.wait(), OK)

    def test_input_waits_for_the_next_peer(self):
        with server() as cat:
            port = listening_port(cat, "stderr")
            with Wire.connect(port) as wire:
                wire.socket.sendall(b"\0\0")
            cat.expect(r"^gruvcat: 127\.0\.0\.1:\d+: .+", "stderr")  # the fault of one that is gone
            cat.write(b"for the next\n")
            with self.assertRaises(subprocess.TimeoutExpired):
                cat.process.wait(timeout=0.3)  # it would find nobody to send to, and fail
            with Wire.connect(port) as wire:
                self.assertEqual(wire.receive(), b"for the next")

    def test_goes_on_after_end_of_input_and_a_faulty_peer(self):
        with server("--count", "2") as cat:
            cat.end_input()
            port = listening_port(cat, "stderr")
            with Wire.connect(port) as wire:
                wire.send(b"one")
                wire.socket.sendall(b"\0\0")
            cat.expect(r"^gruvcat: 127\.0\.0\.1:\d+: .+", "stderr")
            with Wire.connect(port) as wire:
                wire.send(b"two")
                self.assertTrue(wire.is_closed())
            self.assertEqual(cat.wait(), OK)
            self.assertEqual(cat.rest(), [b"one", b"two"])

    def test_file_goes_to_each_peer(self):
        with file_with(BINARY) as file, server("--file", file.name) as cat:
            port = listening_port(cat, "stderr")
            for _ in range(2):
                with Wire.connect(port) as wire:
                    self.assertEqual(wire.receive(), BINARY)

    def test_hex_and_timeout(self):
        with server("--hex", "--timeout", "0.5") as cat:
            with Wire.connect(listening_port(cat, "stderr")) as wire:
                wire.send(b"\xff")
                self.assertTrue(wire.is_closed())
            self.assertEqual(cat.wait(), OK)
            self.assertEqual(cat.rest()[1:], [b"00000001"])

    def test_timeout_without_a_peer(self):
        with server("--timeout", "0.2") as cat:
            self.assertEqual(cat.wait(), TIMEOUT)

    def test_address(self):
        with server("--address", "127.0.0.3") as cat:
            cat.expect(r"^listening on 127\.0\.0\.3:\d+$", "stderr")

    def test_port_in_use(self):
        with Listener() as other:
            status, out, err = run([CAT, "-l", str(other.port)])
        self.assertEqual((status, out), (FAULT, b""))
        self.assertRegex(err, rf"^gruvcat: cannot listen on 127.0.0.1:{other.port}: .+\n$")

    def test_with_itself(self):
        with server("--count", "2") as cat:
            port = str(listening_port(cat, "stderr"))
            status, out, err = run([CAT, "localhost", port, "-N"], b"over\nthe wire\n")
            self.assertEqual((status, out, err), (OK, b"", ""))
            self.assertEqual(cat.wait(), OK)
            self.assertEqual(cat.rest(), [b"over", b"the wire"])

    def test_ctrl_c_ends_it(self):
        with server() as cat:
            listening_port(cat, "stderr")
            self.assertEqual(cat.stop(signal.SIGINT), -signal.SIGINT)


if __name__ == "__main__":
    unittest.main()
