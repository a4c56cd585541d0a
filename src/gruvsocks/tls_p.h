// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef TLS_P_H
#define TLS_P_H

#include <QtNetwork/qabstractsocket.h>
#include <QtNetwork/qsslerror.h>

#include <memory>

class QSslConfiguration;
class QTcpSocket;

// What both ends of an encrypted connection know of TLS.
namespace Tls {

// Null: not encrypted. A QSslConfiguration, even a null one, has Qt load the TLS library.
using Configuration = std::shared_ptr<const QSslConfiguration>;

// TLS 1.2 at least.
QSslConfiguration bounded(const QSslConfiguration &configuration);
// Qt's own.
Configuration ofClient();
// TLS 1.2 at least; and a client that is refused is told why. Null of a null one.
Configuration ofServer(const QSslConfiguration &configuration);
// A sentence for people.
QString handshakeFailure(QAbstractSocket::SocketError error, const QString &text,
                         const QList<QSslError> &errors);
bool isEncrypted(const QTcpSocket *socket);
// What was agreed on, the peer's certificate included; null of a socket that is not encrypted.
Configuration sessionOf(const QTcpSocket *socket);

} // namespace Tls

#endif // TLS_P_H
