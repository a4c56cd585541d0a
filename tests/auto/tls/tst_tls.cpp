// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvsocks.h>

#include <QtNetwork/qsslcertificate.h>
#include <QtNetwork/qsslcipher.h>
#include <QtNetwork/qsslsocket.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <certificates.h>
#include <mainloop.h>
#include <story.h>
#include <tlsecho.h>

using namespace std::chrono_literals;

using TlsEcho::addWays;
using TlsEcho::EchoServer;
using TlsEcho::Host;

// Encrypted connections: who is let in, who is refused, and what both are told.
class tst_Tls : public QObject, public MainLoop
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();

    void echo_data() { addWays(); }
    void echo();
    void certificateIsRefused_data();
    void certificateIsRefused();
    void certificateThatIsKnownIsNotRefused();
    void clientShowsWhoItIs_data() { addWays(); }
    void clientShowsWhoItIs();
    void clientWithoutCertificateIsRefused_data() { addWays(); }
    void clientWithoutCertificateIsRefused();
    void plainClientIsTold_data() { addWays(); }
    void plainClientIsTold();
    void plainServerIsNamed();
    void silentServerIsGivenUp();
    void slotOfConnectedMayRead_data();
    void slotOfConnectedMayRead();
    void takenOverInItsHandshake_data();
    void takenOverInItsHandshake();
    void oldVersionsAreNotSpoken();

private:
    Certificates m_certificates;
};

void tst_Tls::initTestCase()
{
    QVERIFY2(m_certificates.isMade, "the openssl tool is needed");
    QVERIFY(m_certificates.issue("server", "localhost"));
    QVERIFY(m_certificates.issue("client", "alice"));
    QVERIFY(m_certificates.issue("expired", "localhost", -1));
    QVERIFY(m_certificates.issue("elsewhere", "elsewhere.example"));
    QVERIFY(m_certificates.issueByItself("stranger", "localhost"));
}

void tst_Tls::echo()
{
    QFETCH(QByteArray, way);
    EchoServer echo;
    QVERIFY(echo.begin(way, m_certificates.of("server")));
    GruvSocket client;
    Story story(&client);
    connect(&client, &GruvSocket::encrypted, &story, [&] { story.add("encrypted"); });
    QSignalSpy messages(&client, &GruvSocket::messageReceived);
    client.setSslConfiguration(m_certificates.of(""));
    client.connectToHostEncrypted(Host, echo.server.serverPort());
    QCOMPARE(client.sendMessage("before it is up"), true);
    QTRY_COMPARE(messages.size(), 1);
    const QByteArray large(3'000'000, 'x');
    QVERIFY(client.sendMessage(large));
    QTRY_COMPARE(messages.size(), 2);
    QCOMPARE(messages.at(0).at(0).toByteArray(), QByteArray("before it is up"));
    QVERIFY(messages.at(1).at(0).toByteArray() == large);
    QVERIFY(client.isEncrypted());
    const QSslConfiguration session = client.sslConfiguration();
    QVERIFY(!session.sessionCipher().isNull());
    QCOMPARE(session.peerCertificate().subjectDisplayName(), Host);
    QCOMPARE(echo.clients(), QStringList{ QStringLiteral("nobody") });
    client.disconnectFromHost();
    QTRY_COMPARE(story.text(), QStringLiteral("encrypted connected disconnected"));
    QVERIFY(!client.isEncrypted());
}

void tst_Tls::certificateIsRefused_data()
{
    QTest::addColumn<QByteArray>("shown");
    QTest::addColumn<QString>("subject");
    QTest::addColumn<QString>("cause");
    QTest::newRow("untrusted") << QByteArray("stranger") << Host << QStringLiteral("self-signed");
    QTest::newRow("expired") << QByteArray("expired") << Host << QStringLiteral("expired");
    QTest::newRow("wrong-name") << QByteArray("elsewhere") << QStringLiteral("elsewhere.example")
                                << QStringLiteral("host name");
}

void tst_Tls::certificateIsRefused()
{
    QFETCH(QByteArray, shown);
    QFETCH(QString, subject);
    QFETCH(QString, cause);
    EchoServer echo;
    QSslConfiguration configuration = m_certificates.of("server");
    configuration.setLocalCertificateChain(
            QSslCertificate::fromPath(m_certificates.certificate(shown)));
    configuration.setPrivateKey(m_certificates.keyOf(shown));
    QVERIFY(echo.begin("loop", configuration));
    GruvSocket client;
    const Story story(&client);
    QSignalSpy errors(&client, &GruvSocket::sslErrors);
    client.setSslConfiguration(m_certificates.of(""));
    client.connectToHostEncrypted(Host, echo.server.serverPort());
    QTRY_COMPARE(story.text(), QStringLiteral("TlsHandshakeFailed"));
    QCOMPARE(errors.size(), 1);
    const QString said = client.errorString();
    QVERIFY2(said.contains(subject) && said.contains(cause), qPrintable(said));
    QCOMPARE(client.state(), QAbstractSocket::UnconnectedState);
    QVERIFY(client.disconnectReason().isTlsRefusal);
}

