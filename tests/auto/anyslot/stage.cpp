// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "stage.h"

#include <QtCore/qeventloop.h>
#include <QtCore/qtimer.h>
#include <QtTest/qtest.h>

#include <rawpeer.h>

using namespace std::chrono_literals;
using RawPeer::frame;

namespace {

constexpr qsizetype MaximumMessageSize = 4'000'000;
constexpr qsizetype Large = 3'000'000; // more than the system takes at once

class WatchedSocket : public GruvSocket
{
public:
    explicit WatchedSocket(Ledger *ledger)
        : m_ledger(ledger)
    {}
    ~WatchedSocket() override { m_ledger->isDying = true; }

private:
    Ledger *const m_ledger;
};

GruvSocketOptions stageOptions()
{
    GruvSocketOptions options;
    options.maximumMessageSize = MaximumMessageSize;
    options.writeHighWatermark = 200'000;
    options.writeLowWatermark = 100'000;
    return options;
}

void echo(GruvSocket *socket)
{
    QObject::connect(socket, &GruvSocket::messageReceived, socket, &GruvSocket::sendMessage);
}

} // namespace

bool await(const std::function<bool()> &isTrue)
{
    if (isTrue())
        return true;
    const QDeadlineTimer deadline(8s);
    QEventLoop loop;
    QTimer look;
    QObject::connect(&look, &QTimer::timeout, &loop, [&] {
        if (isTrue() || deadline.hasExpired())
            loop.quit();
    });
    look.start(1ms);
    loop.exec();
    return isTrue();
}

Stage::Stage(Home where, Signal what, const Deed &deed)
    : home(where)
    , signal(what)
    , server(std::make_unique<GruvServer>())
    , alive(server.get())
    , m_deed(deed)
{}

Stage::~Stage()
{
    if (home == Home::Client && !ledger.isGone)
        delete subject.load();
    elsewhere.quit();
    elsewhere.wait();
    if (!server)
        delete alive.data();
}

bool Stage::isOver() const
{
    return (signal >= Signal::Closing && signal <= Signal::Disconnected)
           || signal == Signal::ClientDisconnected;
}

bool Stage::isMessageSignal() const
{
    return signal == Signal::Message || signal == Signal::Handler
           || signal == Signal::ServerMessage;
}

void Stage::fire(Signal now)
{
    if (now != signal || m_isEntered.exchange(true))
        return;
    m_deed.perform(*this);
    isDone = true;
}

void Stage::watchSubject(GruvSocket *socket, bool isConnected)
{
    subject = socket;
    ledger.watch(socket, isConnected);
    const auto on = [this, socket](auto member, Signal now) {
        QObject::connect(socket, member, [this, now] { fire(now); });
    };
    on(&GruvSocket::connected, Signal::Connected);
    on(&GruvSocket::disconnected, Signal::Disconnected);
    on(&GruvSocket::bytesWritten, Signal::BytesWritten);
    QObject::connect(socket, &GruvSocket::stateChanged, [this](auto state) {
        const std::array states{ Signal::Unconnected,    Signal::HostLookup,  Signal::Connecting,
                                 Signal::StateConnected, Signal::Unconnected, Signal::Unconnected,
                                 Signal::Closing };
        fire(states[size_t(state)]);
    });
    QObject::connect(socket, &GruvSocket::writableChanged, [this](bool writable) {
        fire(writable ? Signal::Writable : Signal::Unwritable);
    });
    QObject::connect(socket, &GruvSocket::errorOccurred, [this](GruvSocket::Error error) {
        fire(error > GruvSocket::Error::WriteBufferFull ? Signal::Fault : Signal::Refusal);
    });
    QObject::connect(socket, &GruvSocket::messageReceived, [this](const QByteArray &message) {
        if (message == "two")
            fire(Signal::Message);
    });
    if (signal == Signal::Handler) {
        socket->setMessageHandler([this](const QByteArray &message) {
            if (message == "two")
                fire(Signal::Handler);
        });
    }
}

