// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef GRUVDISCONNECTREASON_H
#define GRUVDISCONNECTREASON_H

#include <gruvsocks/gruvsocks_export.h>

#include <QtCore/qmetatype.h>
#include <QtCore/qobjectdefs.h>
#include <QtCore/qstring.h>

class QDebug;

struct GRUVSOCKS_EXPORT GruvDisconnectReason
{
    Q_GADGET
    Q_PROPERTY(EndedBy endedBy MEMBER endedBy)
    Q_PROPERTY(Stage stage MEMBER stage)
    Q_PROPERTY(qint64 unsentBytes MEMBER unsentBytes)
    Q_PROPERTY(qint64 unacknowledgedBytes MEMBER unacknowledgedBytes)
    Q_PROPERTY(int osError MEMBER osError)
    Q_PROPERTY(QString osErrorString MEMBER osErrorString)
    Q_PROPERTY(Protocol protocol MEMBER protocol)
    Q_PROPERTY(bool isTlsRefusal MEMBER isTlsRefusal)

public:
    enum class EndedBy { Nobody, ThisEnd, Peer, Deadline, Network };
    Q_ENUM(EndedBy)

    enum class Stage { Unconnected, Connecting, BetweenMessages, InsideMessage, Closing };
    Q_ENUM(Stage)

    enum class Protocol { Unknown, Http, Tls, Ssh, Gzip, Proxy, Text };
    Q_ENUM(Protocol)

    EndedBy endedBy = EndedBy::Nobody;
    Stage stage = Stage::Unconnected;
    qint64 unsentBytes = 0;
    qint64 unacknowledgedBytes = 0; // -1: the system does not tell
    int osError = 0;
    QString osErrorString;
    Protocol protocol = Protocol::Unknown; // what a refused length looks like
    bool isTlsRefusal = false;             // not one that was only cut
};

GRUVSOCKS_EXPORT QDebug operator<<(QDebug debug, const GruvDisconnectReason &reason);

#endif // GRUVDISCONNECTREASON_H
