// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvsocks.h>

#include <QtCore/qabstracteventdispatcher.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <servertools.h>

#include <fcntl.h>
#include <unistd.h>

// Contract 6 for listen() and start(): a refusal is false, a sentence and one errorOccurred().
class tst_GruvServerListen : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void listeningChangedTellsBoth();
    void listeningTwiceIsRefused_data() { waysToListen(); }
    void listeningTwiceIsRefused();
    void portInUseIsRefused_data() { waysToListen(); }
    void portInUseIsRefused();
    void addressOfAnotherMachineIsRefused_data() { waysToListen(); }
    void addressOfAnotherMachineIsRefused();
    void successForgetsTheError_data() { waysToListen(); }
    void successForgetsTheError();
    void serverMayBeDeletedByTheRefusal_data() { waysToListen(); }
    void serverMayBeDeletedByTheRefusal();
    void serverMayBeDeletedByListeningChanged_data() { waysToListen(); }
    void serverMayBeDeletedByListeningChanged();
    void serverMayBeDeletedWhenItStopsListening_data() { waysToListen(); }
    void serverMayBeDeletedWhenItStopsListening();
    void restartsOnTheSamePort();
    void restartsInsideListeningChanged();
    void onePortOfTwoAddresses();
    void closeKeepsTheConnections();
    void nobodyConnectsAfterClose();
    void adoptedListenerNeverBlocks();
    void closedByItsBaseTakesNobodyElsesClients();

private:
    static void waysToListen();
};

using Error = GruvServer::Error;
using ServerTools::connectTo;
using Listen = std::function<bool(GruvServer *, const QHostAddress &, quint16)>;

static const QHostAddress Loopback(QHostAddress::LocalHost);

void tst_GruvServerListen::waysToListen()
{
    QTest::addColumn<Listen>("listen");
    QTest::newRow("listen") << Listen([](GruvServer *server, const QHostAddress &address,
                                         quint16 port) { return server->listen(address, port); });
    QTest::newRow("start") << Listen(
            [](GruvServer *server, const QHostAddress &address, quint16 port) {
                return server->start([](const GruvPeer &, GruvSocket &) {}, port, address);
            });
    QTest::newRow("start-blocking") << Listen([](GruvServer *server, const QHostAddress &address,
                                                 quint16 port) {
        QObject::connect(server, &GruvServer::listeningChanged, server, [server](bool listening) {
            if (listening) // else the second line of a test would never be reached
                QMetaObject::invokeMethod(
                        server, [server] { server->stop(); }, Qt::QueuedConnection);
        });
        return server->start([](const GruvPeer &, GruvSocket &) {}, port, address,
                             GruvServer::StartMode::Blocking);
    });
}

// A call was refused: false, one errorOccurred(), and the same by error() and errorString().
static void compareRefusal(const GruvServer &server, const QSignalSpy &errors, Error error,
                           const QString &sentence)
{
    QCOMPARE(errors.size(), 1);
    QCOMPARE(errors.first().at(0).value<Error>(), error);
    QCOMPARE(errors.first().at(1).toString(), sentence);
    QCOMPARE(server.error(), error);
    QCOMPARE(server.errorString(), sentence);
}

static QString place(quint16 port)
{
    return QStringLiteral("127.0.0.1:") + QString::number(port);
}

void tst_GruvServerListen::listeningChangedTellsBoth()
{
    GruvServer server;
    QList<bool> told;
    connect(&server, &GruvServer::listeningChanged, this, [&](bool listening) {
        QCOMPARE(server.isListening(), listening);
        told.append(listening);
    });
    server.stop();
    server.close();
    QVERIFY(told.isEmpty());
    QVERIFY(server.listen(Loopback));
    QCOMPARE(told, (QList<bool>{ true }));
    server.close();
    server.close();
    server.stop();
    QCOMPARE(told, (QList<bool>{ true, false }));
    QVERIFY(server.start(Gruv::echoHandler, 0, Loopback));
    server.stop();
    QCOMPARE(told, (QList<bool>{ true, false, true, false }));
}

