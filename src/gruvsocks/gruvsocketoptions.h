// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef GRUVSOCKETOPTIONS_H
#define GRUVSOCKETOPTIONS_H

#include <gruvsocks/gruvsocks_export.h>

#include <QtCore/qmetatype.h>
#include <QtCore/qobjectdefs.h>

#include <chrono>

class QDebug;

struct GRUVSOCKS_EXPORT GruvSocketOptions
{
    Q_GADGET
    Q_PROPERTY(std::chrono::milliseconds timeout MEMBER timeout)
    Q_PROPERTY(std::chrono::milliseconds connectTimeout MEMBER connectTimeout)
    Q_PROPERTY(std::chrono::milliseconds messageTimeout MEMBER messageTimeout)
    Q_PROPERTY(std::chrono::milliseconds firstMessageTimeout MEMBER firstMessageTimeout)
    Q_PROPERTY(std::chrono::milliseconds idleTimeout MEMBER idleTimeout)
    Q_PROPERTY(std::chrono::milliseconds deadPeerTimeout MEMBER deadPeerTimeout)
    Q_PROPERTY(std::chrono::milliseconds closeTimeout MEMBER closeTimeout)
    Q_PROPERTY(qint64 maximumMessageSize MEMBER maximumMessageSize)
    Q_PROPERTY(qint64 writeBufferLimit MEMBER writeBufferLimit)
    Q_PROPERTY(qint64 writeHighWatermark MEMBER writeHighWatermark)
    Q_PROPERTY(qint64 writeLowWatermark MEMBER writeLowWatermark)
    Q_PROPERTY(bool lowDelay MEMBER lowDelay)
    Q_PROPERTY(bool debug MEMBER debug)

public:
    static constexpr qint64 LargestMessageSize = 0x7fff'fffb; // 2 GiB - 5: the frame fits an int

    std::chrono::milliseconds timeout{ 60'000 };
    std::chrono::milliseconds connectTimeout{ 10'000 };
    std::chrono::milliseconds messageTimeout{ 60'000 };  // 0: off
    std::chrono::milliseconds firstMessageTimeout{ 0 };  // 0: off
    std::chrono::milliseconds idleTimeout{ 0 };          // 0: off
    std::chrono::milliseconds deadPeerTimeout{ 60'000 }; // 0: off
    std::chrono::milliseconds closeTimeout{ 10'000 };
    qint64 maximumMessageSize = 16 * 1024 * 1024; // bytes of payload, both directions
    qint64 writeBufferLimit = 64 * 1024 * 1024;   // bytes on the wire
    qint64 writeHighWatermark = 1024 * 1024;
    qint64 writeLowWatermark = 256 * 1024;
    bool lowDelay = true;
    bool debug = false;

    GruvSocketOptions bounded() const;
};

GRUVSOCKS_EXPORT bool operator==(const GruvSocketOptions &a, const GruvSocketOptions &b);
GRUVSOCKS_EXPORT bool operator!=(const GruvSocketOptions &a, const GruvSocketOptions &b);
GRUVSOCKS_EXPORT QDebug operator<<(QDebug debug, const GruvSocketOptions &options);

#endif // GRUVSOCKETOPTIONS_H
