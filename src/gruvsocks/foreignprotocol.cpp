// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/foreignprotocol_p.h>
#include <gruvsocks/wording_p.h>

#include <QtCore/qendian.h>

#include <algorithm>
#include <cstring>

namespace {

struct Signature
{
    const char *start;
    size_t size;
    const char *what;
};

// HTTP: RFC 9110 methods and an HTTP/1.1 answer. TLS: a handshake record, RFC 8446 section 5.1.
// SSH: RFC 4253 section 4.2. gzip: RFC 1952. PROXY v1 and v2: HAProxy's proxy-protocol.txt.
constexpr Signature Signatures[] = {
    { "GET ", 4, "it speaks HTTP" },
    { "HEAD", 4, "it speaks HTTP" },
    { "POST", 4, "it speaks HTTP" },
    { "PUT ", 4, "it speaks HTTP" },
    { "DELE", 4, "it speaks HTTP" },
    { "OPTI", 4, "it speaks HTTP" },
    { "CONN", 4, "it speaks HTTP" },
    { "TRAC", 4, "it speaks HTTP" },
    { "PATC", 4, "it speaks HTTP" },
    { "HTTP", 4, "it speaks HTTP" },
    { "PRI ", 4, "it speaks HTTP/2" },
    { "\x16\x03", 2, "it speaks TLS" },
    { "\x15\x03", 2, "it speaks TLS" },
    { "SSH-", 4, "it speaks SSH" },
    { "\x1f\x8b", 2, "it sends gzip data" },
    { "PROX", 4, "it speaks the PROXY protocol" },
    { "\r\n\r\n", 4, "it speaks the PROXY protocol" },
};

bool isPrintable(const QByteArray &bytes)
{
    return std::all_of(bytes.cbegin(), bytes.cend(), [](char c) {
        return (c >= ' ' && c <= '~') || c == '\r' || c == '\n' || c == '\t';
    });
}

QString quoted(const QByteArray &bytes)
{
    if (!isPrintable(bytes))
        return QString::fromLatin1(bytes.toHex(' ').toUpper());
    QString text = QString::fromLatin1(bytes);
    text.replace(u'\r', QLatin1String("\\r")).replace(u'\n', QLatin1String("\\n"));
    return u'\'' + text.replace(u'\t', QLatin1String("\\t")) + u'\'';
}

const char *recognise(const QByteArray &header)
{
    for (const Signature &signature : Signatures) {
        if (std::memcmp(header.constData(), signature.start, signature.size) == 0)
            return signature.what;
    }
    return isPrintable(header) ? "it sends plain text" : nullptr;
}

} // namespace

/*
    A sentence for the length that \a header holds, which exceeds \a maximumMessageSize. A wrong
    peer is more common than a large message, so known beginnings are named.
*/
QString ForeignProtocol::describe(const QByteArray &header, qint64 maximumMessageSize)
{
    if (const char *what = recognise(header)) {
        return QStringLiteral("the peer sent %1 where a length was expected: %2, not this protocol")
                .arg(quoted(header), QLatin1String(what));
    }
    return QStringLiteral("the peer announced a message of %1 bytes (%2), which exceeds "
                          "maximumMessageSize (%3)")
            .arg(grouped(qFromBigEndian<quint32>(header.constData())), quoted(header),
                 grouped(maximumMessageSize));
}
