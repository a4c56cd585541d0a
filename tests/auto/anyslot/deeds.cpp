// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "stage.h"
#include "table.h"

#include <QtCore/qeventloop.h>
#include <QtCore/qtimer.h>
#include <QtTest/qtest.h>

#include <rawpeer.h>

using namespace std::chrono_literals;
using RawPeer::frame;

namespace {

void deleteSocket(Stage &stage)
{
    stage.ledger.isDying = true;
    delete stage.subject.load();
}

void peerSeesTheEnd(Stage &stage)
{
    QVERIFY(stage.ledger.isGone);
    AWAIT(!stage.hasPeer());
}

void isDeletedLater(Stage &stage)
{
    AWAIT(stage.ledger.isGone);
    peerSeesTheEnd(stage);
}

// Contract 4: what was accepted before arrives.
void sendAndClose(Stage &stage)
{
    stage.found = stage.subject.load()->sendMessage("before");
    stage.subject.load()->disconnectFromHost();
}

void everythingArrives(Stage &stage)
{
    QCOMPARE(stage.found, int(!stage.isOver()));
    if (stage.found)
        AWAIT(stage.peerBytes.endsWith(frame("before")));
    stage.ends();
}

void connectAgain(Stage &stage)
{
    GruvSocket *const socket = stage.subject;
    socket->abort(); // where there is nothing to end, it does nothing
    Encryption::connect(socket, stage.secondPort);
}

void echoesAgain(Stage &stage)
{
    if (stage.home != Home::Client) {
        AWAIT(stage.ledger.isGone); // its server deletes it after its first end
        return;
    }
    GruvSocket *const socket = stage.subject;
    AWAIT(socket->state() == QAbstractSocket::ConnectedState);
    QCOMPARE(socket->peerPort(), stage.secondPort);
    QVERIFY(socket->sendMessage("again"));
    AWAIT(stage.ledger.messages().endsWith("again"));
    QCOMPARE(stage.ledger.begun - stage.ledger.ended, 1);
}

// All that the inner connection needs is served inside the slot.
void runAnEventLoop(Stage &stage)
{
    QEventLoop loop;
    GruvSocket inner;
    QObject::connect(&inner, &GruvSocket::messageReceived, &loop, [&](const QByteArray &message) {
        stage.found = message == "nested";
        loop.quit();
    });
    QObject::connect(&inner, &GruvSocket::errorOccurred, &loop, &QEventLoop::quit);
    QTimer::singleShot(8s, &loop, &QEventLoop::quit);
    Encryption::connect(&inner, stage.secondPort);
    inner.sendMessage("nested");
    loop.exec();
}

void loopHasServed(Stage &stage)
{
    QCOMPARE(stage.found, 1);
    stage.stays();
}

void sendOne(Stage &stage)
{
    stage.found = stage.subject.load()->sendMessage("from the slot");
}

void arrives(Stage &stage)
{
    QCOMPARE(stage.found, int(!stage.isOver()));
    if (stage.found)
        AWAIT(stage.peerBytes.contains(frame("from the slot")));
    stage.stays();
}

void pauseReading(Stage &stage)
{
    stage.subject.load()->pauseReading();
    stage.found = stage.subject.load()->isReadingPaused();
}

void waitsForResume(Stage &stage)
{
    QCOMPARE(stage.found, 1);
    if (stage.isOver()) {
        stage.ends();
        return;
    }
    AWAIT(stage.hasPeer() && stage.ledger.begun == 1);
    stage.peer->write(frame("paused"));
    stage.expected.append("paused");
    QVERIFY(stage.innocentEchoes());
    QCOMPARE(stage.ledger.messages().size(), stage.isMessageSignal() ? 2 : 0);
    GruvSocket *const socket = stage.subject;
    stage.inSubjectsThread([socket] { socket->resumeReading(); });
    stage.stays();
}

void readOne(Stage &stage)
{
    const auto [status, data] = stage.subject.load()->read(1ms);
    stage.found = status == GruvSocket::ReadStatus::Ok && data == "three";
}

void readIsNotDeliveredAgain(Stage &stage)
{
    QCOMPARE(stage.found, int(stage.isMessageSignal()));
    if (stage.found)
        stage.expected.removeOne("three");
    stage.stays();
}

void moveAway(Stage &stage)
{
    stage.subject.load()->moveToThread(&stage.elsewhere);
    stage.found = stage.subject.load()->thread() == &stage.elsewhere;
}

void connectsThere(Stage &stage)
{
    if (stage.home != Home::Client) { // Qt moves nothing that has a parent
        QCOMPARE(stage.found, 0);
        stage.stays();
        return;
    }
    QCOMPARE(stage.found, 1);
    GruvSocket *const socket = stage.subject;
    stage.elsewhere.start();
    QMetaObject::invokeMethod(
            socket, [&] { Encryption::connect(socket, stage.secondPort); },
            Qt::BlockingQueuedConnection);
    QVERIFY(socket->sendMessage("again"));
    AWAIT(stage.ledger.messages().endsWith("again"));
    socket->deleteLater();
    AWAIT(stage.ledger.isGone);
}

void serverIsGone(Stage &stage)
{
    AWAIT(!stage.alive);
    isDeletedLater(stage);
}

void allHaveEnded(Stage &stage)
{
    AWAIT(stage.ledger.isGone);
    QCOMPARE(stage.ledger.ended.load(), stage.ledger.begun.load());
    AWAIT(stage.server->clientCount() == 0);
}

void restart(Stage &stage)
{
    stage.server->stop();
    stage.found = stage.server->listen(QHostAddress::LocalHost);
}

void closeServer(Stage &stage)
{
    stage.server->close();
    stage.found = !stage.server->isListening();
}

void broadcast(Stage &stage)
{
    stage.found = stage.server->broadcast("to all");
}

void everybodyGetsIt(Stage &stage)
{
    QCOMPARE(stage.found, stage.isOver() ? 1 : 2);
    if (!stage.isOver())
        AWAIT(stage.peerBytes.contains(frame("to all")));
    stage.stays();
}

} // namespace

