// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/foreignprotocol_p.h>
#include <gruvsocks/wording_p.h>

#include <QtCore/qendian.h>

#include <algorithm>
#include <cstring>
#include <iterator>

namespace {

using Protocol = GruvDisconnectReason::Protocol;

struct Signature
{
    const char *start;
    size_t size;
    Protocol protocol;
    const char *what;
};

// HTTP: RFC 9110 methods and an HTTP/1.1 answer. TLS: a handshake record, RFC 8446 section 5.1.
// SSH: RFC 4253 section 4.2. gzip: RFC 1952. PROXY v1 and v2: HAProxy's proxy-protocol.txt.
// The one of plain text is for what none of the others matches.
constexpr Signature PlainText = { "", 0, Protocol::Text, "it sends plain text" };
constexpr Signature Signatures[] = {
    { "GET ", 4, Protocol::Http, "it speaks HTTP" },
    { "HEAD", 4, Protocol::Http, "it speaks HTTP" },
    { "POST", 4, Protocol::Http, "it speaks HTTP" },
    { "PUT ", 4, Protocol::Http, "it speaks HTTP" },
    { "DELE", 4, Protocol::Http, "it speaks HTTP" },
    { "OPTI", 4, Protocol::Http, "it speaks HTTP" },
    { "CONN", 4, Protocol::Http, "it speaks HTTP" },
    { "TRAC", 4, Protocol::Http, "it speaks HTTP" },
    { "PATC", 4, Protocol::Http, "it speaks HTTP" },
    { "HTTP", 4, Protocol::Http, "it speaks HTTP" },
    { "PRI ", 4, Protocol::Http, "it speaks HTTP/2" },
    { "\x16\x03", 2, Protocol::Tls, "it speaks TLS" },
    { "\x15\x03", 2, Protocol::Tls, "it speaks TLS" },
    { "SSH-", 4, Protocol::Ssh, "it speaks SSH" },
    { "\x1f\x8b", 2, Protocol::Gzip, "it sends gzip data" },
    { "PROX", 4, Protocol::Proxy, "it speaks the PROXY protocol" },
    { "\r\n\r\n", 4, Protocol::Proxy, "it speaks the PROXY protocol" },
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

const Signature *find(const QByteArray &header)
{
    const auto *found =
            std::find_if(std::begin(Signatures), std::end(Signatures), [&header](const auto &it) {
                return std::memcmp(header.constData(), it.start, it.size) == 0;
            });
    if (found != std::end(Signatures))
        return found;
    return isPrintable(header) ? &PlainText : nullptr;
}

} // namespace

GruvDisconnectReason::Protocol ForeignProtocol::recognise(const QByteArray &header)
{
    const Signature *found = find(header);
    return found ? found->protocol : Protocol::Unknown;
}

/*
    A sentence for the length that \a header holds, which exceeds \a maximumMessageSize. A wrong
    peer is more common than a large message, so known beginnings are named.
*/
QString ForeignProtocol::describe(const QByteArray &header, qint64 maximumMessageSize)
{
    if (const Signature *found = find(header)) {
        return QStringLiteral("the peer sent %1 where a length was expected: %2, not this protocol")
                .arg(quoted(header), QLatin1String(found->what));
    }
    return QStringLiteral("the peer announced a message of %1 bytes (%2), which exceeds "
                          "maximumMessageSize (%3)")
            .arg(grouped(qFromBigEndian<quint32>(header.constData())), quoted(header),
                 grouped(maximumMessageSize));
}
