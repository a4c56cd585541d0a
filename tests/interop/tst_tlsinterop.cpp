// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

// Encrypted connections with peers that know nothing of GruvSocks: openssl s_client and s_server,
// which are given frames made by hand, and Python's ssl module.

#include "exchange.h"
#include "handmadeframes.h"
#include "openssltool.h"
#include "peerprocess.h"
#include "tlshost.h"

#include <gruvsocks/gruvsocks.h>

#include <QtCore/qregularexpression.h>
#include <QtCore/qstandardpaths.h>
#include <QtTest/qtest.h>

#include <certificates.h>

using namespace Qt::StringLiterals;

namespace {

constexpr quint32 ourSeed = 20260101;
constexpr quint32 theirSeed = 77;
constexpr int exchanged = 1000;  // messages each way, 35 MB
constexpr int patience = 60'000; // ms, for what takes one second
constexpr int attempts = 5;      // to find a port that is free

const QString host = u"localhost"_s;

enum class Role { Client, Server }; // ours

void addVersions()
{
    QTest::addColumn<QByteArray>("version");
    QTest::newRow("tls-1.2") << QByteArray("1.2");
    QTest::newRow("tls-1.3") << QByteArray("1.3");
}

QSsl::SslProtocol protocol()
{
    QFETCH(QByteArray, version);
    return version == "1.2" ? QSsl::TlsV1_2 : QSsl::TlsV1_3;
}

QString versionOption()
{
    QFETCH(QByteArray, version);
    return u"-tls"_s + QString::fromLatin1(version).replace(u'.', u'_');
}

quint16 freePort()
{
    QTcpServer server;
    return server.listen(QHostAddress::LocalHost) ? server.serverPort() : quint16(0);
}

} // namespace

class tst_TlsInterop : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();

    void sClientIsServed_data();
    void sClientIsServed();
    void sClientShowsWhoItIs_data() { addVersions(); }
    void sClientShowsWhoItIs();
    void sClientWithoutCertificateIsRefused_data() { addVersions(); }
    void sClientWithoutCertificateIsRefused();
    void sClientOfTls11IsRefused();
    void sServerServes_data() { addVersions(); }
    void sServerServes();
    void sServerSeesWhoWeAre_data() { addVersions(); }
    void sServerSeesWhoWeAre();
    void sServerRefusesUsWithoutCertificate_data() { addVersions(); }
    void sServerRefusesUsWithoutCertificate();
    void pythonExchanges_data();
    void pythonExchanges();
    void pythonOfTls11IsRefused();

private:
    QString sClient(const TlsHost &server, const QString &more) const;
    QString sServer(quint16 port, const QString &more) const;
    QString thatDemandsCertificates() const;
    QSslConfiguration demanding() const;
    QSslConfiguration permissive() const;
    bool connectToTool(GruvSocket &client, OpensslTool &server, const QString &more = {}) const;
    void startPython(PeerProcess &peer, quint16 connectTo, const QByteArray &version,
                     const QByteArray &end) const;

    Certificates m_certificates;
};

void tst_TlsInterop::initTestCase()
{
    if (QStandardPaths::findExecutable(u"openssl"_s).isEmpty())
        QSKIP("the openssl tool is not there; without it there are no certificates either");
    QVERIFY(m_certificates.isMade);
    QVERIFY(m_certificates.issue("server", "localhost"));
    QVERIFY(m_certificates.issue("client", "alice"));
}

void tst_TlsInterop::init()
{
    QTest::failOnWarning(QRegularExpression(u".?"_s));
    if (*INTEROP_PYTHON == '\0' && QByteArray(QTest::currentTestFunction()).startsWith("python"))
        QSKIP("python3 was not there at configure time");
}

// -quiet, lest it take lines for commands; but it ends when its stdin does.
QString tst_TlsInterop::sClient(const TlsHost &server, const QString &more) const
{
    return u"s_client -connect 127.0.0.1:%1 -quiet -no_ign_eof -nocommands -verify_quiet "
           "-verify_return_error -CAfile %2 -servername %3 -verify_hostname %3 %4"_s.arg(
                   server.port(), m_certificates.certificate("ca"), host, more);
}

