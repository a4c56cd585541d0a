// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef SCENE_H
#define SCENE_H

#include "end.h"

#include <gruvsocks/gruvserver.h>

#include <QtCore/qeventloop.h>
#include <QtCore/qmutex.h>
#include <QtCore/qstring.h>

#include <atomic>
#include <memory>
#include <thread>

// All of one seed: a server, its clients, and at the end an honest client without faults.
class Scene : public QObject
{
public:
    explicit Scene(const Plan &plan);
    ~Scene() override;

    // Returns what was wrong; empty: nothing.
    QString run();

    struct Client
    {
        Script script;
        Record record;
        std::unique_ptr<GruvSocket> socket;
        std::unique_ptr<End> end;
        std::thread sender;
        bool isOver = false;
    };
    const std::vector<std::unique_ptr<Client>> &clients() const { return m_clients; }
    const std::vector<std::unique_ptr<Record>> &serverRecords() const { return m_records; }

private:
    class Server;
    void serve(GruvSocket *socket);
    Record *newRecord();
    void startClient(const Script &script);
    void startSender(Client *client);
    void joinSenders();
    void startHonest();
    void tellEnded();
    void look();
    bool areClientsOver() const;
    QString stillOpen() const;

    const Plan m_plan;
    QEventLoop m_loop;
    std::unique_ptr<Server> m_server;
    std::vector<std::unique_ptr<Client>> m_clients;
    std::unique_ptr<GruvSocket> m_honest;
    QByteArray m_honestAnswer;

    QMutex m_mutex; // of the records' list: connections live in several threads
    std::vector<std::unique_ptr<Record>> m_records;
    std::atomic<int> m_serverEnded{ 0 };
    std::atomic<bool> m_isHonest{ false };
};

#endif // SCENE_H
