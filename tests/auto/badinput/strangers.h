// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef STRANGERS_H
#define STRANGERS_H

#include <gruvsocks/gruvsocketoptions.h>

#include <QtCore/qbytearray.h>
#include <QtCore/qlist.h>

#include <rawpeer.h>

#include <random>

// What arrives from peers that speak something else, and what the error must say of it.
struct Stranger
{
    const char *name;
    QByteArray bytes;
    QByteArrayList words; // in the sentence
};
Q_DECLARE_METATYPE(Stranger)

inline QByteArray randomAboveLimit()
{
    std::mt19937 random(4);
    QByteArray bytes("\xd3\x07", 2);
    while (bytes.size() < 300)
        bytes.append(char(random()));
    return bytes;
}

inline QList<Stranger> binaryStrangers()
{
    const QByteArray oneOver = RawPeer::header(quint32(GruvSocketOptions().maximumMessageSize) + 1);
    return {
        { "limit-and-one",
          oneOver,
          { "announced a message", "01 00 00 01", "maximumMessageSize" } },
        { "limit-and-one-payload",
          oneOver + QByteArray(5000, 'p'),
          { "announced a message", "01 00 00 01" } },
        { "sign-bit", RawPeer::header(0x80000000u), { "announced a message", "80 00 00 00" } },
        { "all-ones", QByteArray(40, '\xff'), { "announced a message", "FF FF FF FF" } },
        { "random", randomAboveLimit(), { "announced", "D3 07", "maximumMessageSize" } },
        { "tls-client-hello",
          QByteArray("\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03", 11) + QByteArray(194, 'h'),
          { "TLS", "16 03 01 00" } },
        { "tls-alert", QByteArray("\x15\x03\x03\x00\x02\x02\x28", 7), { "TLS", "15 03 03 00" } },
        { "gzip",
          QByteArray("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b\x04", 12),
          { "gzip", "1F 8B 08 00" } },
        { "proxy-v2",
          QByteArray("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\x7f\0\0\1\x7f\0\0\1\x12\x34\x56\x78", 28),
          { "PROXY protocol", "'\\r\\n\\r\\n'" } },
    };
}

inline QList<Stranger> textStrangers()
{
    return {
        { "http-get",
          "GET /chat HTTP/1.1\r\nHost: localhost\r\n\r\n",
          { "speaks HTTP", "'GET '" } },
        { "http-post", "POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", { "HTTP", "'POST'" } },
        { "http-head", "HEAD / HTTP/1.0\r\n\r\n", { "HTTP", "'HEAD'" } },
        { "http-put", "PUT /a HTTP/1.1\r\n\r\n", { "HTTP", "'PUT '" } },
        { "http-delete", "DELETE /a HTTP/1.1\r\n\r\n", { "HTTP", "'DELE'" } },
        { "http-options", "OPTIONS * HTTP/1.1\r\n\r\n", { "HTTP", "'OPTI'" } },
        { "http-connect", "CONNECT a:443 HTTP/1.1\r\n\r\n", { "HTTP", "'CONN'" } },
        { "http-patch", "PATCH /a HTTP/1.1\r\n\r\n", { "HTTP", "'PATC'" } },
        { "http-response", "HTTP/1.1 400 Bad Request\r\n\r\n", { "HTTP", "'HTTP'" } },
        { "http-2-preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", { "HTTP/2", "'PRI '" } },
        { "ssh-banner", "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", { "speaks SSH", "'SSH-'" } },
        { "proxy-v1", "PROXY TCP4 127.0.0.1 127.0.0.1 5 6\r\n", { "PROXY protocol", "'PROX'" } },
        { "smtp-banner", "220 mail.example ESMTP\r\n", { "plain text", "'220 '" } },
        { "plain-text", "hello, is anybody there?\n", { "plain text", "'hell'" } },
        { "short-lines", "a\r\n\tb\n", { "plain text", "'a\\r\\n\\t'" } },
    };
}

inline QList<Stranger> strangers()
{
    return binaryStrangers() + textStrangers();
}

#endif // STRANGERS_H
