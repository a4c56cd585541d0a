// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

// GruvClient and servers that know nothing of it: gruvlike.py, which behaves as Python's
// gruv_socks, and Erlang's {packet, 4}. They are killed and come back; the client adds nothing to
// the protocol.

#include "handmadeframes.h"
#include "peerprocess.h"

#include <gruvsocks/gruvclient.h>

#include <QtCore/qregularexpression.h>
#include <QtNetwork/qtcpserver.h>
#include <QtNetwork/qtcpsocket.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <clienttools.h>

#include <memory>
#include <utility>

#include <sys/socket.h>

using namespace Qt::StringLiterals;
using ClientTools::Client;

namespace {

constexpr int patience = 20'000;      // ms, for what takes one second
constexpr qsizetype limit = 16 << 20; // of GruvSocketOptions, and of the client therefore

enum class Kind { Gruvlike, Erlang };

// An echo server in a process of its own, which can be killed and started again on its port.
class ForeignHost
{
public:
    explicit ForeignHost(Kind kind)
        : m_kind(kind)
    {}

    bool begin()
    {
        m_process = std::make_unique<PeerProcess>();
        const QString folder = QString::fromLocal8Bit(INTEROP_DIR);
        const QString port = QString::number(m_port);
        if (m_kind == Kind::Gruvlike)
            m_process->start(QString::fromLocal8Bit(INTEROP_PYTHON),
                             { folder + u"/gruvlike.py"_s, u'@' + port, u"echo"_s });
        else
            m_process->start(QString::fromLocal8Bit(INTEROP_ESCRIPT),
                             { folder + u"/echo.erl"_s, port });
        const quint16 before = std::exchange(m_port, m_process->port());
        return m_port != 0 && (before == 0 || before == m_port);
    }
    void kill() { m_process.reset(); }

    quint16 port() const { return m_port; }
    PeerProcess &process() { return *m_process; }

    // gruv_socks reads an empty message, but does not write one.
    bool echoes(const QByteArray &message) const
    {
        return m_kind != Kind::Gruvlike || !message.isEmpty();
    }

private:
    const Kind m_kind;
    std::unique_ptr<PeerProcess> m_process;
    quint16 m_port = 0;
};

// A server that keeps all that its one client sends, and what it is.
class RawHost : public QObject
{
public:
    bool begin(quint16 port)
    {
        received.clear();
        return m_server.listen(QHostAddress::LocalHost, port);
    }
    bool accept()
    {
        if (!QTest::qWaitFor([this] { return m_server.hasPendingConnections(); }))
            return false;
        m_peer.reset(m_server.nextPendingConnection());
        m_peer->setParent(nullptr);
        connect(m_peer.get(), &QTcpSocket::readyRead, this, [this] { take(); });
        take();
        return true;
    }
    void end()
    {
        m_server.close();
        ::shutdown(int(m_peer->socketDescriptor()), SHUT_WR);
    }

    quint16 port() const { return m_server.serverPort(); }
    void write(const QByteArray &bytes) { m_peer->write(bytes); }
    bool isAtEnd() const { return m_peer->state() == QAbstractSocket::UnconnectedState; }

    QByteArray received;

private:
    void take() { received += m_peer->readAll(); }

    QTcpServer m_server;
    std::unique_ptr<QTcpSocket> m_peer;
};

// Of each its own, so that none is taken for another.
QByteArray numbered(int number, qsizetype size)
{
    QByteArray message = QByteArray::number(number).rightJustified(4, '0');
    return message.repeated(size / message.size() + 1).first(size);
}

} // namespace

class tst_ClientInterop : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(u".?"_s)); }

    void echo_data() { kinds(); }
    void echo();
    void comesBackToItsServer_data() { kinds(); }
    void comesBackToItsServer();
    void onlyFramesAreOnTheWire();

private:
    static void kinds();
    static bool isMissing(Kind kind);
};

void tst_ClientInterop::kinds()
{
    QTest::addColumn<Kind>("kind");
    QTest::newRow("gruvlike") << Kind::Gruvlike;
    QTest::newRow("erlang") << Kind::Erlang;
}

