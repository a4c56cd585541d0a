// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef TURNEND_P_H
#define TURNEND_P_H

#include <QtCore/qobject.h>

#include <memory>
#include <vector>

// What a thread's connections leave for the end of the event loop's turn.
class TurnEnd : public QObject
{
public:
    class Client
    {
    public:
        virtual void turnEnded() = 0;

    protected:
        ~Client() = default;

    private:
        friend class TurnEnd;
        size_t m_place = 0;
        bool m_waits = false;
    };

    static std::shared_ptr<TurnEnd> ofThisThread();
    TurnEnd();

    void add(Client *client);
    void remove(Client *client);

private:
    void tellAll();

    std::vector<Client *> m_clients; // null: removed
    size_t m_next = 0;               // to be told
    size_t m_end = 0;                // those from here on wait for the next turn
};

#endif // TURNEND_P_H
