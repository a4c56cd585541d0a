// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvsocketoptions.h>

#include <QtCore/qdebug.h>

#include <algorithm>
#include <tuple>

/*!
    \class GruvSocketOptions
    \inmodule GruvSocks
    \brief Every limit and deadline of a connection in one place.

    A value type shared by GruvSocket and GruvServer. 0 means "off" only where it is said so below.
    Deadlines are kept with a coarse timer: they are met within about 5 %.

    \table
    \header \li Field \li Default \li Meaning
    \row \li timeout \li 60 s \li how long GruvSocket::read() and the other blocking calls wait;
         0 = they do not wait
    \row \li connectTimeout \li 10 s \li the whole connect, name lookup and all addresses included
    \row \li messageTimeout \li 60 s \li a message that has begun to arrive must be complete within
         this; not counted while reading is paused; 0 = off
    \row \li firstMessageTimeout \li 0 \li the first message of the peer must be complete within
         this after the connection came up, which a server asks of who may be nobody's client; not
         counted while reading is paused; 0 = off
    \row \li idleTimeout \li 0 \li a connection on which no byte moves either way for this long is
         ended; while reading is paused it counts only while the peer does not take what is to be
         sent; 0 = off
    \row \li deadPeerTimeout \li 60 s \li a peer whose system stops answering is given up after
         this, by TCP keepalive while idle (whole seconds, at least 2) and by what TCP_INFO tells
         while data is under way (tcp(7)); no bytes of ours. A peer that only does not read is not
         dead. 0 = off
    \row \li closeTimeout \li 10 s \li how long a graceful close may take before it is an abort
    \row \li maximumMessageSize \li 16 MiB \li bytes of payload, both directions; at most
         LargestMessageSize; 0 allows only empty messages
    \row \li writeBufferLimit \li 64 MiB \li bytes on the wire; GruvSocket::sendMessage() refuses
         what goes beyond; at least twice the largest message, else one may be refused while
         isWritable() is true. A message from another thread counts 64 bytes more until the thread
         of the socket has taken it over, for the memory it needs
    \row \li writeHighWatermark \li 1 MiB \li GruvSocket::writableChanged(false) at this many
         bytes; at most half of writeBufferLimit, so that it comes before messages are refused
    \row \li writeLowWatermark \li 256 KiB \li GruvSocket::writableChanged(true) at this many bytes
    \row \li lowDelay \li true \li TCP_NODELAY
    \row \li debug \li false \li log each step to gruv.socket or gruv.server; sizes, never payload
    \endtable
*/

/*!
    Returns the options with every value inside its range: times are 0 to 100 years, sizes
    not negative, the message size at most LargestMessageSize (2 GiB - 5 bytes), the high watermark
    at most half of writeBufferLimit, the low one at most the high.
*/
GruvSocketOptions GruvSocketOptions::bounded() const
{
    constexpr std::chrono::milliseconds zero{ 0 };
    constexpr std::chrono::milliseconds longest = std::chrono::hours(24 * 365 * 100);
    GruvSocketOptions o = *this;
    for (auto *time : { &o.timeout, &o.connectTimeout, &o.messageTimeout, &o.firstMessageTimeout,
                        &o.idleTimeout, &o.deadPeerTimeout, &o.closeTimeout })
        *time = std::clamp(*time, zero, longest);
    for (qint64 *size : { &o.writeBufferLimit, &o.writeHighWatermark, &o.writeLowWatermark })
        *size = std::max<qint64>(*size, 0);
    o.maximumMessageSize = std::clamp<qint64>(o.maximumMessageSize, 0, LargestMessageSize);
    o.writeHighWatermark = std::clamp<qint64>(o.writeHighWatermark, 1,
                                              std::max<qint64>(o.writeBufferLimit / 2, 1));
    o.writeLowWatermark = std::min(o.writeLowWatermark, o.writeHighWatermark);
    return o;
}

static auto fields(const GruvSocketOptions &o)
{
    return std::tie(o.timeout, o.connectTimeout, o.messageTimeout, o.firstMessageTimeout,
                    o.idleTimeout, o.deadPeerTimeout, o.closeTimeout, o.maximumMessageSize,
                    o.writeBufferLimit, o.writeHighWatermark, o.writeLowWatermark, o.lowDelay,
                    o.debug);
}

/*! \relates GruvSocketOptions
    Returns whether all fields of \a a and \a b are equal. */
bool operator==(const GruvSocketOptions &a, const GruvSocketOptions &b)
{
    return fields(a) == fields(b);
}

/*! \relates GruvSocketOptions
    Returns whether any field of \a a and \a b differs. */
bool operator!=(const GruvSocketOptions &a, const GruvSocketOptions &b)
{
    return !(a == b);
}

/*! \relates GruvSocketOptions
    Writes all fields of \a options to \a debug, times in milliseconds. */
QDebug operator<<(QDebug debug, const GruvSocketOptions &options)
{
    const QDebugStateSaver saver(debug);
    debug.nospace() << "GruvSocketOptions(timeout=" << options.timeout.count()
                    << " connectTimeout=" << options.connectTimeout.count()
                    << " messageTimeout=" << options.messageTimeout.count()
                    << " firstMessageTimeout=" << options.firstMessageTimeout.count()
                    << " idleTimeout=" << options.idleTimeout.count()
                    << " deadPeerTimeout=" << options.deadPeerTimeout.count()
                    << " closeTimeout=" << options.closeTimeout.count()
                    << " maximumMessageSize=" << options.maximumMessageSize
                    << " writeBufferLimit=" << options.writeBufferLimit
                    << " writeHighWatermark=" << options.writeHighWatermark
                    << " writeLowWatermark=" << options.writeLowWatermark
                    << " lowDelay=" << options.lowDelay << " debug=" << options.debug << ')';
    return debug;
}