QString tst_TlsInterop::sServer(quint16 port, const QString &more) const
{
    return u"s_server -accept 127.0.0.1:%1 -naccept 1 -quiet -cert %2 -key %3 %4 "_s.arg(
                   QString::number(port), m_certificates.certificate("server"),
                   m_certificates.key("server"), versionOption())
           + more;
}

QString tst_TlsInterop::thatDemandsCertificates() const
{
    return u"-Verify 1 -verify_return_error -CAfile "_s + m_certificates.certificate("ca");
}

QSslConfiguration tst_TlsInterop::demanding() const
{
    QSslConfiguration configuration = m_certificates.of("server");
    configuration.setPeerVerifyMode(QSslSocket::VerifyPeer);
    return configuration;
}

// Of a server that would speak any version, were it left to it: neither Qt nor OpenSSL forbids one.
QSslConfiguration tst_TlsInterop::permissive() const
{
    QSslConfiguration configuration = m_certificates.of("server");
    configuration.setProtocol(QSsl::AnyProtocol);
    configuration.setBackendConfigurationOption("CipherString", u"DEFAULT@SECLEVEL=0"_s);
    return configuration;
}

void tst_TlsInterop::sClientIsServed_data()
{
    QTest::addColumn<QByteArray>("version");
    QTest::addColumn<bool>("clientEnds");
    for (const char *version : { "1.2", "1.3" }) {
        QTest::addRow("tls-%s-client-ends", version) << QByteArray(version) << true;
        QTest::addRow("tls-%s-server-ends", version) << QByteArray(version) << false;
    }
}

void tst_TlsInterop::sClientIsServed()
{
    QFETCH(bool, clientEnds);
    TlsHost server;
    server.echo();
    QVERIFY(server.listen(m_certificates.of("server")));
    OpensslTool client;
    client.start(sClient(server, versionOption()));
    const QByteArray frames = framesOf(payloads());
    client.write(frames);
    QTRY_COMPARE_WITH_TIMEOUT(client.output().size(), frames.size(), patience);
    QVERIFY(client.output() == frames);
    QVERIFY(server.messages == payloads());
    QCOMPARE(server.session.sessionProtocol(), protocol());
    QVERIFY(server.session.peerCertificate().isNull());
    if (clientEnds)
        client.endInput();
    else
        server.socket->disconnectFromHost();
    QTRY_VERIFY_WITH_TIMEOUT(!client.isRunning(), patience);
    QVERIFY2(client.endedWell(), client.complaints().constData());
    QTRY_COMPARE(server.story(), u"disconnected"_s);
    QVERIFY(server.rejected.isEmpty());
}

void tst_TlsInterop::sClientShowsWhoItIs()
{
    TlsHost server;
    server.echo();
    QVERIFY(server.listen(demanding()));
    const QString identity = u" -cert %1 -key %2"_s.arg(m_certificates.certificate("client"),
                                                        m_certificates.key("client"));
    OpensslTool client;
    client.start(sClient(server, versionOption() + identity));
    client.write(frameOf("it is me"));
    QTRY_COMPARE_WITH_TIMEOUT(client.output(), frameOf("it is me"), patience);
    QCOMPARE(server.session.sessionProtocol(), protocol());
    QCOMPARE(server.session.peerCertificate().subjectDisplayName(), u"alice"_s);
    QVERIFY(server.rejected.isEmpty());
}

void tst_TlsInterop::sClientWithoutCertificateIsRefused()
{
    TlsHost server;
    server.echo();
    QVERIFY(server.listen(demanding()));
    OpensslTool client;
    client.start(sClient(server, versionOption()));
    client.write(frameOf("who is it"));
    QTRY_VERIFY_WITH_TIMEOUT(!client.isRunning(), patience);
    QVERIFY(!client.endedWell());
    QVERIFY2(client.complaints().contains("alert"), client.complaints().constData());
    QTRY_VERIFY(server.hasRefusedOneHandshake());
    QVERIFY(client.output().isEmpty());
    QVERIFY(server.messages.isEmpty() && !server.socket);
}