void tst_Tls::certificateThatIsKnownIsNotRefused()
{
    EchoServer echo;
    QVERIFY(echo.begin("loop", m_certificates.of("elsewhere")));
    GruvSocket client;
    const Story story(&client);
    connect(&client, &GruvSocket::sslErrors, &client, &GruvSocket::ignoreSslErrors);
    client.setSslConfiguration(m_certificates.of(""));
    client.connectToHostEncrypted(Host, echo.server.serverPort());
    QTRY_COMPARE(story.text(), QStringLiteral("connected"));
}

void tst_Tls::clientShowsWhoItIs()
{
    QFETCH(QByteArray, way);
    EchoServer echo;
    QSslConfiguration demanding = m_certificates.of("server");
    demanding.setPeerVerifyMode(QSslSocket::VerifyPeer);
    QVERIFY(echo.begin(way, demanding));
    GruvSocket client;
    client.setSslConfiguration(m_certificates.of("client"));
    client.connectToHostEncrypted(Host, echo.server.serverPort());
    QTRY_COMPARE(echo.clients(), QStringList{ QStringLiteral("alice") });
    QCOMPARE(client.state(), QAbstractSocket::ConnectedState);
}

// With TLS 1.3 it learns of that when its own half of the handshake is through.
void tst_Tls::clientWithoutCertificateIsRefused()
{
    QFETCH(QByteArray, way);
    EchoServer echo;
    QSslConfiguration demanding = m_certificates.of("server");
    demanding.setPeerVerifyMode(QSslSocket::VerifyPeer);
    QVERIFY(echo.begin(way, demanding));
    QSignalSpy rejected(&echo.server, &GruvServer::connectionRejected);
    for (const char *shown : { "", "stranger" }) {
        GruvSocket client;
        QSslConfiguration configuration = m_certificates.of(shown);
        client.setSslConfiguration(configuration);
        client.connectToHostEncrypted(Host, echo.server.serverPort());
        QTRY_COMPARE(client.state(), QAbstractSocket::UnconnectedState);
        QCOMPARE(client.error(), GruvSocket::Error::TlsHandshakeFailed);
        QVERIFY(client.disconnectReason().isTlsRefusal);
        QVERIFY2(client.errorString().contains(QLatin1String("certificate"))
                         || client.errorString().contains(QLatin1String("unknown ca")),
                 qPrintable(client.errorString()));
    }
    QTRY_COMPARE(rejected.size(), 2);
    QCOMPARE(rejected.at(0).at(1).value<GruvServer::RejectReason>(),
             GruvServer::RejectReason::TlsHandshakeFailed);
    QVERIFY(echo.clients().isEmpty());
}

void tst_Tls::plainClientIsTold()
{
    QFETCH(QByteArray, way);
    EchoServer echo;
    QVERIFY(echo.begin(way, m_certificates.of("server")));
    QSignalSpy rejected(&echo.server, &GruvServer::connectionRejected);
    GruvSocket client;
    const Story story(&client);
    client.connectToHost(QHostAddress::LocalHost, echo.server.serverPort());
    client.sendMessage("hello");
    QTRY_COMPARE(story.text(), QStringLiteral("connected IncomingMessageTooLarge disconnected"));
    QVERIFY2(client.errorString().contains(QLatin1String("it speaks TLS")),
             qPrintable(client.errorString()));
    QTRY_COMPARE(rejected.size(), 1);
}

void tst_Tls::plainServerIsNamed()
{
    GruvServer server;
    QVERIFY(server.listen(QHostAddress::LocalHost));
    QString seen;
    connect(&server, &GruvServer::clientConnected, this, [&](GruvSocket *socket) {
        connect(socket, &GruvSocket::errorOccurred, this,
                [&](GruvSocket::Error, const QString &text) { seen = text; });
    });
    GruvSocket client;
    const Story story(&client);
    client.setSslConfiguration(m_certificates.of(""));
    client.connectToHostEncrypted(Host, server.serverPort());
    QTRY_COMPARE(story.text(), QStringLiteral("TlsHandshakeFailed"));
    QVERIFY2(client.errorString().contains(QLatin1String("does not speak TLS")),
             qPrintable(client.errorString()));
    QVERIFY(!client.disconnectReason().isTlsRefusal);
    QTRY_VERIFY2(seen.contains(QLatin1String("it speaks TLS")), qPrintable(seen));
}

