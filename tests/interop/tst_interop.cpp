// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

// GruvSocks and peers that know nothing of it: Python's struct.pack(">I") and Erlang's {packet, 4}.
// 10,000 messages each way at once, in both roles; contents, count and order checked at both ends.

#include "exchange.h"
#include "peerprocess.h"

#include <gruvsocks/gruvsocks.h>

#include <QtCore/qelapsedtimer.h>
#include <QtCore/qregularexpression.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <atomic>
#include <thread>

using namespace Qt::StringLiterals;

namespace {

constexpr quint32 ourSeed = 20260101;
constexpr quint32 theirSeed = 77;
constexpr int messages = 10'000;
constexpr int wholeRun = 100'000; // ms; a run takes two to three seconds

enum class Language { Python, Erlang };
enum class Role { Client, Server }; // ours

} // namespace

class tst_Interop : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void exchangeBySignals_data();
    void exchangeBySignals();
    void exchangeByBlockingCalls_data();
    void exchangeByBlockingCalls();

private:
    static void columns();
    static void bothRoles(const QByteArray &name, Language language, Exchange::Closer closer,
                          Traffic::Profile profile = Traffic::Profile::Mixed,
                          const QString &sending = u"plain"_s, const QString &reading = u"plain"_s);
    static Exchange exchange();
    static void startPeer(PeerProcess &peer, quint16 connectTo);
    static void converse(Exchange &exchange, PeerProcess &peer);
    static void compare(const Exchange &exchange, PeerProcess &peer);
};

void tst_Interop::init()
{
    QTest::failOnWarning(QRegularExpression(u".?"_s));
    QFETCH(Language, language);
    if (language == Language::Python ? *INTEROP_PYTHON == '\0' : *INTEROP_ESCRIPT == '\0')
        QTest::qSkip("python3, or escript (Debian: erlang-base), was not there at configure time",
                     __FILE__, __LINE__);
}

void tst_Interop::columns()
{
    QTest::addColumn<Language>("language");
    QTest::addColumn<Role>("role");
    QTest::addColumn<Exchange::Closer>("closer");
    QTest::addColumn<Traffic::Profile>("profile");
    QTest::addColumn<QString>("sending");
    QTest::addColumn<QString>("reading");
}

void tst_Interop::bothRoles(const QByteArray &name, Language language, Exchange::Closer closer,
                            Traffic::Profile profile, const QString &sending,
                            const QString &reading)
{
    QTest::newRow((name + "-client").constData())
            << language << Role::Client << closer << profile << sending << reading;
    QTest::newRow((name + "-server").constData())
            << language << Role::Server << closer << profile << sending << reading;
}

void tst_Interop::exchangeBySignals_data()
{
    using Profile = Traffic::Profile;
    constexpr auto us = Exchange::Closer::Us;
    constexpr auto them = Exchange::Closer::Peer;
    columns();
    bothRoles("python-we-close", Language::Python, us);
    bothRoles("python-peer-closes", Language::Python, them);
    bothRoles("python-partial-sends", Language::Python, us, Profile::Mixed, u"partial"_s);
    bothRoles("python-one-byte-at-a-time", Language::Python, them, Profile::Tiny, u"bytes"_s);
    bothRoles("python-two-frames-in-one-send", Language::Python, us, Profile::Mixed, u"pairs"_s);
    bothRoles("python-split-headers", Language::Python, them, Profile::Mixed, u"split-headers"_s);
    bothRoles("python-small-reads", Language::Python, us, Profile::Mixed, u"plain"_s, u"small"_s);
    bothRoles("python-late-reader", Language::Python, us, Profile::Mixed, u"plain"_s, u"late"_s);
    bothRoles("erlang-we-close", Language::Erlang, us);
    bothRoles("erlang-peer-closes", Language::Erlang, them);
}

void tst_Interop::exchangeByBlockingCalls_data()
{
    columns();
    bothRoles("python-we-close", Language::Python, Exchange::Closer::Us);
    bothRoles("python-peer-closes", Language::Python, Exchange::Closer::Peer);
    bothRoles("erlang-we-close", Language::Erlang, Exchange::Closer::Us);
    bothRoles("erlang-peer-closes", Language::Erlang, Exchange::Closer::Peer);
}

Exchange tst_Interop::exchange()
{
    QFETCH(Language, language);
    QFETCH(Exchange::Closer, closer);
    QFETCH(Traffic::Profile, profile);
    return { Traffic(ourSeed, profile, messages), Traffic(theirSeed, profile, messages),
             language == Language::Python ? QCryptographicHash::Sha256 : QCryptographicHash::Md5,
             closer };
}

