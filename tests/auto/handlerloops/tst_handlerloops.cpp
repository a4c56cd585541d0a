// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvsocks.h>

#include <QtCore/qeventloop.h>
#include <QtCore/qthread.h>
#include <QtCore/qtimer.h>
#include <QtTest/qtest.h>

#include <servertools.h>

#include <array>

// A handler of start() runs event loops of its own; its thread serves others after it.
class tst_HandlerLoops : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void deedIsForgottenWithItsHandler_data();
    void deedIsForgottenWithItsHandler();
};

using namespace std::chrono_literals;

namespace {

enum class Deed { Nothing, Quit, Exit, QuitInALoop, Interrupt };

// Returns with what the loop ended: -1 if it did not run, or was not to.
int runLoop(Deed inIt)
{
    if (QThread::currentThread()->isInterruptionRequested())
        return -1;
    QEventLoop loop;
    QTimer::singleShot(0, &loop, [&] {
        inIt == Deed::QuitInALoop ? QThread::currentThread()->quit() : loop.exit(7);
    });
    return loop.exec();
}

void perform(Deed deed)
{
    if (deed == Deed::Quit)
        QThread::currentThread()->quit();
    else if (deed == Deed::Exit)
        QThread::currentThread()->exit(3);
    else if (deed == Deed::QuitInALoop)
        runLoop(deed);
    else if (deed == Deed::Interrupt)
        QThread::currentThread()->requestInterruption();
}

} // namespace
Q_DECLARE_METATYPE(Deed)

void tst_HandlerLoops::deedIsForgottenWithItsHandler_data()
{
    QTest::addColumn<Deed>("deed");
    QTest::newRow("nothing") << Deed::Nothing;
    QTest::newRow("quit") << Deed::Quit;
    QTest::newRow("exit") << Deed::Exit;
    QTest::newRow("quit-in-a-loop") << Deed::QuitInALoop;
    QTest::newRow("interrupt") << Deed::Interrupt;
}

// Its peer hears how the loop of each ended, before the deed.
void tst_HandlerLoops::deedIsForgottenWithItsHandler()
{
    QFETCH(const Deed, deed);
    GruvServer server;
    server.setMaximumHandlerThreads(1);
    const auto handler = [deed](const GruvPeer &, GruvSocket &socket) {
        socket.sendMessage(QByteArray::number(runLoop(Deed::Nothing)));
        perform(deed);
        socket.sendMessage("done"); // it may still be waited for, and read
        const QByteArray answer = socket.read(10s).data;
        socket.sendMessage(answer);
    };
    QVERIFY(server.start(handler, 0, QHostAddress::LocalHost));
    std::array<GruvSocket, 3> clients;
    for (GruvSocket &client : clients) {
        QVERIFY(ServerTools::connectTo(&client, server));
        QCOMPARE(client.read(10s).data, "7");
        QCOMPARE(client.read(10s).data, "done");
        QVERIFY(client.sendMessage("answer"));
        QCOMPARE(client.read(10s).data, "answer");
    }
}

QTEST_GUILESS_MAIN(tst_HandlerLoops)
#include "tst_handlerloops.moc"
