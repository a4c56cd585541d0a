// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef LEDGER_H
#define LEDGER_H

#include <gruvsocks/gruvsocket.h>

#include <atomic>
#include <mutex>

// What a socket has told, and what of it should not have come. Told in the thread of the socket.
class Ledger
{
public:
    void watch(GruvSocket *socket, bool isConnected)
    {
        m_isUp = isConnected;
        begun = int(isConnected);
        on(socket, &GruvSocket::connected, [this] { blameIf(!m_isUp); });
        on(socket, &GruvSocket::disconnected, [this] {
            blameIf(!m_isUp.exchange(false));
            ++ended;
        });
        on(socket, &GruvSocket::stateChanged,
           [this](QAbstractSocket::SocketState state) { changed(state); });
        on(socket, &GruvSocket::bytesWritten, [this] { blameIf(!m_isUp); });
        on(socket, &GruvSocket::writableChanged, [this] { blameIf(!m_isUp); });
        on(socket, &GruvSocket::messageReceived, [this](const QByteArray &message) {
            blameIf(!m_isUp);
            const std::lock_guard lock(m_mutex);
            m_messages.append(message);
        });
        on(socket, &GruvSocket::errorOccurred, [this](GruvSocket::Error error) {
            if (error > GruvSocket::Error::WriteBufferFull)
                blameIf(m_hasFault.exchange(true)); // one a connection
        });
        QObject::connect(socket, &QObject::destroyed, [this] { isGone = true; });
    }

    QList<QByteArray> messages()
    {
        const std::lock_guard lock(m_mutex);
        return { m_messages.cbegin(), m_messages.cend() }; // not shared with the other thread
    }
    void blameIf(bool isWrong) { wrong += int(isWrong); }

    std::atomic<int> begun{ 0 };
    std::atomic<int> ended{ 0 };
    std::atomic<int> wrong{ 0 };        // signals that must not come
    std::atomic<bool> isDying{ false }; // its destructor runs: nothing may come
    std::atomic<bool> isGone{ false };

private:
    template<typename Signal, typename Function>
    void on(GruvSocket *socket, Signal signal, Function function)
    {
        QObject::connect(socket, signal, [this] { blameIf(isDying); });
        QObject::connect(socket, signal, function);
    }

    void changed(QAbstractSocket::SocketState state)
    {
        switch (state) {
        case QAbstractSocket::HostLookupState:
            m_isConnecting = true;
            m_hasFault = false;
            break;
        case QAbstractSocket::ConnectedState:
            blameIf(!m_isConnecting.exchange(false));
            m_isUp = true;
            ++begun;
            break;
        case QAbstractSocket::UnconnectedState:
            blameIf(!m_isUp && !m_isConnecting);
            m_isConnecting = false;
            break;
        default:
            break;
        }
    }

    std::atomic<bool> m_isUp{ false };
    std::atomic<bool> m_isConnecting{ false };
    std::atomic<bool> m_hasFault{ false };
    std::mutex m_mutex;
    QList<QByteArray> m_messages;
};

#endif // LEDGER_H
