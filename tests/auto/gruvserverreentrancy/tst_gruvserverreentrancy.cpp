// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvserver.h>
#include <gruvsocks/gruvsocket.h>

#include <QtCore/qpointer.h>
#include <QtCore/qtimer.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <servertools.h>

#include <array>
#include <functional>

// Contract 3 for the server: any slot may do anything.
class tst_GruvServerReentrancy : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void anySlotMayDoAnything_data();
    void anySlotMayDoAnything();
    void rejectedMayDeleteTheServer();
    void broadcastMayMeetAServerThatDies();
    void stopMayMeetAServerThatDies();
    void nestedConnectionsInsideAConnectionHandler();
};

using namespace std::chrono_literals;
using ServerTools::connectTo;

namespace {

enum class Place { ConnectionHandler, ClientConnected, MessageReceived, ClientDisconnected };
enum class Client { Stays, Ends, Vanishes }; // what the action does to the connection
enum class Server { Listens, Closed, Gone };

struct Scene
{
    std::unique_ptr<GruvServer> server;
    QPointer<GruvSocket> socket;
    GruvSocket client;
};

struct Action
{
    const char *name;
    Client client;
    Server server;
    std::function<void(Scene *)> run;
};

void nestedLoop(Scene *scene)
{
    GruvSocket other; // all it needs is served by the nested loop
    QVERIFY(connectTo(&other, *scene->server));
    QVERIFY(QTest::qWaitFor([&] { return scene->server->clientCount() > 0; }));
}

const std::array actions{
    Action{ "nothing", Client::Stays, Server::Listens, [](Scene *) {} },
    Action{ "delete-socket", Client::Vanishes, Server::Listens,
            [](Scene *scene) { delete scene->socket; } },
    Action{ "delete-socket-later", Client::Vanishes, Server::Listens,
            [](Scene *scene) { scene->socket->deleteLater(); } },
    Action{ "abort-socket", Client::Ends, Server::Listens,
            [](Scene *scene) { scene->socket->abort(); } },
    Action{ "close-socket", Client::Ends, Server::Listens,
            [](Scene *scene) { scene->socket->disconnectFromHost(); } },
    Action{ "delete-server", Client::Vanishes, Server::Gone,
            [](Scene *scene) { scene->server.reset(); } },
    Action{ "delete-server-later", Client::Vanishes, Server::Gone,
            [](Scene *scene) { scene->server.release()->deleteLater(); } },
    Action{ "stop", Client::Ends, Server::Closed, [](Scene *scene) { scene->server->stop(); } },
    Action{ "stop-with-drain", Client::Ends, Server::Closed,
            [](Scene *scene) { scene->server->stop(20ms); } },
    Action{ "stop-and-listen-again", Client::Ends, Server::Listens,
            [](Scene *scene) {
                scene->server->stop();
                QVERIFY(scene->server->listen(QHostAddress::LocalHost));
            } },
    Action{ "close", Client::Stays, Server::Closed, [](Scene *scene) { scene->server->close(); } },
    Action{ "close-and-delete-socket", Client::Vanishes, Server::Closed,
            [](Scene *scene) {
                scene->server->close();
                delete scene->socket;
            } },
    Action{ "broadcast", Client::Stays, Server::Listens,
            [](Scene *scene) { scene->server->broadcast("to all"); } },
    Action{ "nested-loop", Client::Stays, Server::Listens, nestedLoop },
};

// Has act run once, at place; everything the server says is counted.
struct Stage
{
    Stage(Scene *scene, Place place, const std::function<void(Scene *)> &act)
    {
        const auto at = [this, scene, place, act](Place here, GruvSocket *socket) {
            if (here != place || std::exchange(acted, true))
                return;
            scene->socket = socket;
            act(scene);
        };
        GruvServer *server = scene->server.get();
        server->setConnectionHandler([=](GruvSocket *s) { at(Place::ConnectionHandler, s); });
        QObject::connect(server, &GruvServer::clientConnected, server, [this, at](GruvSocket *s) {
            ++connected;
            at(Place::ClientConnected, s);
        });
        QObject::connect(server, &GruvServer::messageReceived, server,
                         [=](GruvSocket *s, const QByteArray &) { at(Place::MessageReceived, s); });
        QObject::connect(server, &GruvServer::clientDisconnected, server,
                         [this, at](GruvSocket *s) {
                             ++disconnected;
                             at(Place::ClientDisconnected, s);
                         });
    }
    Q_DISABLE_COPY_MOVE(Stage)

    int connected = 0;
    int disconnected = 0;
    bool acted = false;
};

} // namespace

void tst_GruvServerReentrancy::anySlotMayDoAnything_data()
{
    QTest::addColumn<int>("place");
    QTest::addColumn<int>("action");
    const std::array places{ "handler", "connected", "message", "disconnected" };
    for (size_t place = 0; place < places.size(); ++place) {
        for (size_t action = 0; action < actions.size(); ++action)
            QTest::addRow("%s-%s", places[place], actions[action].name)
                    << int(place) << int(action);
    }
}

