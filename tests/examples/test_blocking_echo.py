# SPDX-FileCopyrightText: 2026 The GruvSocks authors
# SPDX-License-Identifier: MIT

"""The two scripts of gruv-socks' README, as blocking-echo-server and blocking-echo-client."""

import signal
import unittest

from programs import Listener, Program, Wire, listening_port, program, run, unused_port

SERVER = program("blocking-echo-server")
CLIENT = program("blocking-echo-client")


class BlockingEcho(unittest.TestCase):
    def test_hello_world_goes_round(self):
        with Program([SERVER, "0"]) as server:
            port = str(listening_port(server))
            for _ in range(3):
                self.assertEqual(run([CLIENT, port]), (0, b"Hello world!\n", ""))
                self.assertEqual(server.line(), b"127.0.0.1 said: Hello world!")
            self.assertEqual(server.stop(signal.SIGINT), 0)
            self.assertEqual((server.rest(), server.rest("stderr")), ([], []))

    def test_the_server_closes_after_one_answer(self):
        with Program([SERVER, "0"]) as server, Wire.connect(listening_port(server)) as wire:
            wire.send("grüß dich".encode())
            self.assertEqual(wire.receive().decode(), "grüß dich")
            self.assertTrue(wire.is_closed())
            self.assertEqual(server.line().decode(), "127.0.0.1 said: grüß dich")

    def test_a_peer_that_leaves_is_a_client_error(self):
        with Program([SERVER, "0"]) as server:
            with Wire.connect(listening_port(server)):
                pass
            self.assertEqual(server.line(), b"client error")
            self.assertEqual(server.stop(signal.SIGTERM), 0)

    def test_ends_by_either_signal(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with Program([SERVER, "0"]) as server:
                listening_port(server)
                self.assertEqual(server.stop(number), 0)

    def test_ends_with_a_handler_still_reading(self):
        with Program([SERVER, "0"]) as server, Wire.connect(listening_port(server)) as wire:
            with Wire.connect(wire.socket.getpeername()[1]) as second:
                second.send(b"x")
                self.assertEqual(second.receive(), b"x")  # so the first is accepted, too
            self.assertEqual(server.stop(signal.SIGINT), 0)

    def test_port_in_use(self):
        with Listener() as other:
            status, out, err = run([SERVER, str(other.port)])
            self.assertEqual((status, out), (1, b""))
            self.assertRegex(err, rf"^blocking-echo-server: cannot listen on 127.0.0.1:{other.port}: .+\n$")

    def test_nobody_listens(self):
        holder, port = unused_port()
        with holder:
            status, out, err = run([CLIENT, str(port)])
        self.assertEqual((status, out), (1, b""))
        self.assertRegex(err, r"^blocking-echo-client: .*refused.*\n$")

    def test_bad_port(self):
        for name in (SERVER, CLIENT):
            status, out, err = run([name, "5551x"])
            self.assertEqual((status, out), (1, b""))
            self.assertRegex(err, r"^blocking-echo-\w+: '5551x' is not a port\n$")


if __name__ == "__main__":
    unittest.main()
