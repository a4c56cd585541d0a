// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "tst_backpressure.h"

#include <gruvsocks/gruvserver.h>
#include <gruvsocks/gruvsocket.h>

#include <QtTest/qsignalspy.h>

#include <memoryinuse.h>
#include <rawpeer.h>
#include <sanitized.h>
#include <servertools.h>

#include "numbered.h"

#include <functional>
#include <thread>

namespace {

constexpr qint64 MiB = 1024 * 1024;
constexpr qsizetype Size = 64 * 1024;
constexpr int Count = 4096; // 256 MiB

// Beside the messages: the buffers of the sockets, and what the thread of the messages needs.
constexpr qint64 Little = MiB;

// How far memory has grown beyond what it was.
class Growth
{
public:
    Growth()
    {
        releaseFreedMemory();
        m_liveBefore = liveBytes();
        m_residentBefore = residentBytes();
    }
    void look()
    {
        m_live = std::max(m_live, liveBytes() - m_liveBefore);
        m_resident = std::max(m_resident, residentBytes() - m_residentBefore);
    }
    bool isWithin(qint64 bytes) const
    {
        return m_live <= bytes && (IsSanitized || m_resident <= bytes);
    }
    QByteArray text() const
    {
        return QByteArray::number(m_live) + " bytes live, " + QByteArray::number(m_resident)
               + " resident";
    }

private:
    qint64 m_liveBefore = 0;
    qint64 m_residentBefore = 0;
    qint64 m_live = 0;
    qint64 m_resident = 0;
};

void offer(bool fromAnotherThread, const std::function<void()> &messages)
{
    if (!fromAnotherThread) {
        messages();
        return;
    }
    std::thread thread(messages);
    thread.join();
}

// How many bytes come to a peer that reads after all; it waits for as many as are expected.
qint64 receivedBy(QTcpSocket *peer, qint64 expected)
{
    qint64 received = 0;
    const auto take = [&] { received += peer->readAll().size(); };
    const auto reading = QObject::connect(peer, &QTcpSocket::readyRead, peer, take);
    peer->setReadBufferSize(0);
    take();
    if (!QTest::qWaitFor([&] { return received >= expected; }, 20'000))
        qWarning("%lld of %lld bytes after 20 s", received, expected);
    QObject::disconnect(reading);
    return received;
}

} // namespace

void tst_Backpressure::floodIsRefusedAtTheLimit_data()
{
    QTest::addColumn<qint64>("limit");
    QTest::addColumn<bool>("fromAnotherThread");
    for (const bool fromAnotherThread : { false, true }) {
        const char *const sender = fromAnotherThread ? "from-another-thread" : "from-its-own";
        QTest::addRow("8-mib-%s", sender) << 8 * MiB << fromAnotherThread;
        QTest::addRow("default-%s", sender)
                << GruvSocketOptions().writeBufferLimit << fromAnotherThread;
    }
}

void tst_Backpressure::floodIsRefusedAtTheLimit()
{
    QFETCH(qint64, limit);
    QFETCH(bool, fromAnotherThread);
    RawPeer::Listener listener;
    GruvSocket socket;
    GruvSocketOptions options;
    options.writeBufferLimit = limit;
    socket.setOptions(options);
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    peer->setReadBufferSize(1); // it does not read
    int refusals = 0;
    connect(&socket, &GruvSocket::errorOccurred, this, [&](GruvSocket::Error error) {
        refusals += error == GruvSocket::Error::WriteBufferFull;
    });
    Growth growth;
    qint64 accepted = 0;
    offer(fromAnotherThread, [&] {
        for (int i = 0; i < Count; ++i)
            accepted += socket.sendMessage(Numbered::message(quint32(i), Size));
    });
    growth.look();
    if (fromAnotherThread)
        QTRY_VERIFY(refusals > 0); // equal ones in a row are told once
    else
        QCOMPARE(refusals, int(Count - accepted));
    growth.look();
    qInfo("%lld accepted, %s", accepted, growth.text().constData());
    QVERIFY(accepted < Count);
    QVERIFY(socket.bytesToWrite() <= limit);
    QVERIFY2(growth.isWithin(limit + Little), growth.text().constData());

    const qint64 expected = accepted * (Size + 4);
    QCOMPARE(receivedBy(peer.get(), expected), expected);
    QCOMPARE(socket.bytesToWrite(), 0);
    QVERIFY(socket.sendMessage("the connection stays"));
}

void tst_Backpressure::obedientSenderStaysAtTheWatermark()
{
    GruvServer server;
    QSignalSpy clients(&server, &GruvServer::clientConnected);
    QVERIFY(server.listen(QHostAddress::LocalHost));
    GruvSocket sender;
    QVERIFY(ServerTools::connectTo(&sender, server));
    QTRY_COMPARE(clients.size(), 1);
    GruvSocket *const reader = server.clients().first();
    Growth growth;
    int sent = 0;
    int received = 0;
    int asExpected = 0;
    qint64 mostWaiting = 0;
    const auto send = [&] {
        while (sent < Count && sender.isWritable()) {
            sender.sendMessage(Numbered::message(quint32(sent++), Size));
            mostWaiting = std::max(mostWaiting, sender.bytesToWrite());
        }
    };
    connect(&sender, &GruvSocket::writableChanged, this, send);
    connect(reader, &GruvSocket::messageReceived, this, [&](const QByteArray &message) {
        asExpected += Numbered::isMessage(message, quint32(received++), Size);
        if (received % 64 == 0)
            growth.look();
    });
    reader->pauseReading(); // so that the sender has to stop
    send();
    QTRY_VERIFY(!sender.isWritable());
    growth.look();
    reader->resumeReading();
    QTRY_COMPARE_WITH_TIMEOUT(received, Count, 60'000);
    QCOMPARE(asExpected, Count);
    const qint64 highWatermark = sender.options().writeHighWatermark;
    qInfo("%lld bytes waiting at most, %s", mostWaiting, growth.text().constData());
    QVERIFY2(mostWaiting <= highWatermark + Size + 4, qPrintable(QString::number(mostWaiting)));
    QVERIFY2(growth.isWithin(4 * MiB), growth.text().constData());
}

void tst_Backpressure::servers()
{
    QTest::addColumn<int>("threads");
    QTest::newRow("one-event-loop") << 0;
    QTest::newRow("threads") << 2;
}

QTEST_GUILESS_MAIN(tst_Backpressure)