void tst_GruvServerListen::listeningTwiceIsRefused()
{
    QFETCH(const Listen, listen);
    GruvServer server;
    QVERIFY(server.listen(Loopback));
    const quint16 port = server.serverPort();
    QSignalSpy errors(&server, &GruvServer::errorOccurred);
    QSignalSpy changes(&server, &GruvServer::listeningChanged);
    QVERIFY(!listen(&server, Loopback, 5551));
    compareRefusal(server, errors, Error::AlreadyListening,
                   QStringLiteral("cannot listen on 127.0.0.1:5551: already listening on %1, call "
                                  "stop() first")
                           .arg(place(port)));
    QCOMPARE(changes.size(), 0);
    QCOMPARE(server.serverPort(), port);
    GruvSocket client;
    QVERIFY(connectTo(&client, server)); // the first call still holds
    QTRY_COMPARE(server.clientCount(), 1);
}

void tst_GruvServerListen::portInUseIsRefused()
{
    QFETCH(const Listen, listen);
    GruvServer first;
    QVERIFY(first.listen(Loopback));
    GruvServer second;
    QSignalSpy errors(&second, &GruvServer::errorOccurred);
    QSignalSpy changes(&second, &GruvServer::listeningChanged);
    QVERIFY(!listen(&second, Loopback, first.serverPort()));
    compareRefusal(second, errors, Error::AddressInUse,
                   QStringLiteral("cannot listen on %1: The bound address is already in use")
                           .arg(place(first.serverPort())));
    QVERIFY(!second.isListening());
    QCOMPARE(changes.size(), 0);
    QVERIFY(first.isListening());
    const quint16 port = first.serverPort();
    first.stop();
    QVERIFY(listen(&second, Loopback, port)); // free now
}

void tst_GruvServerListen::addressOfAnotherMachineIsRefused()
{
    QFETCH(const Listen, listen);
    GruvServer server;
    QSignalSpy errors(&server, &GruvServer::errorOccurred);
    QVERIFY(!listen(&server, QHostAddress(QStringLiteral("192.0.2.1")), 5551));
    compareRefusal(server, errors, Error::AddressNotAvailable,
                   QStringLiteral("cannot listen on 192.0.2.1:5551: The address is not available"));
    QVERIFY(!server.isListening());
}

void tst_GruvServerListen::successForgetsTheError()
{
    QFETCH(const Listen, listen);
    GruvServer server;
    QVERIFY(!server.listen(QHostAddress(QStringLiteral("192.0.2.1"))));
    QVERIFY(server.error() != Error::NoError);
    QVERIFY(listen(&server, Loopback, 0));
    QCOMPARE(server.error(), Error::NoError);
    QCOMPARE(server.errorString(), QString());
}

void tst_GruvServerListen::serverMayBeDeletedByTheRefusal()
{
    QFETCH(const Listen, listen);
    auto server = std::make_unique<GruvServer>();
    QVERIFY(server->listen(Loopback));
    connect(server.get(), &GruvServer::errorOccurred, this, [&] { server.reset(); });
    QVERIFY(!listen(server.get(), Loopback, 0));
    QVERIFY(!server);
}

void tst_GruvServerListen::serverMayBeDeletedByListeningChanged()
{
    QFETCH(const Listen, listen);
    auto server = std::make_unique<GruvServer>();
    connect(server.get(), &GruvServer::listeningChanged, this, [&] { server.reset(); });
    listen(server.get(), Loopback, 0);
    QVERIFY(!server);
}

void tst_GruvServerListen::serverMayBeDeletedWhenItStopsListening()
{
    QFETCH(const Listen, listen);
    auto server = std::make_unique<GruvServer>();
    connect(server.get(), &GruvServer::listeningChanged, this, [&](bool listening) {
        if (!listening)
            server.reset();
    });
    QVERIFY(listen(server.get(), Loopback, 0));
    if (server)
        server->stop();
    QVERIFY(!server);
}

void tst_GruvServerListen::restartsOnTheSamePort()
{
    GruvServer server;
    QSignalSpy connected(&server, &GruvServer::clientConnected);
    quint16 port = 0;
    for (int round = 1; round <= 3; ++round) {
        QVERIFY(server.listen(Loopback, port));
        port = server.serverPort();
        GruvSocket client;
        QVERIFY(connectTo(&client, server));
        QTRY_COMPARE(connected.size(), round);
        server.stop(); // it closes first, so its end stays in TIME_WAIT
        QTRY_COMPARE(client.state(), QAbstractSocket::UnconnectedState);
    }
}