// connectTo 0: it listens and tells its port.
void tst_Interop::startPeer(PeerProcess &peer, quint16 connectTo)
{
    QFETCH(Language, language);
    QFETCH(Exchange::Closer, closer);
    QFETCH(Traffic::Profile, profile);
    QFETCH(QString, sending);
    QFETCH(QString, reading);
    const QString port = QString::number(connectTo);
    const QString theirs = QString::number(theirSeed);
    const QString ours = QString::number(ourSeed);
    const QString count = QString::number(messages);
    const QString content = profile == Traffic::Profile::Mixed ? u"mixed"_s : u"tiny"_s;
    const QString close = closer == Exchange::Closer::Us ? u"wait"_s : u"first"_s;
    const QString folder = QString::fromLocal8Bit(INTEROP_DIR);
    if (language == Language::Erlang) {
        peer.start(QString::fromLocal8Bit(INTEROP_ESCRIPT),
                   { folder + u"/peer.erl"_s, port, theirs, ours, count, content, close });
        return;
    }
    peer.start(QString::fromLocal8Bit(INTEROP_PYTHON),
               { folder + u"/peer.py"_s, u"--connect"_s, port, u"--send-seed"_s, theirs,
                 u"--receive-seed"_s, ours, u"--count"_s, count, u"--profile"_s, content,
                 u"--sending"_s, sending, u"--reading"_s, reading, u"--close"_s, close });
}

void tst_Interop::compare(const Exchange &exchange, PeerProcess &peer)
{
    QFETCH(Exchange::Closer, closer);
    QVERIFY2(exchange.problems().isEmpty(),
             qPrintable(exchange.problems() + QString::fromUtf8('\n' + peer.heard())));
    QVERIFY2(peer.endsWell(), peer.heard().constData());
    QVERIFY(exchange.sent().startsWith("10000 "));
    QVERIFY(exchange.received().startsWith("10000 "));
    QCOMPARE(peer.line("received"), exchange.sent());
    QCOMPARE(peer.line("sent"), exchange.received());
    QCOMPARE(peer.line("closed"),
             closer == Exchange::Closer::Us ? QByteArray("after end of stream") : "first");
}

void tst_Interop::exchangeBySignals()
{
    QFETCH(Role, role);
    PeerProcess peer;
    Exchange exchange = tst_Interop::exchange();
    QSignalSpy ended(&exchange, &Exchange::ended);
    GruvServer server;
    GruvSocket client;
    if (role == Role::Client) {
        startPeer(peer, 0);
        const quint16 port = peer.port();
        QVERIFY2(port != 0, peer.heard().constData());
        exchange.attach(&client);
        client.connectToHost(QHostAddress(QHostAddress::LocalHost), port);
    } else {
        connect(&server, &GruvServer::clientConnected, &exchange, &Exchange::attach);
        QVERIFY(server.listen(QHostAddress::LocalHost));
        startPeer(peer, server.serverPort());
    }
    QVERIFY2(ended.wait(wholeRun), peer.heard().constData());
    compare(exchange, peer);
    QCOMPARE(ended.count(), 1);
}

void tst_Interop::exchangeByBlockingCalls()
{
    PeerProcess peer;
    Exchange exchange = tst_Interop::exchange();
    converse(exchange, peer);
    if (!QTest::currentTestFailed())
        compare(exchange, peer);
}

// In a thread of its own that runs no event loop: std::thread for the client, start() for the
// server.
void tst_Interop::converse(Exchange &exchange, PeerProcess &peer)
{
    QFETCH(Role, role);
    std::atomic_bool done = false;
    if (role == Role::Server) {
        GruvServer server;
        const auto handler = [&](const GruvPeer &, GruvSocket &socket) {
            exchange.converse(socket);
            done = true;
        };
        QVERIFY(server.start(handler, 0, QHostAddress::LocalHost));
        startPeer(peer, server.serverPort());
        QTRY_VERIFY2_WITH_TIMEOUT(done, peer.heard().constData(), wholeRun);
        return;
    }
    startPeer(peer, 0);
    const quint16 port = peer.port();
    QVERIFY2(port != 0, peer.heard().constData());
    std::thread thread([&] {
        GruvSocket socket;
        socket.connectToHost(QHostAddress(QHostAddress::LocalHost), port);
        if (socket.waitForConnected())
            exchange.converse(socket);
        done = true;
    });
    [&] { QTRY_VERIFY2_WITH_TIMEOUT(done, peer.heard().constData(), wholeRun); }();
    thread.join();
}

QTEST_GUILESS_MAIN(tst_Interop)

#include "tst_interop.moc"
