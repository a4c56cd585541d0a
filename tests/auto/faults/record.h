// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef RECORD_H
#define RECORD_H

#include <gruvsocks/gruvsocket.h>

#include <QtCore/qhashfunctions.h>

#include <vector>

// What is remembered of a message. Not the message: its memory is to be used again.
struct Digest
{
    explicit Digest(const QByteArray &message)
        : size(message.size())
        , hash(qHashBits(message.constData(), size_t(message.size())))
    {}
    bool operator==(const Digest &other) const { return size == other.size && hash == other.hash; }

    qsizetype size;
    size_t hash;
};

// What one end of a connection did and was told.
struct Record
{
    quint16 clientPort = 0; // what both ends have in common; 0: it never knew
    bool wasTaken = false;  // by a server: up from the beginning
    bool isHonest = false;  // of the client that comes last, perhaps from the same port

    bool hasClosed = false;        // it called disconnectFromHost()
    bool hasAborted = false;       // it called abort()
    bool hasClosedInMidst = false; // while another thread sent: what is before, what after?
    std::vector<Digest> sent;      // what sendMessage() returned true for
    std::vector<Digest> received;

    int connected = 0;
    int disconnected = 0;
    int late = 0; // signals after disconnected()
    int faults = 0;
    GruvSocket::Error fault = GruvSocket::Error::NoError;
    QString text; // the sentence of the end

    bool cameUp() const { return wasTaken || connected > 0; }
};

#endif // RECORD_H
