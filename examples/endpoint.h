// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef ENDPOINT_H
#define ENDPOINT_H

#include <QtCore/qstring.h>
#include <QtNetwork/qhostaddress.h>

#include <optional>

// "127.0.0.1:5551", "[::1]:5551"
inline QString endpoint(const QHostAddress &address, quint16 port)
{
    const bool brackets = address.protocol() == QAbstractSocket::IPv6Protocol;
    const QString form = brackets ? QStringLiteral("[%1]:%2") : QStringLiteral("%1:%2");
    return form.arg(address.toString()).arg(port);
}

inline std::optional<quint16> parsePort(const QString &text)
{
    bool ok = false;
    const quint16 port = text.toUShort(&ok);
    return ok ? std::optional(port) : std::nullopt;
}

#endif // ENDPOINT_H
