#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GruvSocks authors
# SPDX-License-Identifier: MIT
"""A peer that behaves as Python's gruv_socks 0.9.8 was seen to behave, traps included.

Written from the table in PEERS.md, not from its source. Where gruv_socks would spin for ever (FIN in
mid-payload) this one says so and stops.

  gruvlike.py PORT ACTION [ARGUMENT...]     PORT 0: listen on 127.0.0.1 and print "port N"
  gruvlike.py HOST:PORT ACTION [...]        connect to a name
  gruvlike.py @PORT ACTION [...]            listen on that port, and print it

  answer            each message is answered with "LENGTH SHA256", until the end; prints "end REASON"
  echo              gruv_socks' echo_callback in a loop; prints "end REASON"
  ask TEXT          writes TEXT, reads; prints "answer STATUS DATA"
  say SIZE...       writes messages of these sizes, waits for the end; prints "wrote TRUE..."
  drop K SIZE       writes one frame without its last K bytes, waits for the end
  stall             reads a header and 1000 bytes, prints "stalled", waits for a line on stdin, then
                    reads on to the end
  whole             the first recv() of each message must give its header and its first 16 KiB (or
                    all of it) together; answers as above
  gaps COUNT        reads COUNT messages; prints "gap MILLISECONDS", the longest inside a frame
"""
import hashlib
import select
import signal
import socket
import struct
import sys
import time

READ_TIMEOUT = 60
CONNECT_TIMEOUT = 10
SOCK_ERROR = b"SOCK_ERROR"
SOCK_TIMEOUT = b"SOCK_TIMEOUT"


def say(*words):
    print(*words, flush=True)


class Socket:
    def __init__(self, sock):
        self.sock = sock
        self.reason = ""
        self.gap = 0.0

    def write(self, data, drop=0):
        if not data:
            return True  # and nothing was sent
        frame = struct.pack(">I", len(data)) + data
        try:
            self.sock.sendall(frame[:len(frame) - drop])
        except OSError:
            return False
        return True

    def receive(self, most):
        began = time.monotonic()
        if not select.select([self.sock], [], [], READ_TIMEOUT)[0]:
            self.reason = "timeout"
            return SOCK_TIMEOUT
        self.gap = time.monotonic() - began
        try:
            chunk = self.sock.recv(most)
        except OSError as error:
            self.reason = type(error).__name__
            return None
        if not chunk:
            self.reason = "eof"
        return chunk

    def read(self):
        header = self.receive(4)  # once: a header in two pieces is beyond it
        if header is None or header == SOCK_TIMEOUT or len(header) < 4:
            if header and header != SOCK_TIMEOUT:
                self.reason = f"split header ({len(header)} bytes)"
            return False, SOCK_TIMEOUT if header == SOCK_TIMEOUT else SOCK_ERROR
        return self.payload(struct.unpack(">I", header)[0])

    def payload(self, length):
        data = bytearray()
        longest = 0.0
        while len(data) < length:
            chunk = self.receive(min(1 << 16, length - len(data)))
            if not chunk or chunk == SOCK_TIMEOUT:
                self.reason += " in mid-payload"
                return False, SOCK_ERROR
            longest = max(longest, self.gap)
            data += chunk
        self.gap = longest
        return True, bytes(data)

    def drain(self):
        while self.receive(1 << 16):
            pass


def receipt(data):
    return f"{len(data)} {hashlib.sha256(data).hexdigest()}".encode()


def answer(peer, reply=receipt):
    count = 0
    status, data = peer.read()
    while status:
        count += 1
        peer.write(reply(data))
        status, data = peer.read()
    say("end", peer.reason, "after", count)


def write_sizes(peer, *sizes):
    say("wrote", *[peer.write(b"x" * int(size)) for size in sizes])
    peer.drain()
    say("end", peer.reason)


def drop(peer, count, size):
    say("wrote", peer.write(b"x" * int(size), int(count)))
    peer.drain()
    say("end", peer.reason)


def stall(peer):
    length = struct.unpack(">I", peer.sock.recv(4))[0]
    say("stalled", length, len(peer.sock.recv(1000)))
    sys.stdin.readline()
    peer.drain()
    say("end", peer.reason)


def whole(peer):
    count = 0
    data = peer.receive(1 << 20)
    while data:
        count += 1
        length = struct.unpack(">I", data[:4].ljust(4, b"\0"))[0]
        if len(data) < 4 + min(length, 16384):
            say("end", f"{len(data)} bytes came first of a message of {length}", "after", count)
            return
        status, rest = peer.payload(length - len(data) + 4)
        peer.write(receipt(data[4:] + rest if status else b""))
        data = peer.receive(1 << 20)
    say("end", peer.reason, "after", count)


def ask(peer, text):
    peer.write(text.encode())
    status, data = peer.read()
    say("answer", status, data.decode())


def gaps(peer, count):
    longest = 0.0
    for _ in range(int(count)):
        status, _ = peer.read()
        if not status:
            break
        longest = max(longest, peer.gap)
    say("gap", round(longest * 1000))
    peer.drain()
    say("end", peer.reason)


ACTIONS = {"answer": answer, "ask": ask, "drop": drop,
           "echo": lambda peer: answer(peer, lambda data: data), "gaps": gaps,
           "say": write_sizes, "stall": stall, "whole": whole}


def connected(where, small):
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)  # IPv4 is all it knows
    if small:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    host, _, port = where.rpartition(":")
    if port != "0" and not port.startswith("@"):
        sock.settimeout(CONNECT_TIMEOUT)
        sock.connect((host or "127.0.0.1", int(port)))
        sock.settimeout(None)
        return sock
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    with sock:
        sock.bind(("127.0.0.1", int(port.lstrip("@"))))
        sock.listen()
        say("port", sock.getsockname()[1])
        return sock.accept()[0]


def main():
    signal.alarm(90)  # nobody's orphan: the test may die without a word
    where, action, *arguments = sys.argv[1:]
    peer = Socket(connected(where, action == "stall"))
    say("connected")
    ACTIONS[action](peer, *arguments)
    peer.sock.close()


if __name__ == "__main__":
    main()
