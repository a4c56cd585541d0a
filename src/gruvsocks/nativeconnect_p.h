// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef NATIVECONNECT_P_H
#define NATIVECONNECT_P_H

#include <QtCore/qstring.h>
#include <QtNetwork/qabstractsocket.h>

class QHostAddress;

// The operating system's calls that make a TCP connection.
namespace NativeConnect {

struct Outcome
{
    qintptr descriptor = -1; // -1: it has failed
    QAbstractSocket::SocketError error = QAbstractSocket::UnknownSocketError;
    QString text = {};
};

bool isSupported();
// What it returns becomes writable when finish() is due.
Outcome begin(const QHostAddress &address, quint16 port);
Outcome finish(qintptr descriptor); // which it closes, if it has failed

} // namespace NativeConnect

#endif // NATIVECONNECT_P_H