void tst_Tls::silentServerIsGivenUp()
{
    QTcpServer silent;
    QVERIFY(silent.listen(QHostAddress::LocalHost));
    GruvSocket client;
    GruvSocketOptions options;
    options.connectTimeout = 300ms;
    client.setOptions(options);
    const Story story(&client);
    QElapsedTimer time;
    time.start();
    client.connectToHostEncrypted(Host, silent.serverPort());
    QTRY_COMPARE(story.text(), QStringLiteral("ConnectTimeout"));
    QVERIFY2(time.elapsed() >= 300, QByteArray::number(time.elapsed()).constData());
    QVERIFY2(client.errorString().contains(QLatin1String("the TLS handshake")),
             qPrintable(client.errorString()));
}

void tst_Tls::slotOfConnectedMayRead_data()
{
    QTest::addColumn<int>("when");
    QTest::newRow("encrypted") << 0;
    QTest::newRow("connected") << 1;
    QTest::newRow("state") << 2;
}

void tst_Tls::slotOfConnectedMayRead()
{
    QFETCH(int, when);
    GruvServer server;
    server.setSslConfiguration(m_certificates.of("server"));
    server.setConnectionHandler([](GruvSocket *socket) { socket->sendMessage("welcome"); });
    QVERIFY(server.listen(QHostAddress::LocalHost));
    GruvSocket client;
    QByteArray read;
    const auto readNow = [&](int now) {
        if (now == when)
            read = client.read(4s).data;
    };
    connect(&client, &GruvSocket::encrypted, this, [&] { readNow(0); });
    connect(&client, &GruvSocket::connected, this, [&] { readNow(1); });
    connect(&client, &GruvSocket::stateChanged, this, [&](QAbstractSocket::SocketState state) {
        if (state == QAbstractSocket::ConnectedState)
            readNow(2);
    });
    client.setSslConfiguration(m_certificates.of(""));
    client.connectToHostEncrypted(Host, server.serverPort());
    QTRY_COMPARE(read, "welcome");
}

void tst_Tls::takenOverInItsHandshake_data()
{
    QTest::addColumn<QByteArray>("shown");
    QTest::addColumn<QString>("story");
    QTest::newRow("trusted") << QByteArray("server") << QStringLiteral("encrypted");
    QTest::newRow("refused") << QByteArray("elsewhere")
                             << QStringLiteral("TlsHandshakeFailed disconnected");
}

void tst_Tls::takenOverInItsHandshake()
{
    QFETCH(QByteArray, shown);
    QFETCH(QString, story);
    EchoServer echo;
    QVERIFY(echo.begin("loop", m_certificates.of(shown)));
    auto *const qt = new QSslSocket;
    qt->setSslConfiguration(m_certificates.of(""));
    qt->connectToHostEncrypted(Host, echo.server.serverPort());
    QVERIFY(qt->waitForConnected());
    GruvSocket client(qt);
    QVERIFY(!client.isEncrypted());
    QVERIFY(client.sendMessage("before it is encrypted"));
    Story told(&client);
    connect(&client, &GruvSocket::encrypted, &told, [&] { told.add("encrypted"); });
    QSignalSpy messages(&client, &GruvSocket::messageReceived);
    QTRY_COMPARE(told.text(), story);
    QCOMPARE(client.isEncrypted(), shown == "server");
    if (!client.isEncrypted())
        return;
    QTRY_COMPARE(messages.size(), 1);
    QCOMPARE(client.sslConfiguration().peerCertificate().subjectDisplayName(), Host);
}

void tst_Tls::oldVersionsAreNotSpoken()
{
    QSslConfiguration old = m_certificates.of("server");
    GruvServer server;
    old.setProtocol(QSsl::AnyProtocol);
    server.setSslConfiguration(old);
    QCOMPARE(server.sslConfiguration().protocol(), QSsl::TlsV1_2OrLater);
    old.setProtocol(QSsl::TlsV1_3);
    server.setSslConfiguration(old);
    QCOMPARE(server.sslConfiguration().protocol(), QSsl::TlsV1_3);
}

QTEST_GUILESS_MAIN(tst_Tls)
#include "tst_tls.moc"
