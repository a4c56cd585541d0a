// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvsocket.h>

#include <QtCore/qeventloop.h>
#include <QtCore/qtimer.h>
#include <QtTest/qtest.h>

#include <mainloop.h>
#include <rawpeer.h>

// Contract 3, what the matrix of anyslot does not tell: order, depth, and two deeds together.
class tst_Reentrancy : public QObject, public MainLoop
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void nestedLoopKeepsOrder();
    void nestedLoopSeesWhatWasSentBefore();
    void reconnectInsideErrorOccurred();
    void sendingInBytesWrittenEnds();
    void nestedLoopInBytesWrittenStallsNothing();
    void blockingCallsInBytesWritten();
    void deletedInANestedLoopWhileConnecting();
    void connectingInTheSlotOfARefusal();
};

using RawPeer::frame;

void tst_Reentrancy::nestedLoopKeepsOrder()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    QList<QByteArray> begun;
    QList<QByteArray> ended;
    std::unique_ptr<QTcpSocket> peer;
    connect(&socket, &GruvSocket::messageReceived, this, [&](const QByteArray &message) {
        begun.append(message);
        if (message == "one") {
            peer->write(frame("three"));
            QEventLoop loop;
            connect(peer.get(), &QTcpSocket::bytesWritten, &loop, &QEventLoop::quit);
            loop.exec();
        }
        ended.append(message);
    });
    peer = listener.connect(&socket);
    QVERIFY(peer);
    peer->write(frame("one") + frame("two"));
    const QList<QByteArray> all{ "one", "two", "three" };
    QTRY_COMPARE(ended, all);
    QCOMPARE(begun, all);
}

void tst_Reentrancy::nestedLoopSeesWhatWasSentBefore()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    std::unique_ptr<QTcpSocket> peer;
    bool arrived = false;
    QEventLoop outer; // sending waits for the end of the turn only where there is an event loop
    connect(&socket, &GruvSocket::messageReceived, this, [&] {
        socket.sendMessage("working on it");
        QEventLoop loop;
        connect(peer.get(), &QTcpSocket::readyRead, &loop, &QEventLoop::quit);
        QTimer::singleShot(5000, &loop, &QEventLoop::quit);
        loop.exec();
        arrived = peer->bytesAvailable() == 17;
        outer.quit();
    });
    peer = listener.connect(&socket);
    QVERIFY(peer);
    peer->write(frame("please"));
    outer.exec();
    QVERIFY(arrived);
}

void tst_Reentrancy::reconnectInsideErrorOccurred()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    QStringList story;
    connect(&socket, &GruvSocket::connected, this, [&] { story.append(QStringLiteral("up")); });
    connect(&socket, &GruvSocket::disconnected, this,
            [&] { story.append(QStringLiteral("down")); });
    connect(&socket, &GruvSocket::errorOccurred, this, [&] {
        story.append(QStringLiteral("fault"));
        Encryption::connect(&socket, listener.port());
    });
    const auto first = listener.connect(&socket);
    QVERIFY(first);
    first->write("SSH-2.0-OpenSSH_9.2\r\n");
    const auto second = listener.accept();
    QVERIFY(second);
    QTRY_COMPARE(story.join(u' '), QStringLiteral("up fault down up"));
    second->write(frame("fresh"));
    QCOMPARE(socket.read().data, "fresh");
}

void tst_Reentrancy::sendingInBytesWrittenEnds()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    int depth = 0;
    int deepest = 0;
    int sends = 0;
    connect(&socket, &GruvSocket::bytesWritten, this, [&] {
        deepest = qMax(deepest, ++depth);
        if (++sends < 500)
            socket.sendMessage(QByteArray(70'000, 's'));
        --depth;
    });
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    socket.sendMessage("go");
    QTRY_VERIFY(sends >= 500);
    QCOMPARE(deepest, 1);
    QTRY_COMPARE(peer->bytesAvailable(), 6 + 499 * 70'004);
}

void tst_Reentrancy::nestedLoopInBytesWrittenStallsNothing()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    bool nested = false;
    connect(&socket, &GruvSocket::bytesWritten, this, [&] {
        if (std::exchange(nested, true))
            return;
        socket.sendMessage("while the rest still waits");
        QEventLoop loop;
        QTimer::singleShot(50, &loop, &QEventLoop::quit);
        loop.exec();
    });
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    QVERIFY(socket.sendMessage(QByteArray(16 << 20, 'n')));
    QTRY_COMPARE(peer->bytesAvailable(), (16 << 20) + 4 + 30);
    QCOMPARE(socket.bytesToWrite(), 0);
}

void tst_Reentrancy::blockingCallsInBytesWritten()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    std::unique_ptr<QTcpSocket> peer;
    int step = 0;
    connect(&socket, &GruvSocket::bytesWritten, this, [&] {
        if (step++ > 0)
            return;
        QVERIFY(socket.sendMessage("request"));
        QVERIFY(socket.waitForMessagesWritten());
        QCOMPARE(socket.read().data, "answer");
        socket.disconnectFromHost();
        QVERIFY(socket.waitForDisconnected());
        QCOMPARE(socket.error(), GruvSocket::Error::NoError);
        step = 100;
    });
    peer = listener.connect(&socket);
    QVERIFY(peer);
    connect(peer.get(), &QTcpSocket::readyRead, this, [&] {
        if (peer->bytesAvailable() == 6 + 11)
            peer->write(frame("answer"));
    });
    QVERIFY(socket.sendMessage("go"));
    QTRY_VERIFY(step >= 100);
}

// A nested loop deletes at once what was to be deleted later by code that ran in none.
void tst_Reentrancy::deletedInANestedLoopWhileConnecting()
{
    RawPeer::Listener listener;
    auto *socket = new GruvSocket;
    connect(socket, &GruvSocket::stateChanged, this, [&](QAbstractSocket::SocketState state) {
        if (state != QAbstractSocket::ConnectingState)
            return;
        delete std::exchange(socket, nullptr);
        QEventLoop loop;
        QTimer::singleShot(10, &loop, &QEventLoop::quit);
        loop.exec();
    });
    Encryption::connect(socket, listener.port());
    QTRY_VERIFY(!socket);
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
}

void tst_Reentrancy::connectingInTheSlotOfARefusal()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    int errors = 0;
    connect(&socket, &GruvSocket::errorOccurred, this, [&] {
        ++errors;
        Encryption::connect(&socket, listener.port()); // refused in turn
    });
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    QVERIFY(!socket.sendMessage(QByteArray((16 << 20) + 1, 'x')));
    QCOMPARE(errors, 1);
    QCOMPARE(socket.error(), GruvSocket::Error::AlreadyConnected);
    QCOMPARE(socket.state(), QAbstractSocket::ConnectedState);
}

QTEST_GUILESS_MAIN(tst_Reentrancy)
#include "tst_reentrancy.moc"