void tst_TlsInterop::sClientOfTls11IsRefused()
{
    TlsHost server;
    QVERIFY(server.listen(permissive()));
    OpensslTool client;
    client.start(sClient(server, u"-tls1_1 -cipher DEFAULT@SECLEVEL=0"_s));
    client.endInput();
    QTRY_VERIFY_WITH_TIMEOUT(!client.isRunning(), patience);
    if (client.complaints().contains("nknown option"))
        QSKIP("this openssl has no TLS 1.1");
    const QByteArray said = client.complaints();
    QVERIFY2(said.contains("alert protocol version"), said.constData()); // it did offer it
    QTRY_VERIFY(server.hasRefusedOneHandshake());
}

// It does not say when it listens, and the port may have been taken by then.
bool tst_TlsInterop::connectToTool(GruvSocket &client, OpensslTool &server,
                                   const QString &more) const
{
    for (int attempt = 0; attempt < attempts; ++attempt) {
        const quint16 port = freePort();
        server.start(sServer(port, more));
        const QDeadlineTimer deadline(patience);
        do {
            client.connectToHostEncrypted(host, port);
            const auto isDecided = [&] {
                return client.isEncrypted() || client.state() == QAbstractSocket::UnconnectedState;
            };
            if (!QTest::qWaitFor(isDecided, patience))
                return false;
            if (client.error() != GruvSocket::Error::ConnectionRefused)
                return true;
        } while (server.isRunning() && !deadline.hasExpired());
    }
    return false;
}

void tst_TlsInterop::sServerServes()
{
    OpensslTool server;
    GruvSocket client;
    client.setSslConfiguration(m_certificates.of(""));
    QSignalSpy messages(&client, &GruvSocket::messageReceived);
    QVERIFY2(connectToTool(client, server), server.complaints().constData());
    const Story story(&client);
    QVERIFY2(client.isEncrypted(), qPrintable(client.errorString()));
    QCOMPARE(client.sslConfiguration().sessionProtocol(), protocol());
    QCOMPARE(client.sslConfiguration().peerCertificate().subjectDisplayName(), host);
    for (const QByteArray &payload : payloads())
        QVERIFY(client.sendMessage(payload));
    const QByteArray frames = framesOf(payloads());
    QTRY_COMPARE_WITH_TIMEOUT(server.output().size(), frames.size(), patience);
    QVERIFY(server.output() == frames);
    server.write(frames);
    QTRY_COMPARE_WITH_TIMEOUT(messages.size(), payloads().size(), patience);
    for (qsizetype i = 0; i < messages.size(); ++i)
        QVERIFY(messages.at(i).at(0).toByteArray() == payloads().at(i));
    client.disconnectFromHost();
    QTRY_COMPARE(story.text(), u"disconnected"_s);
    QTRY_VERIFY_WITH_TIMEOUT(!server.isRunning(), patience);
    QVERIFY2(server.endedWell(), server.complaints().constData());
}

void tst_TlsInterop::sServerSeesWhoWeAre()
{
    OpensslTool server;
    GruvSocket client;
    client.setSslConfiguration(m_certificates.of("client"));
    QVERIFY2(connectToTool(client, server, thatDemandsCertificates()),
             server.complaints().constData());
    QVERIFY2(client.isEncrypted(), qPrintable(client.errorString()));
    QVERIFY(client.sendMessage("it is me"));
    QTRY_COMPARE_WITH_TIMEOUT(server.output(), frameOf("it is me"), patience);
    QVERIFY2(server.complaints().contains("alice"), server.complaints().constData());
}

// With TLS 1.3 the handshake is through for us before the server has looked.
void tst_TlsInterop::sServerRefusesUsWithoutCertificate()
{
    OpensslTool server;
    GruvSocket client;
    client.setSslConfiguration(m_certificates.of(""));
    QVERIFY2(connectToTool(client, server, thatDemandsCertificates()),
             server.complaints().constData());
    QTRY_COMPARE_WITH_TIMEOUT(client.state(), QAbstractSocket::UnconnectedState, patience);
    QCOMPARE(client.error(), GruvSocket::Error::TlsHandshakeFailed);
    QVERIFY(server.output().isEmpty());
}

