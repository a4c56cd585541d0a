# SPDX-FileCopyrightText: 2026 The GruvSocks authors
# SPDX-License-Identifier: MIT

"""echo-server and echo-client: with each other, and each against a peer in plain sockets."""

import select
import signal
import tempfile
import threading
import unittest

from programs import DEADLINE, Listener, Program, Wire, frame, listening_port, program, run, unused_port

SERVER = program("echo-server")
CLIENT = program("echo-client")


def lines_file(content):
    file = tempfile.NamedTemporaryFile(suffix=" with spaces.txt")
    file.write(content)
    file.flush()
    return file


class Together(unittest.TestCase):
    def test_everything_comes_back_identical(self):
        content = "one\n\nthree, and ü\n".encode() + b"no newline \x00 at the end"
        with lines_file(content) as file, Program([SERVER]) as server:
            port = listening_port(server)
            status, out, err = run([CLIENT, "127.0.0.1", str(port), "--lines", file.name,
                                    "--big", str(8 * 1024 * 1024)])
            self.assertEqual((status, err), (0, ""))
            size = len(content) - content.count(b"\n") + 8 * 1024 * 1024
            self.assertRegex(out.decode(), rf"^messages 5\nbytes {size}\n"
                                           r"rate \d+\.\d MB/s\nidentical\n$")
            self.assertEqual(server.stop(signal.SIGTERM), 0)
            self.assertEqual((server.rest(), server.rest("stderr")), ([], []))

    def test_more_in_flight_than_the_write_buffer_holds(self):
        with lines_file((b"x" * 99_999 + b"\n") * 1000) as file, Program([SERVER]) as server:
            status, out, err = run([CLIENT, "localhost", str(listening_port(server)),
                                    "--lines", file.name])
            self.assertEqual((status, err), (0, ""))
            self.assertRegex(out.decode(), r"^messages 1000\nbytes 99999000\n")

    def test_an_empty_message(self):
        with lines_file(b"\n") as file, Program([SERVER]) as server:
            status, out, _ = run([CLIENT, "127.0.0.1", str(listening_port(server)),
                                  "--lines", file.name])
            self.assertEqual(status, 0)
            self.assertIn(b"messages 1\nbytes 0\n", out)


class Server(unittest.TestCase):
    def test_echoes_to_a_plain_socket(self):
        with Program([SERVER]) as server, Wire.connect(listening_port(server)) as wire:
            wire.send(b"", b"a", bytes(range(256)))
            self.assertEqual([wire.receive() for _ in range(3)], [b"", b"a", bytes(range(256))])

    def test_a_peer_that_does_not_read_is_not_read_from(self):
        stream = b"".join(frame(bytes([i]) * 1_000_000) for i in range(100))
        with Program([SERVER]) as server, Wire.connect(listening_port(server)) as wire:
            wire.socket.setblocking(False)
            sent = 0
            while sent < len(stream) and select.select([], [wire.socket], [], 1.0)[1]:
                sent += wire.socket.send(stream[sent:sent + 1_000_000])
            self.assertLess(sent, len(stream))  # the server has stopped reading
            wire.socket.settimeout(DEADLINE)
            sender = threading.Thread(target=wire.socket.sendall, args=[stream[sent:]])
            sender.start()
            for i in range(100):
                self.assertTrue(wire.receive() == bytes([i]) * 1_000_000)
            sender.join()

    def test_ends_by_either_signal(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with Program([SERVER, "0"]) as server:
                with Wire.connect(listening_port(server)):
                    self.assertEqual(server.stop(number), 0)

    def test_port_in_use(self):
        with Listener() as other:
            status, out, err = run([SERVER, str(other.port)])
            self.assertEqual((status, out), (1, b""))
            self.assertRegex(err, rf"^echo-server: cannot listen on 127.0.0.1:{other.port}: \S+ .*\n$")

    def test_bad_arguments(self):
        for arguments in (["70000"], ["port"], ["0", "--address", "nowhere"]):
            status, out, err = run([SERVER, *arguments])
            self.assertEqual((status, out), (1, b""))
            self.assertRegex(err, r"^echo-server: '\w+' is not .*\n$")

    def test_the_address_is_the_one_asked_for(self):
        with Program([SERVER, "--address", "127.0.0.2"]) as server:
            server.expect(r"^listening on 127\.0\.0\.2:\d+$")


class Client(unittest.TestCase):
    def answer(self, serve, *arguments):
        """Runs the client with the lines 'one' and 'two' against serve(wire)."""
        with Listener() as listener, lines_file(b"one\ntwo\n") as file:
            def accept():
                with listener.accept() as wire:
                    serve(wire)
            thread = threading.Thread(target=accept)
            thread.start()
            status, out, err = run([CLIENT, "127.0.0.1", str(listener.port), "--lines", file.name,
                                    *arguments])
            thread.join()
        self.assertEqual((status, out), (1, b""))
        return err

    def test_a_different_byte(self):
        def serve(wire):
            wire.send(wire.receive(), b"twO")
            wire.is_closed()
        self.assertEqual(self.answer(serve),
                         "echo-client: message 2 came back different: its byte 2 is wrong\n")

    def test_a_different_order(self):
        def serve(wire):
            wire.send(*reversed([wire.receive(), wire.receive()]))
            wire.is_closed()
        self.assertRegex(self.answer(serve), r"^echo-client: message 1 came back different: ")

    def test_a_different_length(self):
        def serve(wire):
            wire.send(b"one", b"two!")
            wire.receive()
            wire.receive()
            wire.is_closed()
        self.assertEqual(self.answer(serve),
                         "echo-client: message 2 came back different: 4 bytes instead of 3\n")

    def test_a_missing_message(self):
        def serve(wire):
            wire.receive()
            wire.send(b"one")
            wire.receive()
        self.assertEqual(self.answer(serve), "echo-client: the server closed the connection after "
                                             "1 of 2 messages\n")

    def test_a_cut_message(self):
        def serve(wire):
            wire.receive()
            wire.receive()
            wire.socket.sendall(b"\0\0\0\3on")
        self.assertRegex(self.answer(serve), r"^echo-client: .+\n$")

    def test_no_answer(self):
        def serve(wire):
            wire.receive()
            wire.receive()
            wire.socket.recv(1)  # returns when the client gives up
        self.assertRegex(self.answer(serve, "--timeout", "1"), r"^echo-client: .+\n$")

    def test_nobody_listens(self):
        holder, port = unused_port()
        with holder:
            status, out, err = run([CLIENT, "127.0.0.1", str(port), "--big", "1"])
        self.assertEqual((status, out), (1, b""))
        self.assertRegex(err, r"^echo-client: .*refused.*\n$")

    def test_a_message_over_the_limit(self):
        with Program([SERVER]) as server:
            status, out, err = run([CLIENT, "127.0.0.1", str(listening_port(server)),
                                    "--big", "20000000"])
        self.assertEqual((status, out), (1, b""))
        self.assertRegex(err, r"^echo-client: .*20,?000,?000.*\n$")

    def test_bad_arguments(self):
        for arguments in ([], ["127.0.0.1"], ["127.0.0.1", "x"], ["127.0.0.1", "1"],
                          ["127.0.0.1", "1", "--lines", "/nonexistent"],
                          ["127.0.0.1", "1", "--big", "many"]):
            status, out, err = run([CLIENT, *arguments])
            self.assertEqual((status, out), (1, b""))
            self.assertRegex(err, r"^echo-client: .+\n$")


if __name__ == "__main__":
    unittest.main()
