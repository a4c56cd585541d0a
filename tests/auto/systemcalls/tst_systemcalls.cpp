// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "tst_systemcalls.h"

#include "plainsocket.h"
#include "side.h"

#include <QtCore/qregularexpression.h>
#include <QtNetwork/qtcpsocket.h>
#include <QtTest/qtest.h>

void tst_SystemCalls::init()
{
    QTest::failOnWarning(QRegularExpression(QStringLiteral(".*")));
}

void tst_SystemCalls::callsOfQtAreCounted_data()
{
    QTest::addColumn<Loop>("loop");
    QTest::newRow("unix") << Loop::Unix;
    QTest::newRow("epoll") << Loop::Epoll;
}

// Else all the others would find nothing and be content.
void tst_SystemCalls::callsOfQtAreCounted()
{
    QFETCH(Loop, loop);
    PlainListener listener;
    Side side(loop);
    SystemCalls::Counts before;
    side.call([&] {
        auto *socket = new QTcpSocket(side.home());
        socket->connectToHost(QHostAddress::LocalHost, listener.port());
        socket->waitForConnected();
        connect(socket, &QTcpSocket::readyRead, socket, [socket] {
            socket->write(socket->readAll());
            socket->flush();
        });
        before = SystemCalls::ofThisThread()->now();
    });
    PlainSocket peer = listener.accept();
    QVERIFY(peer.send("x"));
    QCOMPARE(peer.receive(1), "x");
    const SystemCalls::Counts echo = side.calls() - before;
    QVERIFY2(echo[SystemCalls::Read] > 0, echo.text().constData());
    QCOMPARE(echo[SystemCalls::Write], 1);
    QVERIFY2(echo[SystemCalls::Wait] > 0, echo.text().constData());

    const SystemCalls::Counts own = SystemCalls::ofThisThread()->now();
    const SystemCalls::Counts others = side.calls();
    side.call([] {});
    QCOMPARE((SystemCalls::ofThisThread()->now() - own).text(), "1 wake-up");
    QTRY_VERIFY((side.calls() - others)[SystemCalls::Woken] > 0);
}

QTEST_GUILESS_MAIN(tst_SystemCalls)