bool tst_ClientInterop::isMissing(Kind kind)
{
    return kind == Kind::Gruvlike ? *INTEROP_PYTHON == '\0' : *INTEROP_ESCRIPT == '\0';
}

void tst_ClientInterop::echo()
{
    QFETCH(const Kind, kind);
    if (isMissing(kind))
        QSKIP("python3, or escript (Debian: erlang-base), was not there at configure time");
    ForeignHost host(kind);
    QVERIFY2(host.begin(), host.process().heard().constData());
    Client client;
    client.begin(host.port());
    int count = 0;
    for (const qsizetype size : { qsizetype(0), qsizetype(1), qsizetype(2), qsizetype(3),
                                  qsizetype(4), qsizetype(255), qsizetype(256), qsizetype(65'535),
                                  qsizetype(65'536), qsizetype(1 << 20), limit - 1, limit }) {
        const QByteArray message = numbered(++count, size);
        QVERIFY(client.sendMessage(message) != 0);
        if (!host.echoes(message))
            continue;
        QTRY_COMPARE_WITH_TIMEOUT(client.messages.size(), 1, patience);
        QVERIFY(client.messages.takeFirst() == message);
    }
    QCOMPARE(client.sendMessage(numbered(0, limit + 1)), 0);
    client.disconnectFromServer();
    QVERIFY2(host.process().endsWell(), host.process().heard().constData());
    QVERIFY(host.process().line("end").endsWith("after " + QByteArray::number(count)));
    QVERIFY(client.messages.isEmpty() && client.dropped.isEmpty());
}

// 200 messages at once are few enough that gruv_socks finds each header in one piece.
void tst_ClientInterop::comesBackToItsServer()
{
    QFETCH(const Kind, kind);
    if (isMissing(kind))
        QSKIP("python3, or escript (Debian: erlang-base), was not there at configure time");
    ForeignHost host(kind);
    QVERIFY2(host.begin(), host.process().heard().constData());
    Client client;
    QSignalSpy offline(&client, &GruvClient::offline);
    client.begin(host.port());
    client.sendMessage("first");
    QTRY_COMPARE_WITH_TIMEOUT(client.messages, QByteArrayList{ "first" }, patience);
    for (int time = 1; time <= 3; ++time) {
        host.kill();
        QTRY_COMPARE(offline.size(), time);
        client.messages.clear();
        QByteArrayList expected;
        for (int i = 0; i < 200; ++i) {
            const QByteArray message = numbered(i, i % 101);
            QVERIFY(client.sendMessage(message) != 0);
            if (host.echoes(message))
                expected.append(message);
        }
        QVERIFY2(host.begin(), host.process().heard().constData());
        QTRY_COMPARE_WITH_TIMEOUT(client.messages.size(), expected.size(), patience);
        QCOMPARE(client.messages, expected);
    }
    client.disconnectFromServer();
    QVERIFY2(host.process().endsWell(), host.process().heard().constData());
    QVERIFY(host.process().line("end").endsWith("after 200"));
    QVERIFY(client.dropped.isEmpty());
}

// From its first byte to its last a connection has the frames of what was sent, and nothing else.
void tst_ClientInterop::onlyFramesAreOnTheWire()
{
    RawHost host;
    QVERIFY(host.begin(0));
    const quint16 port = host.port();
    const QByteArray expected = framesOf(payloads());
    Client client;
    client.begin(port);
    for (int time = 1; time <= 3; ++time) {
        for (const QByteArray &payload : payloads())
            QVERIFY(client.sendMessage(payload) != 0);
        if (time > 1)
            QVERIFY(host.begin(port));
        QVERIFY(host.accept());
        QTRY_COMPARE(host.received.size(), expected.size());
        host.write(frameOf("to which it says nothing"));
        QTRY_COMPARE(client.messages.size(), time);
        if (time < 3)
            host.end();
        else
            client.disconnectFromServer();
        QTRY_VERIFY(host.isAtEnd());
        QVERIFY(host.received == expected);
    }
    QVERIFY(client.dropped.isEmpty());
}

QTEST_GUILESS_MAIN(tst_ClientInterop)

#include "tst_clientinterop.moc"
