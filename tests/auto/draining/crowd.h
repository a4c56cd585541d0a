// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef CROWD_H
#define CROWD_H

#include <QtCore/qbytearray.h>

#include <thread>
#include <vector>

struct pollfd;

// Many clients on plain descriptors, in a thread of their own. Each sends a request, and takes what
// comes until the connection ends.
class Crowd
{
public:
    enum class Manner {
        Leaves, // after its first answer
        Stays   // and asks again after each
    };

    Crowd(const QByteArray &request, const QByteArray &answer);
    ~Crowd();

    bool connectAll(int count,
                    quint16 port); // the system does it, whether the server accepts or not
    void begin(Manner manner);
    void join();

    // After join().
    qint64 answerCount() const { return m_answers; }
    int cutCount() const { return m_cut; }     // connections that ended inside an answer
    int wrongCount() const { return m_wrong; } // or brought something else
    int emptyHandedCount() const;
    int endlessCount() const { return m_endless; }

private:
    Q_DISABLE_COPY_MOVE(Crowd)
    struct Client
    {
        int descriptor;
        qsizetype arrived = 0; // of the answer under way
        qint64 answers = 0;
    };

    void run(Manner manner);
    bool waitForInput(std::vector<pollfd> *watched) const;
    void receive(Client *client, Manner manner);
    void take(Client *client, const char *data, qsizetype size);
    void ask(const Client &client) const;
    void end(Client *client);

    const QByteArray m_request;
    const QByteArray m_answer;
    std::vector<Client> m_clients;
    std::thread m_thread;
    qint64 m_answers = 0;
    int m_cut = 0;
    int m_wrong = 0;
    int m_endless = 0;
};

#endif // CROWD_H
