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
    const auto play = [seed](Story &told) {
        constexpr int Count = 8;
        QRandomGenerator random(seed);
        std::deque<Pair> pairs(Count);
        std::unique_ptr<QSocketNotifier> notifiers[Count];
        QObject context;
        QStringList heard;
        for (int step = 0; step < 400; ++step) {
            const int which = random.bounded(Count);
            Pair &pair = pairs[size_t(which)];
            auto &notifier = notifiers[which];
            switch (random.bounded(7)) {
            case 0:
            case 1:
                notifier.reset();
                notifier = std::make_unique<QSocketNotifier>(pair.near(), QSocketNotifier::Read);
                onActivated(notifier.get(),
                            [&heard, which] { heard.append(QString::number(which)); });
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
                post(&context, [&heard, step] { heard.append(QStringLiteral("p%1").arg(step)); });
                break;
            default:
                QTimer::singleShot(0, &context, [&heard, step] {
                    heard.append(QStringLiteral("t%1").arg(step));
                });
                break;
            }
            if (random.bounded(3) != 0)
                continue;
            const bool happened = turn();
            heard.sort();
            told.add(QStringLiteral("[%1]%2").arg(heard.join(u',')).arg(happened));
            heard.clear();
        }
    };
    QFETCH_GLOBAL(Kind, kind);
    const QString expected = Stage::in(Kind::Unix, play);
    QVERIFY(expected.size() > 400);
    QCOMPARE(Stage::in(kind, play), expected);
}
