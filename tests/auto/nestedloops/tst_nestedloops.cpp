// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvserver.h>
#include <gruvsocks/gruvsocket.h>
#include <gruvsocks/gruvsocks.h>

#include <QtCore/qeventloop.h>
#include <QtCore/qpointer.h>
#include <QtCore/qtimer.h>
#include <QtTest/qtest.h>

#include <encryption.h>
#include <mainloop.h>
#include <rawpeer.h>

#include <functional>

// A slot that runs an event loop until what it waits for has come: the connection goes on in it.
class tst_NestedLoops : public QObject, public MainLoop
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void connectionGoesOnInTheSlot_data();
    void connectionGoesOnInTheSlot();
    void lookupEndsInTheSlot();
    void refusalIsNotToldOfAnEndedConnection();
    void deleteLaterOfASlotIsDoneInTheLoop();
};

namespace {

enum class Place { Connected, ConnectedState, Unwritable, Closing, CloseWhenConnected };

using State = QAbstractSocket::SocketState;

void onState(GruvSocket *socket, State wanted, const std::function<void()> &slot)
{
    QObject::connect(socket, &GruvSocket::stateChanged, socket, [wanted, slot](State state) {
        if (state == wanted)
            slot();
    });
}

// Calls slot once the socket is there.
void onPlace(GruvSocket *socket, Place place, const std::function<void()> &slot)
{
    switch (place) {
    case Place::Connected:
    case Place::CloseWhenConnected:
        QObject::connect(socket, &GruvSocket::connected, socket, slot);
        break;
    case Place::ConnectedState:
        onState(socket, QAbstractSocket::ConnectedState, slot);
        break;
    case Place::Unwritable:
        QObject::connect(socket, &GruvSocket::writableChanged, socket, [slot](bool writable) {
            if (!writable)
                slot();
        });
        break;
    case Place::Closing:
        onState(socket, QAbstractSocket::ClosingState, slot);
        break;
    }
}

bool hasGoneOn(const GruvSocket &socket, Place place)
{
    if (place == Place::Closing || place == Place::CloseWhenConnected)
        return socket.state() == QAbstractSocket::UnconnectedState;
    return socket.statistics().messagesReceived > 0;
}

} // namespace

void tst_NestedLoops::connectionGoesOnInTheSlot_data()
{
    QTest::addColumn<Place>("place");
    QTest::newRow("connected") << Place::Connected;
    QTest::newRow("connected-state") << Place::ConnectedState;
    QTest::newRow("unwritable") << Place::Unwritable;
    QTest::newRow("closing") << Place::Closing;
    QTest::newRow("close-when-connected") << Place::CloseWhenConnected;
}

void tst_NestedLoops::connectionGoesOnInTheSlot()
{
    QFETCH(const Place, place);
    GruvServer server;
    server.setConnectionHandler([](GruvSocket *socket) {
        connect(socket, &GruvSocket::messageReceived, socket, &GruvSocket::sendMessage);
    });
    QVERIFY(server.listen(QHostAddress::LocalHost));
    GruvSocket socket;
    socket.setMessageHandler([](const QByteArray &) {});
    int visits = 0;
    onPlace(&socket, place, [&] {
        ++visits;
        QVERIFY(QTest::qWaitFor([&] { return hasGoneOn(socket, place); }));
    });
    socket.connectToHost(QHostAddress::LocalHost, server.serverPort());
    QVERIFY(place != Place::Unwritable || socket.waitForConnected());
    QVERIFY(socket.sendMessage(QByteArray(place == Place::Unwritable ? 2 << 20 : 1, 'm')));
    if (place == Place::CloseWhenConnected)
        socket.disconnectFromHost();
    QTRY_VERIFY(hasGoneOn(socket, place) || socket.statistics().messagesReceived == 1);
    socket.disconnectFromHost();
    QTRY_COMPARE(socket.state(), QAbstractSocket::UnconnectedState);
    QCOMPARE(visits, 1);
    QCOMPARE(socket.error(), GruvSocket::Error::NoError);
}

void tst_NestedLoops::lookupEndsInTheSlot()
{
    GruvSocket socket;
    GruvSocketOptions options;
    options.connectTimeout = std::chrono::milliseconds(100);
    socket.setOptions(options);
    onState(&socket, QAbstractSocket::HostLookupState, [&socket] {
        QVERIFY(QTest::qWaitFor([&] { return socket.error() != GruvSocket::Error::NoError; }));
    });
    socket.connectToHost(QHostAddress::LocalHost, 9);
    QCOMPARE(socket.error(), GruvSocket::Error::ConnectTimeout);
}

void tst_NestedLoops::refusalIsNotToldOfAnEndedConnection()
{
    RawPeer::Listener listener;
    GruvSocket socket;
    GruvSocketOptions options;
    options.writeBufferLimit = 1000;
    socket.setOptions(options);
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    connect(&socket, &GruvSocket::writableChanged, &socket, &GruvSocket::abort);
    int errors = 0;
    connect(&socket, &GruvSocket::errorOccurred, this, [&errors] { ++errors; });
    QEventLoop loop;
    QTimer::singleShot(0, &loop, [&] { // where what is sent waits for the end of the turn
        QVERIFY(socket.sendMessage(QByteArray(400, '1')));
        QVERIFY(!socket.sendMessage(QByteArray(700, '2')));
        loop.quit();
    });
    loop.exec();
    QCOMPARE(errors, 0);
    QCOMPARE(socket.error(), GruvSocket::Error::NoError);
    QCOMPARE(socket.state(), QAbstractSocket::UnconnectedState);
}

// Qt does so only for what is called from an event (QCoreApplication::postEvent(), Qt 6.4.2).
void tst_NestedLoops::deleteLaterOfASlotIsDoneInTheLoop()
{
    GruvServer server;
    Encryption::serve(&server);
    server.setConnectionHandler([](GruvSocket *socket) {
        connect(socket, &GruvSocket::messageReceived, socket, &GruvSocket::sendMessage);
    });
    QVERIFY(server.listen(QHostAddress::LocalHost));
    GruvSocket socket;
    Encryption::connect(&socket, server.serverPort());
    QVERIFY(socket.waitForConnected());
    const QPointer<QObject> doomed = new QObject(this);
    connect(&socket, &GruvSocket::messageReceived, doomed, &QObject::deleteLater);
    bool isDone = false;
    QEventLoop outer;
    QTimer::singleShot(0, &outer, [&] {
        QEventLoop inner;
        connect(doomed, &QObject::destroyed, &inner, &QEventLoop::quit);
        QTimer::singleShot(10'000, &inner, &QEventLoop::quit);
        QVERIFY(socket.sendMessage("message"));
        inner.exec();
        isDone = doomed.isNull();
        outer.quit();
    });
    outer.exec();
    QVERIFY(isDone);
}

QTEST_GUILESS_MAIN(tst_NestedLoops)
#include "tst_nestedloops.moc"