// The first one is the innocent, the second the subject.
void Stage::clientCame(GruvSocket *socket)
{
    if (m_came++ == 0 || subject || home == Home::Client) {
        echo(socket);
        return;
    }
    watchSubject(socket, true);
    fire(Signal::ConnectionHandler);
}

bool Stage::isSubject(GruvSocket *socket)
{
    ledger.blameIf(isServerDying);
    return socket == subject && !ledger.isGone;
}

void Stage::watchMessages()
{
    QObject::connect(server.get(), &GruvServer::messageReceived,
                     [=](GruvSocket *socket, const QByteArray &message) {
                         if (!isSubject(socket))
                             return;
                         ledger.blameIf(!m_isAnnounced || m_isTold);
                         if (message == "two")
                             fire(Signal::ServerMessage);
                     });
}

void Stage::watchServer()
{
    QObject::connect(server.get(), &GruvServer::clientConnected, [=](GruvSocket *socket) {
        if (!isSubject(socket))
            return;
        ledger.blameIf(std::exchange(m_isAnnounced, true));
        fire(Signal::ClientConnected);
    });
    QObject::connect(server.get(), &GruvServer::clientDisconnected, [=](GruvSocket *socket) {
        if (!isSubject(socket))
            return;
        ledger.blameIf(!m_isAnnounced || std::exchange(m_isTold, true));
        fire(Signal::ClientDisconnected);
    });
    QObject::connect(server.get(), &GruvServer::listeningChanged, [=](bool listening) {
        ledger.blameIf(isServerDying);
        fire(listening ? Signal::ListeningTrue : Signal::ListeningFalse);
    });
    QObject::connect(server.get(), &GruvServer::connectionRejected, [=] {
        ledger.blameIf(isServerDying);
        fire(Signal::Rejected);
    });
    QObject::connect(server.get(), &GruvServer::errorOccurred, [=] {
        ledger.blameIf(isServerDying);
        fire(Signal::ServerError);
    });
}

void Stage::adoptPeer(QTcpSocket *socket)
{
    peer.reset(socket);
    socket->setParent(nullptr);
    QObject::connect(socket, &QTcpSocket::readyRead, socket,
                     [this, socket] { peerBytes += socket->readAll(); });
}

void Stage::connectSubject()
{
    if (home == Home::Client) {
        auto *const socket = new WatchedSocket(&ledger);
        socket->setOptions(stageOptions());
        watchSubject(socket, false);
        Encryption::connect(socket, m_listener.serverPort());
    } else {
        adoptPeer(Encryption::connectedPeer(server->serverPort()));
    }
}

void Stage::prepare()
{
    server->setThreadCount(home == Home::Pool ? 2 : 0);
    server->setSocketOptions(stageOptions());
    server->setConnectionHandler([this](GruvSocket *socket) { clientCame(socket); });
    second.setConnectionHandler(echo);
    Encryption::serve(server.get());
    Encryption::serve(&second);
    QVERIFY(m_listener.listen(QHostAddress::LocalHost) && server->listen(QHostAddress::LocalHost)
            && second.listen(QHostAddress::LocalHost));
    secondPort = second.serverPort();
    QObject::connect(&m_listener, &QTcpServer::newConnection,
                     [this] { adoptPeer(m_listener.nextPendingConnection()); });
    Encryption::connect(&m_innocent, server->serverPort());
    QVERIFY(m_innocent.waitForConnected());
    QVERIFY(innocentEchoes());
    AWAIT(server->clientCount() == 1);
    watchServer();
    const bool watchesLater = signal == Signal::ServerMessage && home == Home::Loop;
    if (!watchesLater) // else the ledger has to be told before
        watchMessages();
    if (signal <= Signal::Connected || signal == Signal::ConnectionHandler
        || signal == Signal::ClientConnected)
        return;
    connectSubject();
    AWAIT(hasPeer() && subject && ledger.begun == 1 && (home == Home::Client || m_isAnnounced));
    if (watchesLater)
        watchMessages();
}

