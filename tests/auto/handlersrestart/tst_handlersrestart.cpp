// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvsocks.h>

#include <QtTest/qtest.h>

#include <servertools.h>
#include <threadtools.h>

// GruvServer::start() again and again, without a stop() that waits in between.
class tst_HandlersRestart : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral(".*"))); }

    void closeLeavesNothingBehind_data();
    void closeLeavesNothingBehind();
    void stopInAHandlerLeavesNothingBehind();
};

using namespace std::chrono_literals;
using ServerTools::connectTo;
using ThreadTools::Patience;

static const QHostAddress Loopback(QHostAddress::LocalHost);

namespace {

// What this process has of the system. To be taken when no thread is about to end: /proc leaves out
// those behind it. One that is joined is not yet gone from there.
class Belongings
{
public:
    bool areTheSameAfter(GruvServer *server) const
    {
        server->close(); // forgets what is over by now
        return ServerTools::ownEntries("task") <= m_threads
               && ServerTools::ownEntries("fd") <= m_descriptors;
    }

private:
    const int m_threads = ServerTools::ownEntries("task");
    const int m_descriptors = ServerTools::ownEntries("fd");
};

} // namespace

void tst_HandlersRestart::closeLeavesNothingBehind_data()
{
    QTest::addColumn<bool>("served");
    QTest::newRow("nobody-came") << false;
    QTest::newRow("served-beyond-the-close") << true;
}

void tst_HandlersRestart::closeLeavesNothingBehind()
{
    QFETCH(const bool, served);
    GruvServer server;
    const auto round = [&] {
        GruvSocket client;
        QVERIFY(server.start(Gruv::echoHandler, 0, Loopback));
        if (served)
            QVERIFY(connectTo(&client, server));
        QTRY_COMPARE(server.clientCount(), int(served));
        server.close();
        if (served) {
            QVERIFY(client.sendMessage("still there"));
            QCOMPARE(client.read().data, "still there");
        }
        client.disconnectFromHost();
        QTRY_COMPARE(server.clientCount(), 0);
    };
    round();
    server.stop();
    const Belongings before;
    for (int i = 0; i < 20; ++i)
        round();
    QTRY_VERIFY(before.areTheSameAfter(&server));
}

// The server starts again while that stop() has its drain.
void tst_HandlersRestart::stopInAHandlerLeavesNothingBehind()
{
    GruvServer server;
    QSemaphore ended;
    const auto handler = [&](const GruvPeer &, GruvSocket &socket) {
        if (socket.read())
            server.stop(20s);
        socket.sendMessage("stopped");
        ended.release();
    };
    const auto round = [&] {
        GruvSocket client;
        QVERIFY(server.start(handler, 0, Loopback));
        QVERIFY(connectTo(&client, server));
        QVERIFY(client.sendMessage("stop"));
        QCOMPARE(client.read().data, "stopped");
        QVERIFY(ended.tryAcquire(1, Patience));
    };
    round();
    server.stop();
    const Belongings before;
    for (int i = 0; i < 20; ++i)
        round();
    QVERIFY(server.start(handler, 0, Loopback)); // what the last stop() posted does nothing now
    QTRY_VERIFY(before.areTheSameAfter(&server));
}

QTEST_GUILESS_MAIN(tst_HandlersRestart)
#include "tst_handlersrestart.moc"
