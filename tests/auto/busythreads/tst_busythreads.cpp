// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvsocket.h>

#include <QtCore/qabstracteventdispatcher.h>
#include <QtCore/qdeadlinetimer.h>
#include <QtCore/qelapsedtimer.h>
#include <QtCore/qtimer.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <wirepair.h>

using namespace std::chrono_literals;

// What happened in time while the thread had something else to do is not taken for a fault.
class tst_BusyThreads : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void closeThatSucceededIsInOrder();
    void connectThatSucceededIsUp();
    void acknowledgementOfTheLastByteIsActivity();
    void loopInAnExpiredCallRests();
    void adoptedSocketWhosePeerHasGoneIsNotConnected();
};

namespace {

// The thread has no turn for anything until the time is over.
void beBusy(std::chrono::milliseconds time)
{
    const QDeadlineTimer end(time);
    while (!end.hasExpired()) {
    }
}

} // namespace

void tst_BusyThreads::closeThatSucceededIsInOrder()
{
    WirePair pair;
    GruvSocketOptions options;
    options.closeTimeout = 100ms;
    pair.socket->setOptions(options);
    QVERIFY(pair.connect());
    QVERIFY(pair.socket->sendMessage("last"));
    pair.socket->disconnectFromHost();
    beBusy(2 * options.closeTimeout);
    QVERIFY(pair.socket->waitForDisconnected());
    QCOMPARE(pair.socket->error(), GruvSocket::Error::NoError);
    QTRY_COMPARE(pair.peer->bytesAvailable(), 8);
}

void tst_BusyThreads::connectThatSucceededIsUp()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    GruvSocketOptions options;
    options.connectTimeout = 100ms;
    socket.setOptions(options);
    socket.connectToHost(QHostAddress::LocalHost, listener.port());
    beBusy(2 * options.connectTimeout);
    QVERIFY(socket.waitForConnected());
}

// It is taken late, and at once: the last look before saw nothing taken, the next one nothing left.
void tst_BusyThreads::acknowledgementOfTheLastByteIsActivity()
{
    WirePair pair;
    GruvSocketOptions options;
    options.idleTimeout = 1s;
    pair.socket->setOptions(options);
    QVERIFY(pair.connect());
    pair.peer->setReadBufferSize(1);
    const QByteArray message(1 << 20, 'm');
    QElapsedTimer time;
    time.start();
    QVERIFY(pair.socket->sendMessage(message));
    QTimer::singleShot(900, pair.peer.get(), [&pair] { pair.peer->setReadBufferSize(0); });
    QSignalSpy ended(pair.socket.get(), &GruvSocket::disconnected);
    QVERIFY(ended.wait());
    QCOMPARE(pair.socket->error(), GruvSocket::Error::IdleTimeout);
    QCOMPARE(pair.peer->bytesAvailable(), message.size() + 4);
    QVERIFY2(time.elapsed() >= 1700, QByteArray::number(time.elapsed()).constData());
}

void tst_BusyThreads::loopInAnExpiredCallRests()
{
    WirePair pair;
    QVERIFY(pair.connect());
    int turns = 0;
    connect(pair.socket.get(), &GruvSocket::messageReceived, this, [&turns] {
        QSignalSpy blocks(QAbstractEventDispatcher::instance(),
                          &QAbstractEventDispatcher::aboutToBlock);
        QEventLoop loop;
        QTimer::singleShot(300, &loop, &QEventLoop::quit);
        loop.exec();
        turns = int(blocks.size());
    });
    pair.send({ "begin" });
    QVERIFY(!pair.socket->waitForDisconnected(20ms));
    QTRY_VERIFY(turns > 0);
    QVERIFY2(turns < 100, QByteArray::number(turns).constData());
}

void tst_BusyThreads::adoptedSocketWhosePeerHasGoneIsNotConnected()
{
    QTcpServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    auto *client = new QTcpSocket;
    client->connectToHost(QHostAddress::LocalHost, server.serverPort());
    QVERIFY(client->waitForConnected());
    QVERIFY(server.waitForNewConnection(5000));
    client->write("not yet sent");
    RawPeer::reset(server.nextPendingConnection());
    QTest::ignoreMessage(QtWarningMsg, "GruvSocket: the QTcpSocket to take over is not connected");
    const GruvSocket socket(client);
    QCOMPARE(socket.state(), QAbstractSocket::UnconnectedState);
}

QTEST_GUILESS_MAIN(tst_BusyThreads)
#include "tst_busythreads.moc"