const std::vector<Deed> &deeds()
{
    using Where = Deed::Where;
    static const std::vector<Deed> all{
        { "delete", Where::Socket, false, deleteSocket, peerSeesTheEnd },
        { "delete-later", Where::Any, false, [](Stage &s) { s.subject.load()->deleteLater(); },
          isDeletedLater },
        { "abort", Where::Any, false, [](Stage &s) { s.subject.load()->abort(); },
          [](Stage &s) { s.ends(); } },
        { "disconnect", Where::Any, false, sendAndClose, everythingArrives },
        { "connect-again", Where::Socket, false, connectAgain, echoesAgain },
        { "nested-loop", Where::Any, false, runAnEventLoop, loopHasServed },
        { "send", Where::Any, false, sendOne, arrives },
        { "pause", Where::Socket, false, pauseReading, waitsForResume },
        { "read", Where::Socket, false, readOne, readIsNotDeliveredAgain },
        { "move-to-thread", Where::Socket, false, moveAway, connectsThere },
        { "delete-server", Where::Server, true, [](Stage &s) { s.deleteServer(); }, serverIsGone },
        { "delete-server-later", Where::AnyOfServer, true,
          [](Stage &s) { s.server.release()->deleteLater(); }, serverIsGone },
        { "stop", Where::AnyOfServer, true, [](Stage &s) { s.server->stop(); }, allHaveEnded },
        { "stop-with-drain", Where::AnyOfServer, true, [](Stage &s) { s.server->stop(20ms); },
          allHaveEnded },
        { "restart", Where::Server, true, restart, allHaveEnded },
        { "close", Where::Server, false, closeServer,
          [](Stage &s) {
              QCOMPARE(s.found, 1);
              s.stays();
          } },
        { "broadcast", Where::Server, false, broadcast, everybodyGetsIt },
    };
    return all;
}
