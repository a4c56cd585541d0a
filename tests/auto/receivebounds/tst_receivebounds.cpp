// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "tst_receivebounds.h"

#include <QtCore/qcoreapplication.h>
#include <QtCore/qelapsedtimer.h>
#include <QtTest/qsignalspy.h>

#include <memoryinuse.h>
#include <wirepair.h>

#include <cerrno>
#include <cstring>

namespace {

constexpr qint64 KiB = 1024;
constexpr qint64 MiB = 1024 * KiB;
constexpr qint64 MostFreed = 3 * MiB; // of earlier arrays, which the allocator keeps
constexpr qint64 Little = 64 * KiB;

// The peer sends past QTcpSocket, whose buffers would be measured too.
class Arrival
{
public:
    explicit Arrival(WirePair *pair)
        : m_pair(pair)
    {}
    // Returns whether all has been received.
    bool send(const char *bytes, qsizetype size, qsizetype segment)
    {
        const int descriptor = int(m_pair->peer->socketDescriptor());
        for (qsizetype at = 0; at < size; at += segment) {
            const qsizetype length = std::min(segment, size - at);
            if (::send(descriptor, bytes + at, size_t(length), MSG_NOSIGNAL) != length) {
                qWarning("send: %s", std::strerror(errno));
                return false;
            }
        }
        m_sent += size;
        QElapsedTimer time; // qWaitFor() would sleep each time
        time.start();
        while (m_pair->socket->statistics().bytesReceived < m_sent && time.elapsed() < 20'000)
            QCoreApplication::processEvents(QEventLoop::AllEvents, 100);
        if (m_pair->socket->statistics().bytesReceived < m_sent)
            qWarning("%lld of %lld bytes after %lld ms", m_pair->socket->statistics().bytesReceived,
                     m_sent, time.elapsed());
        return m_pair->socket->statistics().bytesReceived == m_sent;
    }

private:
    WirePair *const m_pair;
    qint64 m_sent = m_pair->socket->statistics().bytesReceived;
};

// A first message makes the thread borrow what it keeps for all its connections.
bool warmUp(WirePair *pair)
{
    GruvSocketOptions options;
    options.messageTimeout = {}; // on a busy machine a million segments take longer than a minute
    pair->socket->setOptions(options);
    pair->socket->setMessageHandler([](const QByteArray &) {});
    if (!pair->connect())
        return false;
    pair->peer->setSocketOption(QAbstractSocket::LowDelayOption, 1);
    const QByteArray frame = RawPeer::frame("warm");
    return Arrival(pair).send(frame.constData(), frame.size(), frame.size());
}

// Of more than 1 MiB room is reserved, not used, for eight times as much.
qint64 mostReserved(qint64 arrived, qint64 size)
{
    return std::min(size, arrived < MiB ? arrived : 8 * arrived) + Little;
}

QByteArray describe(const char *what, qint64 bytes, qsizetype arrived)
{
    return QByteArray::number(bytes) + ' ' + what + " when " + QByteArray::number(arrived)
           + " had arrived";
}

} // namespace

void tst_ReceiveBounds::headerOfAllOnesAllocatesNothing()
{
    if (liveBytes() < 0)
        QSKIP("the system does not tell how much is allocated");
    WirePair pair;
    QVERIFY(warmUp(&pair));
    QSignalSpy ended(pair.socket.get(), &GruvSocket::disconnected);
    const qint64 before = liveBytes();
    const QByteArray header = RawPeer::header(0xffff'ffff);
    QVERIFY(Arrival(&pair).send(header.constData(), header.size(), header.size()));
    QTRY_COMPARE(ended.size(), 1);
    QCOMPARE(pair.socket->error(), GruvSocket::Error::IncomingMessageTooLarge);
    // The sentence that says why, and the 16 KiB that Qt reserves when the peer sees the end.
    QVERIFY(liveBytes() - before < 24 * KiB);
}

void tst_ReceiveBounds::largeFrameCostsWhatArrived_data()
{
    QTest::addColumn<qsizetype>("size");
    QTest::addColumn<qsizetype>("step");
    for (const qsizetype step : { 1'460, 16 * 1024, 100'000 }) {
        QTest::addRow("1-mib-by-%d", int(step)) << qsizetype(MiB) << step;
        QTest::addRow("16-mib-by-%d", int(step)) << qsizetype(16 * MiB) << step;
    }
}

void tst_ReceiveBounds::largeFrameCostsWhatArrived()
{
    QFETCH(qsizetype, size);
    QFETCH(qsizetype, step);
    if (liveBytes() < 0)
        QSKIP("the system does not tell how much is allocated");
    WirePair pair;
    QVERIFY(warmUp(&pair));
    const QByteArray wire = RawPeer::frame(patterned(size));
    Arrival arrival(&pair);
    releaseFreedMemory();
    const qint64 before = liveBytes();
    const qint64 residentBefore = residentBytes();
    qint64 mostAhead = 0;
    for (qsizetype at = 0; at < wire.size();) {
        const qsizetype length = std::min(step, wire.size() - at);
        QVERIFY(arrival.send(wire.constData() + at, length, length));
        at += length;
        const qint64 live = liveBytes() - before;
        QVERIFY2(live <= mostReserved(at, size), describe("live", live, at).constData());
        const qint64 resident = residentBytes() - residentBefore;
        QVERIFY2(IsSanitized || resident <= 2 * at + MostFreed,
                 describe("resident", resident, at).constData());
        mostAhead = std::max(mostAhead, resident - at);
    }
    qInfo("at most %lld bytes resident ahead of what had arrived", mostAhead);
    QCOMPARE(pair.socket->statistics().messagesReceived, 2);
}

void tst_ReceiveBounds::oneByteSegments()
{
    if (liveBytes() < 0)
        QSKIP("the system does not tell how much is allocated");
    constexpr qsizetype Burst = 32; // small enough that the reader has its turn often
    constexpr qsizetype Size = IsSanitized ? MiB / 4 : MiB; // each segment costs the system 16 us
    WirePair pair;
    QVERIFY(warmUp(&pair));
    const QByteArray wire = RawPeer::frame(patterned(Size));
    Arrival arrival(&pair);
    const qint64 before = liveBytes();
    const qint64 residentBefore = residentBytes();
    qint64 most = 0;
    qint64 mostResident = 0;
    for (qsizetype at = 0; at < wire.size(); at += Burst) {
        QVERIFY(arrival.send(wire.constData() + at, std::min(Burst, wire.size() - at), 1));
        if (at % (64 * Burst) == 0) {
            most = std::max(most, liveBytes() - before);
            mostResident = std::max(mostResident, residentBytes() - residentBefore);
        }
    }
    qInfo("%lld bytes live, %lld resident at most", most, mostResident);
    QVERIFY2(most <= Size + Size / 4, qPrintable(QString::number(most)));
    QCOMPARE(pair.socket->statistics().messagesReceived, 2);
}

QTEST_GUILESS_MAIN(tst_ReceiveBounds)
