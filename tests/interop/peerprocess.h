// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef PEERPROCESS_H
#define PEERPROCESS_H

#include <QtCore/qbytearraylist.h>
#include <QtCore/qprocess.h>
#include <QtCore/qstringlist.h>

#include <chrono>

// A peer in a process of its own, which tells on stdout, line by line, what it met.
// It never outlives the object.
class PeerProcess : public QObject
{
    Q_OBJECT

public:
    PeerProcess();
    ~PeerProcess() override;

    void start(const QString &program, const QStringList &arguments);
    void tell(const QByteArray &line); // on its stdin

    // Both run the event loop meanwhile. The rest of the line that begins so; null: none came.
    QByteArray line(const QByteArray &beginning,
                    std::chrono::milliseconds timeout = std::chrono::seconds(60));
    quint16 port();
    bool endsWell(std::chrono::milliseconds timeout = std::chrono::seconds(60)); // with exit code 0

    QByteArray heard() const; // everything it said, for messages of failures

Q_SIGNALS:
    void changed();

private:
    void takeOutput();
    QByteArray found(const QByteArray &beginning) const;

    QProcess m_process;
    QByteArray m_partial;
    QByteArrayList m_lines;
};

#endif // PEERPROCESS_H
