#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GruvSocks authors
# SPDX-License-Identifier: MIT
"""A peer in Python's standard library alone: sends COUNT messages and receives COUNT, both at once.

Prints "port N" when it listens, then "sent COUNT HASH", "received COUNT HASH" and "closed first" or
"closed after end of stream". The hash runs over every frame as it stands on the wire. Which
messages they are follows from the seeds; the same lines stand in traffic.cpp and peer.erl.
"""
import argparse
import hashlib
import random
import signal
import socket
import struct
import threading

PERIOD = 65521
MIXED, TINY, WIDE = "mixed", "tiny", "wide"


class Traffic:
    def __init__(self, seed, profile, count):
        self.seed, self.profile, self.count = seed, profile, count
        state, block = seed, bytearray()
        for _ in range(PERIOD):
            state = (state * 1103515245 + 12345) & 0xFFFFFFFF
            block.append(state >> 16 & 255)
        self.block = bytes(block + block)

    def length(self, index):
        mix = (self.seed + index) * 2654435761 & 0xFFFFFFFF
        mix ^= mix >> 15
        return {MIXED: self.mixed, TINY: self.tiny, WIDE: self.wide}[self.profile](index, mix)

    @staticmethod
    def mixed(index, mix):
        for every, at, size in ((5000, 2499, 16 << 20), (1500, 749, 1 << 20), (200, 99, 65536),
                                (200, 149, 65535), (20, 7, 1024), (20, 13, 1023)):
            if index % every == at:
                return size
        kind = mix >> 16 & 7
        return kind if kind < 6 else (mix >> 19) % (200 if kind == 6 else 3000)

    @staticmethod
    def tiny(index, mix):
        for every, at, size in ((10000, 3000, 65535), (10000, 6000, 65536), (2500, 1249, 1023),
                                (2500, 1874, 1024)):
            if index % every == at:
                return size
        return (mix >> 16) % 6

    @staticmethod
    def wide(index, mix):
        for every, at, size in ((100, 7, 0), (100, 13, 70000)):
            if index % every == at:
                return size
        return mix % 70001

    def message(self, index):
        length = self.length(index)
        offset = (self.seed % PERIOD + index * 7919) % PERIOD
        if length <= PERIOD:
            return self.block[offset:offset + length]
        turn = self.block[offset:offset + PERIOD]
        return (turn * (length // PERIOD + 1))[:length]

    def frames(self, digest):
        for index in range(self.count):
            message = self.message(index)
            frame = struct.pack(">I", len(message)) + message
            digest.update(frame)
            yield frame


def send_plain(frames, sock, _rng):
    for frame in frames:
        sock.sendall(frame)


def send_partial(frames, sock, rng):
    """Cuts the stream wherever chance has it, whatever the frames are."""
    left = b""
    for frame in frames:
        view, at = memoryview(left + frame), 0
        size = rng.choice((1, 2, 3, 5, 7, 100, 1460, 65536, 300000))
        while len(view) - at >= size:
            sock.sendall(view[at:at + size])
            at += size
            size = rng.choice((1, 2, 3, 5, 7, 100, 1460, 65536, 300000))
        left = bytes(view[at:])
    sock.sendall(left)


def send_bytes(frames, sock, _rng):
    for frame in frames:
        for at in range(len(frame)):
            sock.sendall(frame[at:at + 1])


def send_pairs(frames, sock, _rng):
    first = None
    for frame in frames:
        if first is None:
            first = frame
        else:
            sock.sendall(first + frame)
            first = None
    sock.sendall(first or b"")


def send_split_headers(frames, sock, _rng):
    for frame in frames:
        sock.sendall(frame[:2])
        sock.sendall(frame[2:])


SENDING = {"plain": send_plain, "partial": send_partial, "bytes": send_bytes, "pairs": send_pairs,
           "split-headers": send_split_headers}


class Receiver:
    def __init__(self, sock, small, rng):
        self.sock, self.small, self.rng = sock, small, rng

    def exactly(self, size):
        data = bytearray()
        while len(data) < size:
            most = self.rng.randint(1, 8192) if self.small else 1 << 18
            chunk = self.sock.recv(min(most, size - len(data)))
            if not chunk:
                raise EOFError(f"end of stream after {len(data)} of {size} bytes")
            data += chunk
        return data

    def messages(self, expected, digest):
        for index in range(expected.count):
            header = self.exactly(4)
            message = self.exactly(struct.unpack(">I", header)[0])
            if message != expected.message(index):
                raise ValueError(f"message {index} ({len(message)} bytes) is another one than sent")
            digest.update(header)
            digest.update(message)


def exchange(sock, args):
    outgoing = Traffic(args.send_seed, args.profile, args.count)
    incoming = Traffic(args.receive_seed, args.profile, args.count)
    sent, received = hashlib.sha256(), hashlib.sha256()
    rng = random.Random(args.send_seed)

    def send():
        SENDING[args.sending](outgoing.frames(sent), sock, rng)
        print("sent", args.count, sent.hexdigest(), flush=True)

    sender = threading.Thread(target=send, daemon=True)
    sender.start()
    if args.reading == "late":
        sender.join()
    receiver = Receiver(sock, args.reading == "small", random.Random(args.receive_seed))
    receiver.messages(incoming, received)
    print("received", args.count, received.hexdigest(), flush=True)
    sender.join()


def finish(sock, close):
    if close == "first":
        sock.close()
        print("closed first", flush=True)
        return
    rest = sock.recv(1)
    if rest:
        raise ValueError("more bytes than messages")
    sock.close()
    print("closed after end of stream", flush=True)


def connected(args):
    buffer = 4096 if args.reading == "small" else 0
    if args.connect:
        sock = socket.socket()
        if buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        sock.connect(("127.0.0.1", args.connect))
    else:
        with socket.socket() as server:
            if buffer:
                server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
            server.bind(("127.0.0.1", 0))
            server.listen()
            print("port", server.getsockname()[1], flush=True)
            sock = server.accept()[0]
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--connect", type=int, default=0, metavar="PORT")
    parser.add_argument("--send-seed", type=int, required=True)
    parser.add_argument("--receive-seed", type=int, required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--profile", choices=(MIXED, TINY), default=MIXED)
    parser.add_argument("--sending", choices=SENDING, default="plain")
    parser.add_argument("--reading", choices=("plain", "small", "late"), default="plain")
    parser.add_argument("--close", choices=("first", "wait"), default="wait")
    args = parser.parse_args()
    signal.alarm(120)  # nobody's orphan: the test may die without a word
    sock = connected(args)
    exchange(sock, args)
    finish(sock, args.close)


if __name__ == "__main__":
    main()