void Stage::inSubjectsThread(const std::function<void()> &function)
{
    if (home == Home::Pool)
        QMetaObject::invokeMethod(subject, function, Qt::QueuedConnection);
    else
        function();
}

void Stage::provoke()
{
    GruvSocket *const socket = subject;
    const auto send = [&](const QByteArray &message) {
        inSubjectsThread([=] { socket->sendMessage(message); });
    };
    switch (signal) {
    case Signal::Message:
    case Signal::Handler:
    case Signal::ServerMessage:
        expected = { "one", "two", "three" };
        peer->write(frame("one") + frame("two") + frame("three"));
        break;
    case Signal::BytesWritten:
        send("small");
        break;
    case Signal::Unwritable:
    case Signal::Writable:
        send(QByteArray(Large, 'L'));
        break;
    case Signal::Refusal:
        send(QByteArray(MaximumMessageSize + 1, 'X'));
        break;
    case Signal::Closing:
        inSubjectsThread([=] { socket->disconnectFromHost(); });
        break;
    case Signal::Fault:
        peer->write("GET / HTTP/1.1\r\n");
        break;
    case Signal::Unconnected:
    case Signal::Disconnected:
    case Signal::ClientDisconnected:
        peer->disconnectFromHost();
        break;
    default:
        provokeServer();
        break;
    }
}

void Stage::provokeServer()
{
    switch (signal) {
    case Signal::ListeningTrue:
    case Signal::ListeningFalse:
        server->close();
        if (server && !server->isListening())
            server->listen(QHostAddress::LocalHost);
        break;
    case Signal::Rejected:
        server->setMaximumConnections(2);
        m_stranger.connectToHost(QHostAddress::LocalHost, server->serverPort());
        break;
    case Signal::ServerError:
        server->listen(QHostAddress::LocalHost); // it does already
        break;
    default:
        connectSubject();
        break;
    }
}

bool Stage::innocentEchoes()
{
    const QByteArray message = QByteArray::number(m_echoes + 1000);
    ++m_echoes;
    if (!m_innocent.sendMessage(message))
        return false;
    QByteArray answer = m_innocent.read(8s).data;
    if (answer == "to all")
        answer = m_innocent.read(8s).data;
    return answer == message;
}

void Stage::ends()
{
    AWAIT(ledger.ended == ledger.begun);
    if (home == Home::Client)
        AWAIT(subject.load()->state() == QAbstractSocket::UnconnectedState);
    else
        AWAIT(ledger.isGone);
}

void Stage::stays()
{
    if (isOver()) {
        ends();
        return;
    }
    AWAIT(hasPeer() && ledger.begun == 1);
    expected.append("after");
    peer->write(frame("after"));
    AWAIT(ledger.messages().size() >= expected.size());
    QCOMPARE(ledger.messages(), expected);
    QCOMPARE(ledger.ended.load(), 0);
}

// Silent, but in a thread of its own the connection may just tell something.
void Stage::deleteServer()
{
    isServerDying = true;
    ledger.isDying = ledger.isDying || home == Home::Loop;
    server.reset();
}

// Who comes now is served as ever.
void Stage::freshEchoes()
{
    server->setMaximumConnections(100);
    QVERIFY(server->isListening() || server->listen(QHostAddress::LocalHost));
    GruvSocket fresh;
    Encryption::connect(&fresh, server->serverPort());
    QVERIFY(fresh.waitForConnected());
    QVERIFY(fresh.sendMessage("fresh"));
    QCOMPARE(fresh.read(8s).data, "fresh");
}

void Stage::finish()
{
    QVERIFY(m_deed.endsServer || innocentEchoes());
    if (home == Home::Client && !ledger.isGone)
        delete subject.load();
    if (server) {
        if (!subject && home != Home::Client)
            QFAIL("the connection under test never came");
        freshEchoes();
        deleteServer();
    }
    AWAIT(!alive);
    QCOMPARE(ledger.wrong.load(), 0);
    QVERIFY(ledger.ended <= ledger.begun);
    AWAIT(ledger.isGone);
}
