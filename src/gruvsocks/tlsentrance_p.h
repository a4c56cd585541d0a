// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef TLSENTRANCE_P_H
#define TLSENTRANCE_P_H

#include <gruvsocks/tls_p.h>

#include <QtCore/qobject.h>

#include <chrono>
#include <functional>
#include <list>
#include <memory>

class QSslSocket;

// The server's half of TLS handshakes, on connections that were just accepted: those of one server
// in one thread. Whoever deletes it ends them.
class TlsEntrance : public QObject
{
public:
    // With the encrypted connection, which is the callee's, or null and a sentence. It may delete
    // the entrance.
    using Done = std::function<void(QSslSocket *socket, const QString &failure)>;

    // The one of home, a child of it, which is made when it is needed first.
    static TlsEntrance *of(QObject *home);
    static void endAll(QObject *home);
    explicit TlsEntrance(QObject *home);
    ~TlsEntrance() override;

    void admit(qintptr descriptor, const Tls::Configuration &tls, std::chrono::milliseconds timeout,
               const Done &done);

private:
    class Handshake;
    static TlsEntrance *find(const QObject *home);
    using Handshakes = std::list<std::unique_ptr<Handshake>>;

    Handshakes m_handshakes; // the oldest first
};

#endif // TLSENTRANCE_P_H
