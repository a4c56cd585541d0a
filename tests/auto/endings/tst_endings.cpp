// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvserver.h>
#include <gruvsocks/gruvsocket.h>

#include <QtCore/qeventloop.h>
#include <QtCore/qtimer.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <mainloop.h>
#include <rawpeer.h>
#include <story.h>

// Contract 2: how connections end.
class tst_Endings : public QObject, public MainLoop
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void peerClosesBetweenMessages();
    void peerResets();
    void peerClosesInsideAMessage();
    void refusedConnection();
    void unknownHost();
    void localhostIsQuick();
    void abortWhileConnecting();
    void disconnectWhileConnecting();
    void messagesSentWhileConnectingArrive();
    void connectTwiceIsRefused();
    void connectsAgainAfterEachEnding();
    void addressesStayAfterTheEnd();
    void destructorEmitsNothing();
    void messagesBeforeAFailingSendAreDelivered();
    void blockingCallsWithoutAConnection();
    void orderlyEndSaysWhoClosed();
    void sendAfterDisconnectIsRefusedWhileConnecting();
    void endIsSeenWithAMessageNobodyTook();
    void takenOverSocketWithUnsentBytes();
};

using RawPeer::frame;

void tst_Endings::peerClosesBetweenMessages()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    const Story story(&socket);
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    peer->disconnectFromHost();
    QTRY_COMPARE(story.text(), QStringLiteral("connected disconnected"));
    QCOMPARE(socket.state(), QAbstractSocket::UnconnectedState);
}

void tst_Endings::peerResets()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    const Story story(&socket);
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    RawPeer::reset(peer.get());
    QTRY_COMPARE(story.text(), QStringLiteral("connected ConnectionReset disconnected"));
    QVERIFY2(socket.errorString().contains(QStringLiteral("Connection reset by peer")),
             qPrintable(socket.errorString()));
}

void tst_Endings::peerClosesInsideAMessage()
{
    RawPeer::Listener listener;
    for (int sent : { 1, 3, 4, 8 }) {
        GruvSocket socket;
        const Story story(&socket);
        const auto peer = listener.connect(&socket);
        QVERIFY(peer);
        peer->write(frame("hello").left(sent));
        peer->disconnectFromHost();
        QTRY_COMPARE(story.text(), QStringLiteral("connected TruncatedMessage disconnected"));
        const QString what = sent < 4 ? QStringLiteral("%1 of the 4 bytes of its length").arg(sent)
                                      : QStringLiteral("%1 of 5 bytes").arg(sent - 4);
        QVERIFY2(socket.errorString().contains(what), qPrintable(socket.errorString()));
    }
}

void tst_Endings::refusedConnection()
{
    QTcpSocket bound; // its port is taken, so no other test listens there
    QVERIFY(bound.bind(QHostAddress::LocalHost));
    const quint16 port = bound.localPort();
    GruvSocket socket;
    const Story story(&socket);
    QSignalSpy states(&socket, &GruvSocket::stateChanged);
    socket.connectToHost(QHostAddress::LocalHost, port);
    QVERIFY(!socket.waitForConnected());
    QCOMPARE(story.text(), QStringLiteral("ConnectionRefused"));
    QVERIFY(socket.errorString().contains(QStringLiteral("127.0.0.1:%1").arg(port)));
    QCOMPARE(states.last().first().value<QAbstractSocket::SocketState>(),
             QAbstractSocket::UnconnectedState);
}

void tst_Endings::unknownHost()
{
    GruvSocket socket;
    const Story story(&socket);
    socket.connectToHost(QString(70, u'x'), 1); // no label is that long: no lookup is needed
    QVERIFY(!socket.waitForConnected(std::chrono::seconds(20)));
    QCOMPARE(story.text(), QStringLiteral("HostNotFound"));
}

void tst_Endings::localhostIsQuick()
{
    RawPeer::Listener listener; // 127.0.0.1 only, as gruv_socks
    GruvSocket socket;
    socket.connectToHost(QStringLiteral("localhost"), listener.port());
    QVERIFY(socket.waitForConnected(std::chrono::seconds(2)));
    QCOMPARE(socket.peerAddress(), QHostAddress(QHostAddress::LocalHost));
    QCOMPARE(socket.peerName(), QStringLiteral("localhost"));
}

