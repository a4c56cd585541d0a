// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvsocket.h>

#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <memoryinuse.h>
#include <rawpeer.h>

#include <functional>
#include <thread>

using Ask = std::function<void(GruvSocket *)>;

// What other threads ask for while the socket's own one is busy.
class tst_Mailbox : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void askingForEverStaysBounded_data();
    void askingForEverStaysBounded();
};

void tst_Mailbox::askingForEverStaysBounded_data()
{
    const auto refused = [](GruvSocket *socket) {
        socket->sendMessage(QByteArray(101, 'l'));
        socket->sendMessage(QByteArray(90, 'f'));
    };
    QTest::addColumn<Ask>("ask");
    QTest::addColumn<int>("errors");
    QTest::addColumn<int>("ends");
    QTest::newRow("refusals") << Ask(refused) << 2 << 0;
    QTest::newRow("abort") << Ask([](GruvSocket *socket) { socket->abort(); }) << 0 << 1;
    QTest::newRow("disconnect") << Ask([](GruvSocket *socket) { socket->disconnectFromHost(); })
                                << 0 << 1;
    QTest::newRow("all") << Ask([refused](GruvSocket *socket) {
        refused(socket);
        socket->disconnectFromHost();
        socket->abort();
    }) << 2 << 1;
}

void tst_Mailbox::askingForEverStaysBounded()
{
    QFETCH(Ask, ask);
    QFETCH(int, errors);
    QFETCH(int, ends);
    RawPeer::Listener listener;
    GruvSocket socket;
    GruvSocketOptions options;
    options.maximumMessageSize = 100;
    options.writeBufferLimit = 80;
    socket.setOptions(options);
    const auto peer = listener.connect(&socket);
    QVERIFY(peer);
    QSignalSpy told(&socket, &GruvSocket::errorOccurred);
    QSignalSpy ended(&socket, &GruvSocket::disconnected);
    qint64 grown = 0;
    std::thread([&] {
        ask(&socket);
        const qint64 before = liveBytes();
        for (int i = 0; i < 20'000; ++i)
            ask(&socket);
        grown = liveBytes() - before;
    }).join(); // meanwhile the socket's own thread does nothing
    QVERIFY2(grown < 64 * 1024, QByteArray::number(grown).constData());
    QTRY_VERIFY(told.size() >= errors && ended.size() >= ends);
    QCOMPARE(told.size(), errors);
    QCOMPARE(ended.size(), ends);
}

QTEST_GUILESS_MAIN(tst_Mailbox)
#include "tst_mailbox.moc"
