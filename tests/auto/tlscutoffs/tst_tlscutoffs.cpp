// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "cuttingproxy.h"

#include <gruvsocks/gruvserver.h>
#include <gruvsocks/gruvsocket.h>

#include <QtCore/qdeadlinetimer.h>
#include <QtCore/qtimer.h>
#include <QtTest/qtest.h>

#include <certificates.h>
#include <sanitized.h>

#include <functional>
#include <memory>

using namespace std::chrono_literals;

namespace {

using Error = GruvSocket::Error;

const QList<QByteArray> Messages{ "", "x", "twenty bytes of text" };
constexpr qint64 MostBytes = 100'000; // of a handshake and three messages, by far
// Of each row, for who runs many times as long.
constexpr qint64 Step = IsSanitized ? 13 : 1;

// What one end told.
struct Told
{
    int begun = 0;
    int ended = 0;
    QList<QByteArray> messages;
    QList<Error> errors;
};

// An end of the last round may still tell something, to what it was given then.
void watch(GruvSocket *socket, const std::shared_ptr<Told> &told)
{
    QObject::connect(socket, &GruvSocket::connected, socket, [told] { ++told->begun; });
    QObject::connect(socket, &GruvSocket::messageReceived, socket,
                     [told](const QByteArray &message) { told->messages.append(message); });
    QObject::connect(socket, &GruvSocket::errorOccurred, socket,
                     [told](Error error) { told->errors.append(error); });
    QObject::connect(socket, &GruvSocket::disconnected, socket, [told] { ++told->ended; });
}

// By its events alone, for it is waited thousands of times.
bool await(const std::function<bool()> &isTrue)
{
    const QDeadlineTimer deadline(8s);
    QTimer alarm;
    alarm.start(8s);
    while (!isTrue() && !deadline.hasExpired())
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
    return isTrue();
}

} // namespace

// An encrypted exchange of three messages that is cut, by FIN or by RST, after each of its bytes,
// those of the handshake included.
class tst_TlsCutoffs : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void eachByte_data();
    void eachByte();

private:
    void runTo(qint64 offset, CuttingProxy *proxy, bool toClient);
    void verify(const Told &told, CuttingProxy::Cut cut);

    Certificates m_certificates;
    GruvServer m_server;
    std::shared_ptr<Told> m_atServer;
    std::shared_ptr<Told> m_atClient;
    int m_rejected = 0;
    bool m_serverSends = false;
};

void tst_TlsCutoffs::initTestCase()
{
    QVERIFY(m_certificates.isMade && m_certificates.issue("server", "localhost"));
    m_server.setSslConfiguration(m_certificates.of("server"));
    m_server.setConnectionHandler([this](GruvSocket *socket) {
        m_atServer->begun = 1;
        watch(socket, m_atServer);
        for (const QByteArray &message : m_serverSends ? Messages : QList<QByteArray>())
            socket->sendMessage(message);
    });
    connect(&m_server, &GruvServer::connectionRejected, this, [this] { ++m_rejected; });
    QVERIFY(m_server.listen(QHostAddress::LocalHost));
}

void tst_TlsCutoffs::eachByte_data()
{
    QTest::addColumn<bool>("toClient");
    QTest::addColumn<int>("cut");
    QTest::newRow("to-client-fin") << true << int(CuttingProxy::Fin);
    QTest::newRow("to-client-reset") << true << int(CuttingProxy::Rst);
    QTest::newRow("to-server-fin") << false << int(CuttingProxy::Fin);
    QTest::newRow("to-server-reset") << false << int(CuttingProxy::Rst);
}

// Of the end that was cut off: all that came whole is there, and one end of it.
void tst_TlsCutoffs::verify(const Told &told, CuttingProxy::Cut cut)
{
    QCOMPARE(told.ended, told.begun);
    QCOMPARE(told.messages, Messages.mid(0, told.messages.size()));
    if (told.begun == 0) {
        QVERIFY(told.messages.isEmpty());
    } else if (cut == CuttingProxy::Rst) {
        QCOMPARE(told.errors, QList<Error>{ Error::ConnectionReset });
    } else if (!told.errors.isEmpty()) {
        QCOMPARE(told.errors, QList<Error>{ Error::TruncatedMessage });
    }
}

void tst_TlsCutoffs::runTo(qint64 offset, CuttingProxy *proxy, bool toClient)
{
    m_atServer = std::make_shared<Told>();
    m_atClient = std::make_shared<Told>();
    m_rejected = 0;
    m_serverSends = toClient;
    proxy->begin(m_server.serverPort(), offset);
    GruvSocket client;
    watch(&client, m_atClient);
    client.setSslConfiguration(m_certificates.of(""));
    client.connectToHostEncrypted(QStringLiteral("localhost"), proxy->port());
    for (const QByteArray &message : toClient ? QList<QByteArray>() : Messages)
        client.sendMessage(message);
    const Told &cutOff = toClient ? *m_atClient : *m_atServer;
    QVERIFY(await([&] { return proxy->hasCut() || cutOff.messages.size() == Messages.size(); }));
    if (!proxy->hasCut())
        return;
    if (toClient) {
        QVERIFY(await([&] { return client.state() == QAbstractSocket::UnconnectedState; }));
        QCOMPARE(m_atClient->errors.isEmpty(),
                 m_atClient->begun == 1 && client.error() == Error::NoError);
    } else {
        QVERIFY(await([&] { return m_atServer->ended + m_rejected == 1; }));
    }
}

void tst_TlsCutoffs::eachByte()
{
    QFETCH(bool, toClient);
    QFETCH(int, cut);
    CuttingProxy proxy(toClient ? CuttingProxy::ToClient : CuttingProxy::ToServer,
                       CuttingProxy::Cut(cut));
    qint64 offset = 0;
    int cameUp = 0;
    for (; offset < MostBytes; offset += Step) {
        runTo(offset, &proxy, toClient);
        if (QTest::currentTestFailed())
            break;
        if (!proxy.hasCut())
            break;
        verify(toClient ? *m_atClient : *m_atServer, CuttingProxy::Cut(cut));
        if (QTest::currentTestFailed())
            break;
        cameUp += toClient ? m_atClient->begun : m_atServer->begun;
    }
    qInfo("%lld bytes, the connection was up for the last %d of them", offset, int(cameUp * Step));
    QVERIFY(offset > 500 && offset < MostBytes);
    QVERIFY(cameUp > 0);
}

QTEST_GUILESS_MAIN(tst_TlsCutoffs)
#include "tst_tlscutoffs.moc"