void tst_GruvServerListen::restartsInsideListeningChanged()
{
    GruvServer server;
    QVERIFY(server.listen(Loopback));
    const quint16 port = server.serverPort();
    auto once = std::make_unique<QObject>();
    connect(&server, &GruvServer::listeningChanged, once.get(), [&](bool listening) {
        QVERIFY(!listening);
        once.reset();
        QVERIFY(server.listen(Loopback, port));
    });
    server.close();
    QVERIFY(server.isListening());
    GruvSocket client;
    QVERIFY(connectTo(&client, server));
    QTRY_COMPARE(server.clientCount(), 1);
}

void tst_GruvServerListen::onePortOfTwoAddresses()
{
    GruvServer first;
    GruvServer second;
    QVERIFY(first.listen(Loopback));
    QVERIFY(second.listen(QHostAddress(QStringLiteral("127.0.0.2")), first.serverPort()));
    GruvSocket client;
    QVERIFY(connectTo(&client, second));
    QTRY_COMPARE(second.clientCount(), 1);
    QCOMPARE(first.clientCount(), 0);
}

void tst_GruvServerListen::closeKeepsTheConnections()
{
    GruvServer server;
    QVERIFY(server.listen(Loopback));
    connect(&server, &GruvServer::messageReceived, this,
            [](GruvSocket *socket, const QByteArray &message) { socket->sendMessage(message); });
    GruvSocket client;
    QVERIFY(connectTo(&client, server));
    QTRY_COMPARE(server.clientCount(), 1);
    server.close();
    QVERIFY(!server.isListening());
    QVERIFY(client.sendMessage("still here?"));
    QCOMPARE(client.read().data, "still here?");
    QCOMPARE(server.clientCount(), 1);
}

void tst_GruvServerListen::nobodyConnectsAfterClose()
{
    GruvServer server;
    QVERIFY(server.listen(Loopback));
    const quint16 port = server.serverPort();
    server.close();
    GruvSocket client;
    client.connectToHost(Loopback, port);
    QVERIFY(!client.waitForConnected());
    QCOMPARE(client.error(), GruvSocket::Error::ConnectionRefused);
}

// QTcpServer accepts here, and its descriptors block: recv() would stop the event loop.
void tst_GruvServerListen::adoptedListenerNeverBlocks()
{
    QTcpServer origin;
    QVERIFY(origin.listen(Loopback));
    GruvServer server;
    QVERIFY(server.setSocketDescriptor(::dup(int(origin.socketDescriptor()))));
    origin.close();
    QList<int> flags;
    connect(&server, &GruvServer::clientConnected, this, [&flags](GruvSocket *socket) {
        flags.append(::fcntl(int(socket->socketDescriptor()), F_GETFL) & O_NONBLOCK);
    });
    GruvSocket client;
    QVERIFY(connectTo(&client, server));
    QTRY_COMPARE(flags, (QList<int>{ O_NONBLOCK }));
}

// The next listener has the number of the descriptor that was closed.
void tst_GruvServerListen::closedByItsBaseTakesNobodyElsesClients()
{
    GruvServer server;
    QVERIFY(server.listen(Loopback));
    const qintptr descriptor = server.socketDescriptor();
    QSignalSpy taken(&server, &GruvServer::clientConnected);
    server.QTcpServer::close();
    if (QAbstractEventDispatcher::instance()->inherits("QEventDispatcherUNIX")) {
        const QRegularExpression two(QStringLiteral("Multiple socket notifiers for same socket"));
        QTest::ignoreMessage(QtWarningMsg, two); // the other's begins
        QTest::ignoreMessage(QtWarningMsg, two); // the server's ends
    }
    QTcpServer other;
    QVERIFY(other.listen(Loopback));
    QCOMPARE(other.socketDescriptor(), descriptor);
    QSignalSpy accepted(&other, &QTcpServer::newConnection);
    QList<std::shared_ptr<QTcpSocket>> clients;
    for (int i = 1; i <= 6; ++i) {
        clients.append(std::make_shared<QTcpSocket>());
        clients.last()->connectToHost(Loopback, other.serverPort());
        QTRY_COMPARE(accepted.size() + taken.size(), i);
    }
    QCOMPARE(taken.size(), 0);
    QVERIFY(server.listen(Loopback));
    GruvSocket client;
    QVERIFY(connectTo(&client, server));
    QTRY_COMPARE(taken.size(), 1);
}

QTEST_GUILESS_MAIN(tst_GruvServerListen)
#include "tst_gruvserverlisten.moc"
