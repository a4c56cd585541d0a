// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "tst_messagehandler.h"

#include <QtCore/qeventloop.h>
#include <QtCore/qtimer.h>

#include <wirepair.h>

#include <memory>

using namespace std::chrono_literals;

namespace {

// Told apart from freed memory: it spoils what it holds when it goes.
class State
{
public:
    ~State() { m_mark = "released"; }
    QByteArray mark() const { return m_mark; }

private:
    QByteArray m_mark = "alive";
};

} // namespace

void tst_MessageHandler::replacesItself()
{
    WirePair pair;
    QList<QByteArray> first;
    QList<QByteArray> second;
    QByteArray mark;
    const auto state = std::make_shared<State>();
    const std::weak_ptr<State> watch = state;
    bool isAlive = false;
    pair.socket->setMessageHandler([&, held = std::shared_ptr<State>(state)](const QByteArray &m) {
        first.append(m);
        if (m != "3")
            return;
        pair.socket->setMessageHandler([&](const QByteArray &next) { second.append(next); });
        pair.socket->setMessageHandler([&](const QByteArray &next) { second.append(next + '!'); });
        isAlive = watch.use_count() >= 2; // the test's own, and that of what runs here
        mark = held->mark();
    });
    QVERIFY(pair.connect());
    pair.send(numbers(0, 10));
    QTRY_COMPARE(second.size(), 6);
    QCOMPARE(first, numbers(0, 4));
    QCOMPARE(second, (QList<QByteArray>{ "4!", "5!", "6!", "7!", "8!", "9!" }));
    QVERIFY(isAlive);
    QCOMPARE(mark, "alive");
}

void tst_MessageHandler::removesItself()
{
    WirePair pair;
    QList<QByteArray> got;
    auto state = std::make_shared<State>();
    bool isAlive = false;
    pair.socket->setMessageHandler([&, held = std::weak_ptr<State>(state),
                                    own = std::shared_ptr<State>(state)](const QByteArray &m) {
        got.append(m);
        if (m != "3")
            return;
        state.reset();
        pair.socket->setMessageHandler({});
        isAlive = held.use_count() == 1 && own->mark() == "alive";
    });
    QVERIFY(pair.connect());
    pair.send(numbers(0, 100));
    QTRY_COMPARE(pair.socket->statistics().bytesReceived, wireOf(numbers(0, 100)).size());
    QCOMPARE(got, numbers(0, 4));
    QVERIFY(isAlive);
    QCOMPARE(pair.socket->read(-1ms).data, "4");
    pair.socket->setMessageHandler([&](const QByteArray &m) { got.append(m); });
    QTRY_COMPARE(got, numbers(0, 4) + numbers(5, 100));
}

void tst_MessageHandler::isReplacedInItsEventLoop()
{
    WirePair pair;
    QList<QByteArray> got;
    QByteArray mark;
    const auto other = [&](const QByteArray &message) { got.append(message + '!'); };
    pair.socket->setMessageHandler([&, held = std::make_shared<State>()](const QByteArray &m) {
        got.append(m);
        if (m != "3")
            return;
        QEventLoop loop;
        QTimer::singleShot(0, &loop, [&] {
            pair.socket->setMessageHandler(other);
            QTimer::singleShot(0, &loop, &QEventLoop::quit);
        });
        loop.exec();
        mark = held->mark();
    });
    QVERIFY(pair.connect());
    pair.send(numbers(0, 6));
    QTRY_COMPARE(got.size(), 6);
    QCOMPARE(got, (QList<QByteArray>{ "0", "1", "2", "3", "4!", "5!" }));
    QCOMPARE(mark, "alive");
}

void tst_MessageHandler::releasedWhenReplaced()
{
    WirePair pair;
    QList<QByteArray> got;
    auto state = std::make_shared<State>();
    const std::weak_ptr<State> watch = state;
    pair.socket->setMessageHandler(
            [&got, held = std::move(state)](const QByteArray &m) { got.append(m); });
    QVERIFY(pair.connect());
    pair.send({ "0" });
    QTRY_COMPARE(got.size(), 1);
    QCOMPARE(watch.use_count(), 1); // and no delivery that is over keeps it
    state = watch.lock();
    pair.socket->setMessageHandler([held = std::move(state)](const QByteArray &) {});
    QCOMPARE(watch.use_count(), 1);
    pair.socket->setMessageHandler({});
    QVERIFY(watch.expired());
}

void tst_MessageHandler::releasedWhenReplacedFromInside()
{
    for (const bool removes : { false, true }) {
        WirePair pair;
        QList<QByteArray> got;
        auto state = std::make_shared<State>();
        const std::weak_ptr<State> watch = state;
        pair.socket->setMessageHandler([&, held = std::move(state)](const QByteArray &m) {
            got.append(m);
            if (removes)
                pair.socket->setMessageHandler({});
            else
                pair.socket->setMessageHandler([&](const QByteArray &next) { got.append(next); });
        });
        QVERIFY(pair.connect());
        pair.send({ "0" }); // and no second one is needed
        QTRY_COMPARE(got.size(), 1);
        QVERIFY(watch.expired());
    }
}

void tst_MessageHandler::releasedWithTheSocket()
{
    WirePair pair;
    auto state = std::make_shared<State>();
    const std::weak_ptr<State> watch = state;
    pair.socket->setMessageHandler([held = std::move(state)](const QByteArray &) {});
    QVERIFY(pair.connect());
    pair.peer->disconnectFromHost();
    QTRY_COMPARE(pair.socket->state(), QAbstractSocket::UnconnectedState);
    QCOMPARE(watch.use_count(), 1); // the next connection has it too
    pair.socket.reset();
    QVERIFY(watch.expired());
}

void tst_MessageHandler::releasedWithTheSocketFromInside()
{
    WirePair pair;
    auto state = std::make_shared<State>();
    const std::weak_ptr<State> watch = state;
    QByteArray mark;
    pair.socket->setMessageHandler([&, held = std::move(state)](const QByteArray &) {
        pair.socket.reset();
        mark = held->mark();
    });
    QVERIFY(pair.connect());
    pair.send(numbers(0, 10));
    QTRY_VERIFY(!pair.socket);
    QCOMPARE(mark, "alive");
    QVERIFY(watch.expired());
}