void tst_Endings::abortWhileConnecting()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    const Story story(&socket);
    socket.connectToHost(QStringLiteral("localhost"), listener.port());
    socket.abort();
    QCOMPARE(socket.state(), QAbstractSocket::UnconnectedState);
    QVERIFY(!socket.waitForConnected());
    QCOMPARE(story.text(), QString());
}

void tst_Endings::disconnectWhileConnecting()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    const Story story(&socket);
    Encryption::connect(&socket, listener.port());
    socket.disconnectFromHost();
    QVERIFY(socket.waitForDisconnected());
    QCOMPARE(story.text(), QString());
    Encryption::connect(&socket, listener.port());
    QVERIFY(socket.sendMessage("take this first"));
    socket.disconnectFromHost();
    QVERIFY(socket.waitForDisconnected());
    QCOMPARE(story.text(), QStringLiteral("connected disconnected"));
}

void tst_Endings::messagesSentWhileConnectingArrive()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    Encryption::connect(&socket, listener.port());
    QVERIFY(socket.sendMessage("one"));
    QVERIFY(socket.sendMessage("two"));
    const auto peer = listener.accept();
    QVERIFY(peer);
    QTRY_COMPARE(peer->bytesAvailable(), 14);
    QCOMPARE(peer->readAll(), frame("one") + frame("two"));
}

void tst_Endings::connectTwiceIsRefused()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    const Story story(&socket);
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    Encryption::connect(&socket, listener.port());
    QCOMPARE(story.text(), QStringLiteral("connected AlreadyConnected"));
    QCOMPARE(socket.state(), QAbstractSocket::ConnectedState);
    QVERIFY(socket.sendMessage("still here"));
    QTRY_COMPARE(peer->bytesAvailable(), 14);
}

void tst_Endings::connectsAgainAfterEachEnding()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    QSignalSpy ended(&socket, &GruvSocket::disconnected);
    QSet<quint64> ids;
    const std::function<void(QTcpSocket *)> endings[] = {
        [&](QTcpSocket *) { socket.abort(); },
        [&](QTcpSocket *) { socket.disconnectFromHost(); },
        [&](QTcpSocket *peer) { peer->disconnectFromHost(); },
        [&](QTcpSocket *peer) { RawPeer::reset(peer); },
        [&](QTcpSocket *peer) { peer->write("GET / HTTP/1.1\r\n"); },
    };
    for (const auto &finish : endings) {
        const auto peer = listener.connect(&socket);
        QVERIFY(peer);
        QCOMPARE(socket.error(), GruvSocket::Error::NoError);
        peer->write(frame("mine") + QByteArray("\x7f\xff", 2)); // nothing of it may reach the next
        QCOMPARE(socket.read().data, "mine");
        ids.insert(socket.connectionId());
        ended.clear();
        finish(peer.get());
        QVERIFY(socket.waitForDisconnected());
        QCOMPARE(ended.size(), 1);
    }
    QCOMPARE(ids.size(), 5);
}

void tst_Endings::addressesStayAfterTheEnd()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    QVERIFY(socket.socketDescriptor() >= 0);
    QCOMPARE(socket.localPort(), peer->peerPort());
    socket.abort();
    QCOMPARE(socket.peerPort(), listener.port());
    QCOMPARE(socket.peerAddress(), QHostAddress(QHostAddress::LocalHost));
    QCOMPARE(socket.localPort(), peer->peerPort());
    QCOMPARE(socket.socketDescriptor(), qintptr(-1));
}

void tst_Endings::destructorEmitsNothing()
{
    RawPeer::Listener listener;
    auto socket = std::make_unique<GruvSocket>();
    const Story story(socket.get());
    QSignalSpy states(socket.get(), &GruvSocket::stateChanged);
    const auto peer = listener.connect(socket.get());
    QVERIFY(peer);
    states.clear();
    socket.reset();
    QCOMPARE(story.text(), QStringLiteral("connected"));
    QCOMPARE(states.size(), 0);
}