void tst_GruvServerReentrancy::anySlotMayDoAnything()
{
    QFETCH(int, place);
    QFETCH(int, action);
    const Action &act = actions[size_t(action)];
    Scene scene;
    scene.server = std::make_unique<GruvServer>();
    const QPointer<GruvServer> alive = scene.server.get();
    Stage stage(&scene, Place(place), act.run);
    QVERIFY(scene.server->listen(QHostAddress::LocalHost));
    QVERIFY(connectTo(&scene.client, *scene.server));
    scene.client.sendMessage("hello");
    if (Place(place) == Place::ClientDisconnected)
        scene.client.disconnectFromHost();
    QTRY_VERIFY(stage.acted);

    if (act.client != Client::Stays)
        QTRY_COMPARE(scene.client.state(), QAbstractSocket::UnconnectedState);
    scene.client.disconnectFromHost();
    QTRY_COMPARE(scene.client.state(), QAbstractSocket::UnconnectedState);
    QTRY_COMPARE(!alive, act.server == Server::Gone);
    if (alive)
        QTRY_COMPARE(alive->clientCount(), 0);
    // What vanished was not told of; everything else was told in pairs.
    if (act.client != Client::Vanishes || Place(place) == Place::ClientDisconnected)
        QCOMPARE(stage.disconnected, stage.connected);
    QVERIFY(stage.disconnected <= stage.connected);
    if (!alive)
        return;

    QCOMPARE(alive->isListening(), act.server == Server::Listens);
    QVERIFY(alive->isListening() || alive->listen(QHostAddress::LocalHost));
    QSignalSpy messages(alive.get(), &GruvServer::messageReceived);
    GruvSocket next;
    QVERIFY(connectTo(&next, *alive));
    QVERIFY(next.sendMessage("served as ever"));
    QTRY_COMPARE(messages.size(), 1);
    QCOMPARE(messages.first().at(1).toByteArray(), "served as ever");
}

void tst_GruvServerReentrancy::rejectedMayDeleteTheServer()
{
    auto server = std::make_unique<GruvServer>();
    server->setMaximumConnections(0);
    connect(server.get(), &GruvServer::connectionRejected, this, [&] { server.reset(); });
    QVERIFY(server->listen(QHostAddress::LocalHost));
    std::array<GruvSocket, 2> clients;
    for (GruvSocket &client : clients)
        client.connectToHost(QHostAddress::LocalHost, server->serverPort());
    QTRY_VERIFY(!server);
    for (GruvSocket &client : clients)
        QTRY_COMPARE(client.state(), QAbstractSocket::UnconnectedState);
}

// Each socket refuses the message and says so: the slot of the first one deletes them all.
void tst_GruvServerReentrancy::broadcastMayMeetAServerThatDies()
{
    auto server = std::make_unique<GruvServer>();
    GruvSocketOptions options;
    options.maximumMessageSize = 1;
    server->setSocketOptions(options);
    int refusals = 0;
    server->setConnectionHandler([&](GruvSocket *socket) {
        connect(socket, &GruvSocket::errorOccurred, this, [&] {
            ++refusals;
            server.reset();
        });
    });
    QVERIFY(server->listen(QHostAddress::LocalHost));
    std::array<GruvSocket, 3> clients;
    for (GruvSocket &client : clients)
        QVERIFY(connectTo(&client, *server));
    QTRY_COMPARE(server->clientCount(), 3);
    QCOMPARE(server->broadcast("too large"), 0);
    QVERIFY(!server);
    QCOMPARE(refusals, 1);
}

void tst_GruvServerReentrancy::stopMayMeetAServerThatDies()
{
    auto server = std::make_unique<GruvServer>();
    int ended = 0;
    connect(server.get(), &GruvServer::clientDisconnected, this, [&] {
        ++ended;
        server.reset();
    });
    QVERIFY(server->listen(QHostAddress::LocalHost));
    std::array<GruvSocket, 3> clients;
    for (GruvSocket &client : clients)
        QVERIFY(connectTo(&client, *server));
    QTRY_COMPARE(server->clientCount(), 3);
    server->stop();
    QVERIFY(!server);
    QCOMPARE(ended, 1);
    for (GruvSocket &client : clients)
        QTRY_COMPARE(client.state(), QAbstractSocket::UnconnectedState);
}

void tst_GruvServerReentrancy::nestedConnectionsInsideAConnectionHandler()
{
    GruvServer server;
    std::array<GruvSocket, 3> clients;
    size_t next = 1;
    int depth = 0;
    int deepest = 0;
    server.setConnectionHandler([&](GruvSocket *) {
        deepest = std::max(deepest, ++depth);
        if (next < clients.size()) {
            const int expected = int(++next);
            clients[next - 1].connectToHost(QHostAddress::LocalHost, server.serverPort());
            QTRY_VERIFY(server.clientCount() >= expected);
        }
        --depth;
    });
    QSignalSpy connected(&server, &GruvServer::clientConnected);
    QVERIFY(server.listen(QHostAddress::LocalHost));
    clients[0].connectToHost(QHostAddress::LocalHost, server.serverPort());
    QTRY_COMPARE(connected.size(), 3);
    QCOMPARE(deepest, 3);
    QCOMPARE(server.clientCount(), 3);
}

QTEST_GUILESS_MAIN(tst_GruvServerReentrancy)
#include "tst_gruvserverreentrancy.moc"
