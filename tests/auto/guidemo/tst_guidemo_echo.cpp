// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <echoroom.h>

#include <gruvsocks/gruvserver.h>
#include <gruvsocks/gruvsocket.h>

#include <QtTest/qtest.h>
#include <QtTest/qtesteventloop.h>

#include <array>
#include <memory>

using namespace std::chrono_literals;

class tst_GuidemoEcho : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();

    void noDelayedAnswerIsForgotten();
    void emptyMessagesTakeRoom();

private:
    static constexpr int GuestCount = 6;

    std::unique_ptr<EchoRoom> m_room;
    std::unique_ptr<GruvServer> m_server;
    std::array<std::unique_ptr<GruvSocket>, GuestCount> m_guests;
    int m_answers = 0;
};

void tst_GuidemoEcho::init()
{
    m_answers = 0;
    m_room = std::make_unique<EchoRoom>();
    m_server = std::make_unique<GruvServer>();
    connect(m_server.get(), &GruvServer::clientConnected, m_room.get(), &EchoRoom::enter);
    connect(m_server.get(), &GruvServer::clientDisconnected, m_room.get(), &EchoRoom::leave);
    connect(m_server.get(), &GruvServer::messageReceived, m_room.get(), &EchoRoom::receive);
    QVERIFY(m_server->listen(QHostAddress::LocalHost));
    for (auto &guest : m_guests) {
        guest = std::make_unique<GruvSocket>();
        connect(guest.get(), &GruvSocket::messageReceived, this, [this] {
            if (++m_answers == GuestCount)
                QTestEventLoop::instance().exitLoop();
        });
        guest->connectToHost(QHostAddress::LocalHost, m_server->serverPort());
    }
    QTRY_COMPARE(m_server->clientCount(), GuestCount);
}

void tst_GuidemoEcho::cleanup()
{
    for (auto &guest : m_guests)
        guest.reset();
    m_server.reset();
    m_room.reset();
}

// The last answer of a round may become due while the room gives the others, and nothing after it
// would wake the room.
void tst_GuidemoEcho::noDelayedAnswerIsForgotten()
{
    const QList<GruvSocket *> guests = m_server->clients();
    for (int round = 0; round < 1'000; ++round) {
        m_answers = 0;
        m_room->setDelay(2ms);
        m_room->receive(guests.at(round % GuestCount), "last");
        const QDeadlineTimer apart(std::chrono::microseconds(750 + round % 250), Qt::PreciseTimer);
        while (!apart.hasExpired()) {
        }
        m_room->setDelay(1ms);
        for (int i = 1; i < GuestCount; ++i)
            m_room->receive(guests.at((round + i) % GuestCount), "early");
        QTestEventLoop::instance().enterLoopMSecs(2'000); // QTRY_ looks only every 50 ms
        QCOMPARE(m_answers, GuestCount);
    }
}

void tst_GuidemoEcho::emptyMessagesTakeRoom()
{
    GruvSocket *const guest = m_server->clients().constFirst();
    m_room->setDelay(1h);
    for (qint64 i = 0; i < EchoRoom::MaximumWaiting / 32 && !guest->isReadingPaused(); ++i)
        m_room->receive(guest, {});
    QVERIFY(guest->isReadingPaused());
}

QTEST_GUILESS_MAIN(tst_GuidemoEcho)
#include "tst_guidemo_echo.moc"