// The peer answers, and resets because it did not read everything; then we send on.
void tst_Endings::messagesBeforeAFailingSendAreDelivered()
{
    if (Encryption::isOn())
        QSKIP("Qt closes where its write fails, with what it has not read");
    RawPeer::Listener listener;
    GruvSocket socket;
    QStringList story;
    connect(&socket, &GruvSocket::messageReceived, this,
            [&](const QByteArray &message) { story.append(QString::fromLatin1(message)); });
    connect(&socket, &GruvSocket::errorOccurred, this, [&](GruvSocket::Error error) {
        story.append(error == GruvSocket::Error::ConnectionReset ? QStringLiteral("reset")
                                                                 : socket.errorString());
    });
    connect(&socket, &GruvSocket::disconnected, this,
            [&] { story.append(QStringLiteral("disconnected")); });
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    peer->write(frame("the") + frame("answer"));
    QVERIFY(peer->flush());
    RawPeer::reset(peer.get());
    socket.sendMessage("one");
    QTRY_COMPARE(story.join(u' '), QStringLiteral("the answer reset disconnected"));
}

void tst_Endings::blockingCallsWithoutAConnection()
{
    GruvSocket socket;
    const Story story(&socket);
    QVERIFY(!socket.waitForConnected());
    QVERIFY(!socket.waitForMessagesWritten());
    QVERIFY(socket.waitForDisconnected());
    QCOMPARE(socket.read().status, GruvSocket::ReadStatus::Error);
    QVERIFY(!socket.sendMessage("nobody"));
    QVERIFY(!(socket + "nobody"));
    QCOMPARE(story.text(), QStringLiteral("NotConnected NotConnected"));
    socket.disconnectFromHost();
    socket.abort();
}

void tst_Endings::orderlyEndSaysWhoClosed()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    QCOMPARE(socket.read().status, GruvSocket::ReadStatus::Error);
    QCOMPARE(socket.error(), GruvSocket::Error::NotConnected);
    auto peer = listener.connect(&socket);
    QVERIFY(peer);
    peer->disconnectFromHost();
    QCOMPARE(socket.read().status, GruvSocket::ReadStatus::Error);
    QCOMPARE(socket.error(), GruvSocket::Error::NoError);
    QCOMPARE(socket.errorString(), QStringLiteral("the peer closed the connection"));
    peer = listener.connect(&socket);
    QVERIFY(peer);
    socket.abort();
    QCOMPARE(socket.errorString(), QStringLiteral("the connection was closed by this end"));
}

void tst_Endings::sendAfterDisconnectIsRefusedWhileConnecting()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    Encryption::connect(&socket, listener.port());
    QVERIFY(socket.sendMessage("before"));
    socket.disconnectFromHost();
    QVERIFY(!socket.sendMessage("after"));
    const auto peer = listener.accept();
    QVERIFY(peer);
    QTRY_COMPARE(peer->state(), QAbstractSocket::UnconnectedState);
    QCOMPARE(peer->readAll(), frame("before"));
}

void tst_Endings::endIsSeenWithAMessageNobodyTook()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    peer->write(frame("unread"));
    peer->disconnectFromHost();
    QEventLoop loop; // where one runs, nobody comes back from elsewhere to read on
    connect(&socket, &GruvSocket::disconnected, &loop, &QEventLoop::quit);
    QTimer::singleShot(5000, &loop, &QEventLoop::quit);
    loop.exec();
    QCOMPARE(socket.state(), QAbstractSocket::UnconnectedState);
    QCOMPARE(socket.read().data, "unread");
}

void tst_Endings::takenOverSocketWithUnsentBytes()
{
    RawPeer::Listener listener;
    auto *const plain = Encryption::connectedPeer(listener.port());
    const auto peer = listener.accept();
    QVERIFY(peer && plain->waitForConnected());
    QTRY_VERIFY(Encryption::isReady(plain) && Encryption::isReady(peer.get()));
    peer->setReadBufferSize(1);
    const QByteArray large(16 << 20, 'u');
    plain->write(large);
    GruvSocket socket(plain);
    QVERIFY(socket.bytesToWrite() > 0);
    QVERIFY(socket.sendMessage("mine"));
    peer->setReadBufferSize(0);
    QVERIFY(socket.waitForMessagesWritten());
    QCOMPARE(socket.bytesToWrite(), 0);
    QTRY_COMPARE(peer->bytesAvailable(), large.size() + 8);
}

QTEST_GUILESS_MAIN(tst_Endings)
#include "tst_endings.moc"
