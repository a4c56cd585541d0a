# SPDX-FileCopyrightText: 2026 The GruvSocks authors
# SPDX-License-Identifier: MIT

"""resilient-client, while its server is killed and started again under it."""

import re
import unittest

from programs import Program, listening_port, program

SERVER = program("echo-server")
CLIENT = program("resilient-client")
MESSAGES = 40


class ResilientClient(unittest.TestCase):
    def test_every_message_comes_back_or_is_told(self):
        with Program([SERVER]) as server:
            port = listening_port(server)
            client = Program([CLIENT, "127.0.0.1", str(port),
                              "--messages", str(MESSAGES), "--interval", "20"])
            with client:
                client.expect("^online$")
                client.expect("^message 3 came back$")
                server.process.kill()
                client.expect("^offline: .")
                client.expect(r"^attempt 1 follows in \d+ ms$")
                with Program([SERVER, str(port)]) as again:
                    listening_port(again)
                    client.expect("^online$")
                    client.rest()
                    self.assertEqual(client.process.wait(), 0)
            told = [re.match(rb"message (\d+) (came back|was dropped)$", line) for line in client.seen
                    if line and line.startswith(b"message ")]
            self.assertEqual(sorted(int(line[1]) for line in told), list(range(1, MESSAGES + 1)))
            back = [int(line[1]) for line in told if line[2] == b"came back"]
            self.assertEqual(back, sorted(back))
            self.assertGreater(len(back), MESSAGES / 2)


if __name__ == "__main__":
    unittest.main()
