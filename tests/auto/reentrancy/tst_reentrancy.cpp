// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvserver.h>
#include <gruvsocks/gruvsocket.h>

#include <QtCore/qeventloop.h>
#include <QtCore/qpointer.h>
#include <QtCore/qtimer.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <mainloop.h>
#include <rawpeer.h>

// Contract 3: any slot may do anything. Each signal of a socket x each thing to do in its slot.
class tst_Reentrancy : public QObject, public MainLoop
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void anythingInAnySlot_data();
    void anythingInAnySlot();
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

enum Trigger {
    Connected,
    MessageReceived,
    Disconnected,
    ErrorOccurred,
    StateChanged,
    BytesWritten
};
enum Deed { Delete, DeleteLater, Abort, Disconnect, Reconnect, NestedLoop, Send, Pause, Read };
Q_DECLARE_METATYPE(Trigger)
Q_DECLARE_METATYPE(Deed)

// Counts what a socket owes: one end for each beginning, and nothing after it.
class Ledger : public QObject
{
public:
    explicit Ledger(GruvSocket *socket)
    {
        connect(socket, &GruvSocket::connected, this, [this] {
            isUp = true;
            ++begun;
        });
        connect(socket, &GruvSocket::messageReceived, this, [this] { wrong += !isUp; });
        connect(socket, &GruvSocket::bytesWritten, this, [this] { wrong += !isUp; });
        connect(socket, &GruvSocket::disconnected, this, [this] {
            wrong += !isUp;
            isUp = false;
            ++ended;
        });
    }
    bool isUp = false;
    int begun = 0;
    int ended = 0;
    int wrong = 0;
};

void tst_Reentrancy::anythingInAnySlot_data()
{
    QTest::addColumn<Trigger>("trigger");
    QTest::addColumn<Deed>("deed");
    const char *triggers[] = { "connected",      "message-received", "disconnected",
                               "error-occurred", "state-changed",    "bytes-written" };
    const char *deeds[] = { "delete",      "delete-later", "abort", "disconnect", "reconnect",
                            "nested-loop", "send",         "pause", "read" };
    for (int trigger = Connected; trigger <= BytesWritten; ++trigger) {
        for (int deed = Delete; deed <= Read; ++deed)
            QTest::addRow("%s-in-%s", deeds[deed], triggers[trigger])
                    << Trigger(trigger) << Deed(deed);
    }
}

static void perform(Deed deed, GruvSocket *socket, quint16 port)
{
    switch (deed) {
    case Delete:
        delete socket;
        break;
    case DeleteLater:
        socket->deleteLater();
        break;
    case Abort:
        socket->abort();
        break;
    case Disconnect:
        socket->disconnectFromHost();
        break;
    case Reconnect:
        socket->abort();
        socket->connectToHost(QHostAddress::LocalHost, port);
        break;
    case NestedLoop: {
        QEventLoop loop;
        QTimer::singleShot(10, &loop, &QEventLoop::quit);
        loop.exec();
        break;
    }
    case Send:
        socket->sendMessage("from the slot");
        break;
    case Pause:
        socket->pauseReading();
        QTimer::singleShot(0, socket, &GruvSocket::resumeReading);
        break;
    case Read:
        socket->read(std::chrono::milliseconds(5));
        break;
    }
}

template<typename Act>
static void actOn(Trigger trigger, GruvSocket *socket, QObject *context, Act act)
{
    switch (trigger) {
    case Connected:
        QObject::connect(socket, &GruvSocket::connected, context, act);
        break;
    case MessageReceived:
        QObject::connect(socket, &GruvSocket::messageReceived, context, act);
        break;
    case Disconnected:
        QObject::connect(socket, &GruvSocket::disconnected, context, act);
        break;
    case ErrorOccurred:
        QObject::connect(socket, &GruvSocket::errorOccurred, context, act);
        break;
    case StateChanged:
        QObject::connect(socket, &GruvSocket::stateChanged, context, act);
        break;
    case BytesWritten:
        QObject::connect(socket, &GruvSocket::bytesWritten, context, act);
        break;
    }
}

void tst_Reentrancy::anythingInAnySlot()
{
    QFETCH(Trigger, trigger);
    QFETCH(Deed, deed);
    QTcpServer server; // sends three messages, then breaks the protocol: every signal comes
    QVERIFY(server.listen(QHostAddress::LocalHost));
    connect(&server, &QTcpServer::newConnection, this, [&] {
        QTcpSocket *peer = server.nextPendingConnection();
        peer->write(frame("one") + frame("two") + frame("three"));
        connect(peer, &QTcpSocket::readyRead, peer, [peer] { peer->write("GET / HTTP/1.1\r\n"); });
    });
    const QPointer<GruvSocket> socket = new GruvSocket;
    const Ledger ledger(socket);
    int acted = 0;
    actOn(trigger, socket, this, [&] {
        if (socket && acted++ == 0)
            perform(deed, socket, server.serverPort());
    });
    connect(socket, &GruvSocket::messageReceived, this, [&](const QByteArray &message) {
        if (socket && message == "three")
            socket->sendMessage("now break it");
    });
    socket->connectToHost(QHostAddress::LocalHost, server.serverPort());
    const auto isOver = [&] {
        return !socket || (acted && socket->state() == QAbstractSocket::UnconnectedState);
    };
    QTRY_VERIFY(isOver());
    QCOMPARE(ledger.wrong, 0);
    if (socket) // else it was deleted, and owes nothing more
        QCOMPARE(ledger.ended, ledger.begun);
    delete socket;
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
}

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
        socket.connectToHost(QHostAddress::LocalHost, listener.port());
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
    socket->connectToHost(QHostAddress::LocalHost, listener.port());
    QVERIFY(!socket);
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
}

void tst_Reentrancy::connectingInTheSlotOfARefusal()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    int errors = 0;
    connect(&socket, &GruvSocket::errorOccurred, this, [&] {
        ++errors;
        socket.connectToHost(QHostAddress::LocalHost, listener.port()); // refused in turn
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