void tst_TlsInterop::pythonExchanges_data()
{
    QTest::addColumn<Role>("role");
    QTest::addColumn<QByteArray>("version");
    QTest::addColumn<QByteArray>("end");
    QTest::addColumn<QByteArray>("closed");
    const std::pair<const char *, const char *> ends[] = {
        { "wait", "after close_notify" },
        { "unwrap", "with close_notify" },
        { "close", "without close_notify" },
        { "truncate", "without close_notify" },
    };
    for (const char *version : { "1.2", "1.3" }) {
        for (const auto &[end, closed] : ends) {
            QTest::addRow("client-tls-%s-%s", version, end)
                    << Role::Client << QByteArray(version) << QByteArray(end) << QByteArray(closed);
            QTest::addRow("server-tls-%s-%s", version, end)
                    << Role::Server << QByteArray(version) << QByteArray(end) << QByteArray(closed);
        }
    }
}

// connectTo 0: it listens and tells its port. -B: it imports peer.py, and is to leave nothing
// beside it.
void tst_TlsInterop::startPython(PeerProcess &peer, quint16 connectTo, const QByteArray &version,
                                 const QByteArray &end) const
{
    const QString arguments =
            u"--connect %1 --version %2 --end %3 --ca %4 --cert %5 --key %6 --send-seed %7 "
            "--receive-seed %8 --count %9"_s.arg(connectTo)
                    .arg(QString::fromLatin1(version), QString::fromLatin1(end),
                         m_certificates.certificate("ca"), m_certificates.certificate("server"),
                         m_certificates.key("server"), QString::number(theirSeed),
                         QString::number(ourSeed), QString::number(exchanged));
    const QString script = QString::fromLocal8Bit(INTEROP_DIR) + u"/tlspeer.py"_s;
    peer.start(QString::fromLocal8Bit(INTEROP_PYTHON),
               QStringList{ u"-B"_s, script } + arguments.split(u' '));
}

void tst_TlsInterop::pythonExchanges()
{
    QFETCH(Role, role);
    QFETCH(QByteArray, version);
    QFETCH(QByteArray, end);
    QFETCH(QByteArray, closed);
    PeerProcess peer;
    Exchange exchange({ ourSeed, Traffic::Profile::Wide, exchanged },
                      { theirSeed, Traffic::Profile::Wide, exchanged }, QCryptographicHash::Sha256,
                      end == "wait" ? Exchange::Closer::Us : Exchange::Closer::Peer);
    QSignalSpy ended(&exchange, &Exchange::ended);
    TlsHost server;
    GruvSocket client;
    const Story story(&client);
    if (role == Role::Client) {
        startPython(peer, 0, version, end);
        const quint16 port = peer.port();
        QVERIFY2(port != 0, peer.heard().constData());
        exchange.attach(&client);
        client.setSslConfiguration(m_certificates.of(""));
        client.connectToHostEncrypted(host, port);
    } else {
        connect(&server.server, &GruvServer::clientConnected, &exchange, &Exchange::attach);
        QVERIFY(server.listen(m_certificates.of("server")));
        startPython(peer, server.server.serverPort(), version, end);
    }
    QVERIFY2(ended.wait(patience), peer.heard().constData());
    QVERIFY2(peer.endsWell(), peer.heard().constData());
    QCOMPARE(peer.line("received"), exchange.sent());
    QCOMPARE(peer.line("sent"), exchange.received());
    QCOMPARE(peer.line("closed"), closed);
    QCOMPARE(role == Role::Client ? story.text() : u"connected "_s + server.story(),
             end == "truncate" ? u"connected TruncatedMessage disconnected"_s
                               : u"connected disconnected"_s);
}

void tst_TlsInterop::pythonOfTls11IsRefused()
{
    TlsHost server;
    QVERIFY(server.listen(permissive()));
    PeerProcess peer;
    startPython(peer, server.server.serverPort(), "1.1", "wait");
    const QByteArray reason = peer.line("refused");
    if (peer.heard().contains("Unsupported protocol version"))
        QSKIP("this Python has no TLS 1.1");
    QVERIFY2(reason.contains("protocol version"), peer.heard().constData()); // it did offer it
    QTRY_VERIFY(server.hasRefusedOneHandshake());
}

QTEST_GUILESS_MAIN(tst_TlsInterop)

#include "tst_tlsinterop.moc"
