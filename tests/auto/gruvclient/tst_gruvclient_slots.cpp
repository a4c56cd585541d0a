// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "tst_gruvclient.h"

#include <QtCore/qcoreapplication.h>
#include <QtCore/qpointer.h>
#include <QtTest/qsignalspy.h>
#include <QtTest/qtest.h>

#include <rawpeer.h>

#include <utility>

namespace {

enum class When { Connecting, Online, Message, Offline, Waiting, Scheduled };
enum class What { Delete, Disconnect, Send, BeginAgain };

// Does something to a client, once, in one of its slots.
class Actor : public QObject
{
public:
    Actor(Host *host, When when, What what)
        : m_host(host)
        , m_when(when)
        , m_what(what)
    {
        connect(client, &GruvClient::stateChanged, this, [this](State state) {
            if (state == State::Connecting)
                act(When::Connecting);
            else if (state == State::Waiting)
                act(When::Waiting);
        });
        connect(client, &GruvClient::online, this, [this] {
            act(When::Online);
            if (client)
                client->sendMessage("hello");
        });
        connect(client, &GruvClient::messageReceived, this, [this] {
            act(When::Message);
            m_host->kill();
        });
        connect(client, &GruvClient::offline, this, [this] { act(When::Offline); });
        connect(client, &GruvClient::reconnectScheduled, this, [this] { act(When::Scheduled); });
    }
    ~Actor() override { delete client.data(); }

    bool hasActed() const { return m_hasActed; }

    const QPointer<Client> client = new Client;

private:
    void act(When now)
    {
        if (now != m_when || std::exchange(m_hasActed, true))
            return;
        if (m_what == What::Delete)
            delete client.data();
        else if (m_what == What::Send)
            client->sendMessage("from the slot");
        else
            client->disconnectFromServer();
        if (m_what == What::BeginAgain)
            client->begin(m_host->port()); // refused where the end takes its time
    }

    Host *const m_host;
    const When m_when;
    const What m_what;
    bool m_hasActed = false;
};

} // namespace

void tst_GruvClient::slotsMayDoAnything_data()
{
    QTest::addColumn<When>("when");
    QTest::addColumn<What>("what");
    const char *whens[] = { "connecting", "online", "message", "offline", "waiting", "scheduled" };
    const char *whats[] = { "delete", "disconnect", "send", "begin-again" };
    for (int when = 0; when < 6; ++when) {
        for (int what = 0; what < 4; ++what)
            QTest::addRow("%s-%s", whens[when], whats[what]) << When(when) << What(what);
    }
}

void tst_GruvClient::slotsMayDoAnything()
{
    QFETCH(When, when);
    QFETCH(What, what);
    Host host;
    const Actor actor(&host, when, what);
    actor.client->begin(host.port());
    QTRY_VERIFY(actor.hasActed());
    QCOMPARE(actor.client.isNull(), what == What::Delete);
    if (what == What::Disconnect)
        QTRY_COMPARE(actor.client->state(), State::Offline);
    QCoreApplication::processEvents();
}

// A slot that is told of a lost message gives up.
void tst_GruvClient::offlineIsToldInAnyCase()
{
    RawPeer::Listener listener;
    Client client;
    QSignalSpy offline(&client, &GruvClient::offline);
    connect(&client, &GruvClient::messageDropped, &client, &GruvClient::disconnectFromServer);
    const auto peer = ClientTools::peerThatStopsReading(&listener, &client);
    QVERIFY(peer);
    for (int i = 0; i < 100; ++i)
        QVERIFY(client.sendMessage(QByteArray(100'000, 'm')) != 0);
    QTRY_VERIFY(client.socket()->bytesToWrite() > 0);
    RawPeer::reset(peer.get());
    QTRY_COMPARE(client.state(), State::Offline);
    QCOMPARE(offline.size(), 1);
    QVERIFY(client.dropped.size() > 1);
}
