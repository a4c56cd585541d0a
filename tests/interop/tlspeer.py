#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GruvSocks authors
# SPDX-License-Identifier: MIT
"""A peer in Python's ssl module: sends COUNT messages and receives COUNT, both at once.

Prints "port N" when it listens, then "refused REASON" if the handshake fails, or "sent COUNT HASH",
"received COUNT HASH" and "closed HOW". The messages are those of peer.py. Its records are filled
without regard to where frames begin.

--end wait      until the other end closes, which it has to do with a close_notify
      unwrap    close_notify, and wait for the other end
      close     no close_notify, between two messages
      truncate  no close_notify, inside a message
"""
import argparse
import hashlib
import select
import signal
import socket
import ssl
import struct

from peer import Traffic, WIDE

BATCH = 1 << 15
VERSIONS = {"1.1": ssl.TLSVersion.TLSv1_1, "1.2": ssl.TLSVersion.TLSv1_2,
            "1.3": ssl.TLSVersion.TLSv1_3}


class Conversation:
    """In one thread, for Python gives no lock to the two directions of one TLS connection."""

    def __init__(self, sock, outgoing, incoming):
        self.sock, self.outgoing, self.incoming = sock, outgoing, incoming
        self.sent, self.received = hashlib.sha256(), hashlib.sha256()
        self.frames = outgoing.frames(self.sent)
        self.left, self.buffer, self.count = bytearray(), bytearray(), 0

    def run(self):
        self.sock.setblocking(False)
        while self.fill() or self.count < self.incoming.count:
            has_sent, has_received = self.send(), self.receive()
            if has_sent or has_received:
                continue
            if not any(select.select([self.sock], [self.sock] if self.left else [], [], 60)):
                raise TimeoutError("neither to be read nor to be written")
        self.sock.settimeout(60)
        if self.buffer:
            raise ValueError("more bytes than messages")

    def fill(self):
        while len(self.left) < BATCH:
            frame = next(self.frames, b"")
            if not frame:
                break
            self.left += frame
        return self.left

    def send(self):
        if not self.left:
            return False
        try:
            size = self.sock.send(self.left)
        except ssl.SSLWantWriteError:
            return False
        del self.left[:size]
        return True

    def receive(self):
        try:
            chunk = self.sock.recv(1 << 18)
        except ssl.SSLWantReadError:
            return False
        if not chunk:
            raise EOFError(f"end of stream after {self.count} messages")
        self.buffer += chunk
        while self.take():
            pass
        return True

    def take(self):
        size = struct.unpack(">I", self.buffer[:4])[0] if len(self.buffer) >= 4 else 0
        if len(self.buffer) < 4 + size:
            return False
        if self.count == self.incoming.count:
            raise ValueError("more messages than agreed on")
        if self.buffer[4:4 + size] != self.incoming.message(self.count):
            raise ValueError(f"message {self.count} ({size} bytes) is another one than sent")
        self.received.update(self.buffer[:4 + size])
        del self.buffer[:4 + size]
        self.count += 1
        return True


def finish(sock, end):
    if end == "wait":
        if sock.recv(1):  # an end without close_notify raises
            raise ValueError("more bytes than messages")
        return "after close_notify"
    if end == "unwrap":
        try:
            sock.unwrap().close()
        except ssl.SSLEOFError:  # Qt 6.4 ends in answer, but without a close_notify of its own
            pass
        return "with close_notify"
    if end == "truncate":
        sock.sendall(struct.pack(">I", 1000) + bytes(500))
    return "without close_notify"


def context_of(args):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT if args.connect else ssl.PROTOCOL_TLS_SERVER)
    if args.version == "1.1":
        context.set_ciphers("DEFAULT@SECLEVEL=0")  # OpenSSL 3 offers it at no other
    context.minimum_version = context.maximum_version = VERSIONS[args.version]
    if args.connect:
        context.load_verify_locations(args.ca)
    else:
        context.load_cert_chain(args.cert, args.key)
    return context


def connected(args):
    context = context_of(args)
    if args.connect:
        sock = socket.create_connection(("127.0.0.1", args.connect), timeout=60)
        return context.wrap_socket(sock, server_hostname="localhost", suppress_ragged_eofs=False)
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        print("port", server.getsockname()[1], flush=True)
        sock = server.accept()[0]
    sock.settimeout(60)
    return context.wrap_socket(sock, server_side=True, suppress_ragged_eofs=False)


def parsed():
    parser = argparse.ArgumentParser()
    parser.add_argument("--connect", type=int, default=0, metavar="PORT")
    parser.add_argument("--version", choices=VERSIONS, required=True)
    parser.add_argument("--ca", help="of a client")
    parser.add_argument("--cert", help="of a server")
    parser.add_argument("--key")
    parser.add_argument("--send-seed", type=int, required=True)
    parser.add_argument("--receive-seed", type=int, required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--end", choices=("wait", "unwrap", "close", "truncate"), default="wait")
    return parser.parse_args()


def main():
    args = parsed()
    signal.alarm(120)  # nobody's orphan: the test may die without a word
    try:
        sock = connected(args)
    except ssl.SSLError as error:
        print("refused", error, flush=True)
        return
    conversation = Conversation(sock, Traffic(args.send_seed, WIDE, args.count),
                                Traffic(args.receive_seed, WIDE, args.count))
    conversation.run()
    print("sent", args.count, conversation.sent.hexdigest(), flush=True)
    print("received", args.count, conversation.received.hexdigest(), flush=True)
    how = finish(sock, args.end)
    sock.close()
    print("closed", how, flush=True)


if __name__ == "__main__":
    main()
