# SPDX-FileCopyrightText: 2026 The GruvSocks authors
# SPDX-License-Identifier: MIT

"""signals-chat: a server that relays, clients on standard input."""

import signal
import unittest

from programs import Listener, Program, Wire, listening_port, program, run, unused_port

CHAT = program("signals-chat")


class SignalsChat(unittest.TestCase):
    def test_relays_between_two_clients(self):
        with Program([CHAT, "--listen", "0"]) as server:
            port = str(listening_port(server))
            with Program([CHAT, "127.0.0.1", port, "ada"]) as ada, \
                    Program([CHAT, "127.0.0.1", port]) as guest:
                guest.write(b"first\n")
                self.assertEqual(guest.line(), b"guest: first")  # the guest is connected
                ada.write("gr\u00fc\u00df euch\nall\n".encode())
                for client in (ada, guest):
                    client.expect("^ada: gr\u00fc\u00df euch$")
                    client.expect("^ada: all$")
                guest.write(b"hello ada\n")
                ada.expect("^guest: hello ada$")

    def test_end_of_input_ends_gracefully(self):
        with Listener() as listener:
            with Program([CHAT, "127.0.0.1", str(listener.port), "eve"]) as client:
                client.write(b"one\n\nlast, without a newline")
                client.end_input()
                with listener.accept() as wire:
                    for expected in (b"eve: one", b"eve: ", b"eve: last, without a newline"):
                        self.assertEqual(wire.receive(), expected)
                    self.assertTrue(wire.is_closed())
                self.assertEqual(client.wait(), 0)
                self.assertEqual(client.rest("stderr"), [b"The connection is closed."])

    def test_the_server_leaves(self):
        with Program([CHAT, "--listen", "0"]) as server, \
                Program([CHAT, "127.0.0.1", str(listening_port(server))]) as client:
            client.write(b"x\n")
            self.assertEqual(client.line(), b"guest: x")
            server.stop(signal.SIGTERM)
            self.assertEqual(client.line("stderr"), b"The connection is closed.")
            self.assertEqual(client.wait(), 0)

    def test_a_cut_message_is_a_fault(self):
        with Listener() as listener, \
                Program([CHAT, "127.0.0.1", str(listener.port)]) as client:
            with listener.accept() as wire:
                wire.socket.sendall(b"\0\0\0\5cut")
            self.assertEqual(client.wait(), 1)
            errors = client.rest("stderr")
            self.assertEqual(len(errors), 2, errors)
            self.assertEqual(errors[1], b"The connection is closed.")

    def test_nobody_listens(self):
        holder, port = unused_port()
        with holder:
            status, out, err = run([CHAT, "127.0.0.1", str(port)])
        self.assertEqual((status, out), (1, b""))
        self.assertRegex(err, r"^.*refused.*\n$")

    def test_port_in_use(self):
        with Listener() as other:
            status, _, err = run([CHAT, "--listen", str(other.port)])
            self.assertEqual(status, 1)
            self.assertRegex(err, rf"^cannot listen on 127.0.0.1:{other.port}: .+\n$")

    def test_usage(self):
        for arguments in ([], ["--listen"], ["127.0.0.1", "port"]):
            status, out, err = run([CHAT, *arguments])
            self.assertEqual((status, out), (2, b""))
            self.assertTrue(err.startswith("usage: "))

    def test_a_plain_peer_is_relayed(self):
        with Program([CHAT, "--listen", "0"]) as server:
            port = listening_port(server)
            with Wire.connect(port) as one, Wire.connect(port) as two:
                two.send(b"ping")
                self.assertEqual(two.receive(), b"ping")
                one.send(b"hi")
                while one.receive() != b"hi":
                    pass
                self.assertEqual(two.receive(), b"hi")


if __name__ == "__main__":
    unittest.main()
