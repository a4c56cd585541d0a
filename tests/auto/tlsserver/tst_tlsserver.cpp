// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <QtCore/qsemaphore.h>
#include <QtNetwork/qsslsocket.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <certificates.h>
#include <mainloop.h>
#include <servertools.h>
#include <tlsecho.h>

#include <atomic>

using namespace std::chrono_literals;
using TlsEcho::addWays;
using TlsEcho::EchoServer;
using TlsEcho::Host;

// What a server of encrypted connections does with those who are not clients yet, or wait.
class tst_TlsServer : public QObject, public MainLoop
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();

    void silentClientIsGivenUp_data() { addWays(); }
    void silentClientIsGivenUp();
    void silentClientDoesNotHoldTheDrain_data() { addWays(); }
    void silentClientDoesNotHoldTheDrain();
    void waitingClientsLoseNothing();
    void unknownCertificateIsRefusedWhereNoneIsNeeded();

private:
    Certificates m_certificates;
};

void tst_TlsServer::initTestCase()
{
    QVERIFY2(m_certificates.isMade, "the openssl tool is needed");
    QVERIFY(m_certificates.issue("server", "localhost"));
    QVERIFY(m_certificates.issue("client", "alice"));
    QVERIFY(m_certificates.issueByItself("stranger", "localhost"));
}

void tst_TlsServer::silentClientIsGivenUp()
{
    QFETCH(QByteArray, way);
    EchoServer echo;
    GruvSocketOptions options;
    options.connectTimeout = 300ms;
    echo.server.setSocketOptions(options);
    QVERIFY(echo.begin(way, m_certificates.of("server")));
    QSignalSpy rejected(&echo.server, &GruvServer::connectionRejected);
    QTcpSocket silent;
    silent.connectToHost(QHostAddress::LocalHost, echo.server.serverPort());
    QTcpSocket halfway;
    halfway.connectToHost(QHostAddress::LocalHost, echo.server.serverPort());
    halfway.write("\x16\x03\x01");
    QVERIFY(silent.waitForConnected() && halfway.waitForConnected());
    QTRY_COMPARE(silent.state(), QAbstractSocket::UnconnectedState);
    QVERIFY(silent.readAll().startsWith("\x15\x03")); // an alert: even who speaks no TLS can tell
    QTRY_COMPARE(halfway.state(), QAbstractSocket::UnconnectedState);
    QTRY_COMPARE(rejected.size(), 2);
    QCOMPARE(echo.server.clientCount(), 0);
}

void tst_TlsServer::silentClientDoesNotHoldTheDrain()
{
    QFETCH(QByteArray, way);
    EchoServer echo;
    QVERIFY(echo.begin(way, m_certificates.of("server")));
    QTcpSocket silent;
    silent.connectToHost(QHostAddress::LocalHost, echo.server.serverPort());
    QVERIFY(silent.waitForConnected());
    GruvSocket client; // who comes after it and is served: then it has been accepted too
    client.setSslConfiguration(m_certificates.of(""));
    client.connectToHostEncrypted(Host, echo.server.serverPort());
    QTRY_COMPARE(echo.clients().size(), 1);
    client.disconnectFromHost();
    QTRY_COMPARE(client.state(), QAbstractSocket::UnconnectedState);
    QElapsedTimer time;
    time.start();
    echo.server.stop(8s);
    QVERIFY2(time.elapsed() < 4000, QByteArray::number(time.elapsed()).constData());
    QTRY_COMPARE(silent.state(), QAbstractSocket::UnconnectedState);
}

// While all handlers are busy: what they have sent is kept, and who leaves without a word is
// noticed.
void tst_TlsServer::waitingClientsLoseNothing()
{
    QSemaphore gate;
    std::atomic<int> messages{ 0 };
    GruvServer server;
    server.setDebug(true);
    server.setMaximumHandlerThreads(1);
    server.setSslConfiguration(m_certificates.of("server"));
    const ServerTools::MessageLog log;
    QVERIFY(server.start(
            [&](const GruvPeer &, GruvSocket &socket) {
                gate.acquire();
                gate.release();
                messages += bool(socket.read());
            },
            0, QHostAddress::LocalHost));
    QSslConfiguration configuration = m_certificates.of("");
    GruvSocketOptions hasty;
    hasty.closeTimeout = 50ms; // does not wait for who is busy
    const auto visit = [&](bool says, QSsl::SslProtocol protocol) {
        GruvSocket client;
        client.setOptions(hasty);
        configuration.setProtocol(protocol);
        client.setSslConfiguration(configuration);
        client.connectToHostEncrypted(Host, server.serverPort());
        const bool isUp = client.waitForConnected() && (!says || client.sendMessage("kept"));
        client.disconnectFromHost();
        return isUp && client.waitForDisconnected();
    };
    for (int i = 0; i < 6; ++i)
        QVERIFY(visit(true, i % 2 ? QSsl::TlsV1_2 : QSsl::TlsV1_3OrLater));
    QVERIFY(visit(false, QSsl::TlsV1_3OrLater));
    QTRY_VERIFY(log.has(QStringLiteral("left while it waited")));
    gate.release();
    QTRY_COMPARE(messages.load(), 6);
    QTRY_COMPARE(server.clientCount(), 0);
}

void tst_TlsServer::unknownCertificateIsRefusedWhereNoneIsNeeded()
{
    EchoServer echo;
    QSslConfiguration asking = m_certificates.of("server");
    asking.setPeerVerifyMode(QSslSocket::QueryPeer);
    QVERIFY(echo.begin("loop", asking));
    QSignalSpy rejected(&echo.server, &GruvServer::connectionRejected);
    const auto connectAs = [&](const char *shown) {
        GruvSocket client;
        client.setSslConfiguration(m_certificates.of(shown));
        client.connectToHostEncrypted(Host, echo.server.serverPort());
        const qsizetype before = echo.clients().size() + rejected.size();
        return QTest::qWaitFor([&] { return echo.clients().size() + rejected.size() > before; });
    };
    for (const char *shown : { "", "client", "stranger" })
        QVERIFY(connectAs(shown));
    QCOMPARE(echo.clients(), (QStringList{ QStringLiteral("nobody"), QStringLiteral("alice") }));
    QCOMPARE(rejected.size(), 1);
}

QTEST_GUILESS_MAIN(tst_TlsServer)
#include "tst_tlsserver.moc"
