// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "pipes.h"
#include "stage.h"
#include "tst_eventdispatcher.h"

#include <QtCore/qrandom.h>
#include <QtCore/qtimer.h>
#include <QtNetwork/qtcpserver.h>
#include <QtNetwork/qtcpsocket.h>

#include <deque>

using Stage::post;
using Stage::Story;
using Stage::turn;

// Lookup, connecting, buffered writing, closing: QTcpServer and QTcpSocket as a user of them.
void tst_EventDispatcher::qtClassesWork()
{
    QFETCH_GLOBAL(Kind, kind);
    const QString story = Stage::in(kind, [](Story &told) {
        QTcpServer server;
        server.listen(QHostAddress::LocalHost);
        QObject::connect(&server, &QTcpServer::newConnection, &server, [&] {
            QTcpSocket *peer = server.nextPendingConnection();
            QObject::connect(peer, &QTcpSocket::readyRead, peer,
                             [peer] { peer->write(peer->readAll()); });
        });
        QTcpSocket socket;
        QByteArray echoed;
        const QByteArray sent(3'000'000, 'e');
        QObject::connect(&socket, &QTcpSocket::connected, &socket, [&] { socket.write(sent); });
        QObject::connect(&socket, &QTcpSocket::readyRead, &socket, [&] {
            echoed += socket.readAll();
            if (echoed.size() == sent.size())
                socket.disconnectFromHost();
        });
        QEventLoop loop;
        QObject::connect(&socket, &QTcpSocket::disconnected, &loop, &QEventLoop::quit);
        QTimer::singleShot(Stage::Patience / 2, &loop, &QEventLoop::quit);
        socket.connectToHost(QStringLiteral("localhost"), server.serverPort());
        loop.exec();
        told.add("same", echoed == sent);
    });
    QCOMPARE(story, QStringLiteral("same=1"));
}

namespace {

// What one seed does to some pipes, and what the event loop makes of it.
class RandomPlay
{
public:
    RandomPlay(quint32 seed, Story *told)
        : m_random(seed)
        , m_told(told)
    {}
    void run()
    {
        for (int step = 0; step < 400; ++step) {
            const int which = m_random.bounded(Count);
            act(m_random.bounded(7), which, step);
            if (m_random.bounded(3) == 0)
                tellTurn();
        }
    }

private:
    static constexpr int Count = 8;

    void act(int deed, int which, int step)
    {
        Pair &pair = m_pairs[size_t(which)];
        auto &notifier = m_notifiers[which];
        switch (deed) {
        case 0:
        case 1:
            notifier.reset();
            notifier = std::make_unique<QSocketNotifier>(pair.near(), QSocketNotifier::Read);
            onActivated(notifier.get(), [this, which] { m_heard.append(QString::number(which)); });
            break;
        case 2:
            pair.tell();
            break;
        case 3:
            pair.take();
            break;
        case 4:
            if (notifier)
                notifier->setEnabled(!notifier->isEnabled());
            break;
        case 5:
            post(&m_context, [this, step] { m_heard.append(QStringLiteral("p%1").arg(step)); });
            break;
        default:
            QTimer::singleShot(0, &m_context,
                               [this, step] { m_heard.append(QStringLiteral("t%1").arg(step)); });
            break;
        }
    }
    void tellTurn()
    {
        const bool happened = turn();
        m_heard.sort();
        m_told->add(QStringLiteral("[%1]%2").arg(m_heard.join(u',')).arg(happened));
        m_heard.clear();
    }

    QRandomGenerator m_random;
    Story *const m_told;
    std::deque<Pair> m_pairs = std::deque<Pair>(Count);
    std::unique_ptr<QSocketNotifier> m_notifiers[Count];
    QObject m_context;
    QStringList m_heard;
};

} // namespace

void tst_EventDispatcher::randomPlays_data()
{
    QTest::addColumn<quint32>("seed");
    for (quint32 seed = 1; seed <= 40; ++seed)
        QTest::addRow("seed-%u", seed) << seed;
}

/*
    Notifiers that are written to, read, disabled, enabled, deleted and made again at random, posted
    events and timers between them: both dispatchers see the same. What one turn tells is compared
    as a set, for the order among descriptors is nobody's promise.
*/
void tst_EventDispatcher::randomPlays()
{
    QFETCH(quint32, seed);
    const auto play = [seed](Story &told) { RandomPlay(seed, &told).run(); };
    QFETCH_GLOBAL(Kind, kind);
    const QString expected = Stage::in(Kind::Unix, play);
    QVERIFY(expected.size() > 400);
    QCOMPARE(Stage::in(kind, play), expected);
}
