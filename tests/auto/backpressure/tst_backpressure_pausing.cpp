// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "tst_backpressure.h"

#include <gruvsocks/gruvserver.h>
#include <gruvsocks/gruvsocket.h>

#include <QtCore/qcoreapplication.h>
#include <QtCore/qthread.h>
#include <QtTest/qsignalspy.h>

#include <rawpeer.h>
#include <servertools.h>

#include "numbered.h"

#include <atomic>

namespace {

// A server whose only connection counts what comes, in the connection's own thread.
class CountingServer
{
public:
    CountingServer(int threads, bool byHandler, int pauseEvery, qsizetype size)
        : m_pauseEvery(pauseEvery)
        , m_size(size)
    {
        m_server.setThreadCount(threads);
        m_server.setConnectionHandler([this, byHandler](GruvSocket *socket) {
            const auto take = [this, socket](const QByteArray &message) { count(socket, message); };
            if (byHandler)
                socket->setMessageHandler(take);
            else
                QObject::connect(socket, &GruvSocket::messageReceived, socket, take);
            if (m_pauseEvery == 0)
                socket->pauseReading();
            m_socket = socket;
        });
    }
    bool listen() { return m_server.listen(QHostAddress::LocalHost); }
    const GruvServer &server() const { return m_server; }
    GruvSocket *socket() const { return m_socket; }
    int received() const { return m_received; }
    bool isAsExpected() const { return m_asExpected == m_received; }

    void resume() { QMetaObject::invokeMethod(m_socket.load(), &GruvSocket::resumeReading); }

    // Returns what has been received after all was done that the connection's thread had to do.
    int receivedWhenItsThreadIsIdle()
    {
        const auto idle = [] { QCoreApplication::processEvents(); };
        if (m_socket.load()->thread() == QThread::currentThread())
            idle();
        else
            QMetaObject::invokeMethod(m_socket.load(), idle, Qt::BlockingQueuedConnection);
        return m_received;
    }

private:
    void count(GruvSocket *socket, const QByteArray &message)
    {
        m_asExpected += Numbered::isMessage(message, quint32(m_received.load()), m_size);
        ++m_received;
        if (m_pauseEvery > 0 && m_received % m_pauseEvery == 0)
            socket->pauseReading();
    }

    const int m_pauseEvery; // 0: paused from the beginning
    const qsizetype m_size;
    std::atomic<int> m_received{ 0 };
    std::atomic<int> m_asExpected{ 0 };
    std::atomic<GruvSocket *> m_socket{ nullptr };
    GruvServer m_server; // goes first, for its threads use the rest
};

} // namespace

void tst_Backpressure::pausedReaderStopsTheSender()
{
    constexpr qsizetype Size = 10'000;
    QFETCH(int, threads);
    CountingServer counting(threads, false, 0, Size);
    QVERIFY(counting.listen());
    GruvSocket sender;
    QVERIFY(ServerTools::connectTo(&sender, counting.server()));
    QTRY_VERIFY(counting.socket());
    QSignalSpy writable(&sender, &GruvSocket::writableChanged);
    int sent = 0;
    while (sent < 10'000 && writable.isEmpty()) {
        QVERIFY(sender.sendMessage(Numbered::message(quint32(sent++), Size)));
        QCoreApplication::processEvents();
    }
    QCOMPARE(writable.size(), 1);
    QCOMPARE(writable.first().first().toBool(), false);
    QCOMPARE(counting.receivedWhenItsThreadIsIdle(), 0);
    counting.resume();
    QTRY_COMPARE(counting.received(), sent);
    QTRY_COMPARE(writable.size(), 2);
    QCOMPARE(writable.last().first().toBool(), true);
    QVERIFY(sender.sendMessage(Numbered::message(quint32(sent), Size)));
    QTRY_COMPARE(counting.received(), sent + 1);
    QVERIFY(counting.isAsExpected());
}

void tst_Backpressure::pauseInAMessageHoldsTheRest_data()
{
    QTest::addColumn<int>("threads");
    QTest::addColumn<bool>("byHandler");
    for (const int threads : { 0, 2 }) {
        QTest::addRow("%d-threads-signal", threads) << threads << false;
        QTest::addRow("%d-threads-handler", threads) << threads << true;
    }
}

// A thousand messages that arrive with one read.
void tst_Backpressure::pauseInAMessageHoldsTheRest()
{
    constexpr int Count = 1000;
    constexpr int Every = 50;
    constexpr qsizetype Size = 12;
    QFETCH(int, threads);
    QFETCH(bool, byHandler);
    CountingServer counting(threads, byHandler, Every, Size);
    QVERIFY(counting.listen());
    QByteArray wire;
    for (quint32 i = 0; i < Count; ++i)
        wire += RawPeer::frame(Numbered::message(i, Size));
    QTcpSocket peer;
    peer.connectToHost(QHostAddress::LocalHost, counting.server().serverPort());
    QVERIFY(peer.waitForConnected());
    QTRY_VERIFY(counting.socket());
    QCOMPARE(peer.write(wire), wire.size());
    QVERIFY(peer.flush());
    for (int paused = Every; paused <= Count; paused += Every) {
        QTRY_COMPARE(counting.received(), paused);
        QCOMPARE(counting.receivedWhenItsThreadIsIdle(), paused);
        counting.resume();
    }
    peer.write(RawPeer::frame(Numbered::message(Count, Size)));
    QTRY_COMPARE(counting.received(), Count + 1);
    QVERIFY(counting.isAsExpected());
}
