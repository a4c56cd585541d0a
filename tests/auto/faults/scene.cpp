// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "scene.h"

#include <QtCore/qcoreapplication.h>
#include <QtCore/qmetaobject.h>
#include <QtCore/qtimer.h>

#include <algorithm>

static constexpr int Patience = 10'000; // ms; a busy machine is no fault

class Scene::Server : public GruvServer
{
public:
    int accepted = 0;

protected:
    void incomingConnection(qintptr descriptor) override
    {
        ++accepted;
        GruvServer::incomingConnection(descriptor);
    }
};

Scene::Scene(const Plan &plan)
    : m_plan(plan)
    , m_server(std::make_unique<Server>())
{
    m_server->setThreadCount(plan.threads);
    m_server->setSocketOptions(plan.serverOptions);
    m_server->setConnectionHandler([this](GruvSocket *socket) { serve(socket); });
}

Scene::~Scene()
{
    joinSenders();
}

void Scene::joinSenders()
{
    for (const auto &client : m_clients) {
        if (client->sender.joinable())
            client->sender.join();
    }
}

Record *Scene::newRecord()
{
    const QMutexLocker lock(&m_mutex);
    m_records.push_back(std::make_unique<Record>());
    return m_records.back().get();
}

// In the thread of the connection.
void Scene::serve(GruvSocket *socket)
{
    Record *const record = newRecord();
    record->wasTaken = true;
    record->clientPort = socket->peerPort();
    Script script = m_plan.server;
    if (m_isHonest) {
        record->isHonest = true;
        script = {};
        script.echoes = true;
    }
    auto *const end = new End(socket, script, record, [this] {
        ++m_serverEnded;
        tellEnded();
    });
    end->setParent(socket);
    end->begin();
}

void Scene::startClient(const Script &script)
{
    m_clients.push_back(std::make_unique<Client>());
    Client *const client = m_clients.back().get();
    client->script = script;
    client->socket = std::make_unique<GruvSocket>();
    client->socket->setOptions(m_plan.clientOptions);
    client->end =
            std::make_unique<End>(client->socket.get(), script, &client->record, [this, client] {
                client->isOver = true;
                tellEnded();
            });
    client->socket->connectToHost(m_server->serverAddress(), m_server->serverPort());
    if (script.sendsEarly)
        client->end->begin();
    if (script.sendsInThread)
        startSender(client);
}

void Scene::startSender(Client *client)
{
    client->sender = std::thread([client] {
        const Script &script = client->script;
        for (int i = 0; i < script.messages; ++i)
            End::send(client->socket.get(), messageOf(script, i), &client->record);
        if (script.closesWhenSent && !script.closesByAbort) {
            client->record.hasClosed = true;
            client->socket->disconnectFromHost();
        } else {
            End *const end = client->end.get();
            QMetaObject::invokeMethod(
                    end, [end] { end->allSent(); }, Qt::QueuedConnection);
        }
    });
}

// Any thread.
void Scene::tellEnded()
{
    QMetaObject::invokeMethod(
            this, [this] { look(); }, Qt::QueuedConnection);
}

bool Scene::areClientsOver() const
{
    return std::all_of(m_clients.begin(), m_clients.end(),
                       [](const auto &client) { return client->isOver; });
}

void Scene::look()
{
    if (!areClientsOver())
        return;
    if (!m_honest)
        startHonest();
    else if (m_honest->state() == QAbstractSocket::UnconnectedState
             && m_serverEnded == m_server->accepted)
        m_loop.quit();
}

void Scene::startHonest()
{
    Faults::rest();
    m_isHonest = true;
    m_honest = std::make_unique<GruvSocket>();
    connect(m_honest.get(), &GruvSocket::messageReceived, this, [this](const QByteArray &answer) {
        m_honestAnswer = answer;
        m_honest->disconnectFromHost();
    });
    connect(m_honest.get(), &GruvSocket::stateChanged, this, [this] { tellEnded(); });
    m_honest->connectToHost(m_server->serverAddress(), m_server->serverPort());
    m_honest->sendMessage(QByteArrayLiteral("is anybody there?"));
}

QString Scene::stillOpen() const
{
    QString text = QStringLiteral("not over in %1 ms:").arg(Patience);
    for (const auto &client : m_clients)
        text += u' ' + client->socket->toString();
    if (m_honest)
        text += QStringLiteral(" honest ") + m_honest->toString();
    return text
           + QStringLiteral(" server: %1 accepted, %2 ended")
                     .arg(m_server->accepted)
                     .arg(m_serverEnded);
}

QString Scene::run()
{
    if (!m_server->listen(QHostAddress::LocalHost))
        return QStringLiteral("cannot listen: ") + m_server->errorString();
    Faults::begin(m_plan.seed, m_plan.rates);
    for (const Script &script : m_plan.clients)
        startClient(script);
    bool isLate = false;
    QTimer alarm;
    QObject::connect(&alarm, &QTimer::timeout, &m_loop, [&] {
        isLate = true;
        m_loop.quit();
    });
    alarm.start(Patience);
    m_loop.exec();
    Faults::rest();
    const QString open = isLate ? stillOpen() : QString();
    const bool isListening = m_server->isListening();
    m_server.reset(); // its threads have ended
    joinSenders();
    if (isLate)
        return open;
    if (!isListening)
        return QStringLiteral("the server no longer listens");
    if (m_honestAnswer != "is anybody there?")
        return QStringLiteral("the server does not serve an honest client: ")
               + m_honest->errorString();
    return {};
}
