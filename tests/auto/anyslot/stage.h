// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef STAGE_H
#define STAGE_H

#include "ledger.h"

#include <gruvsocks/gruvserver.h>

#include <QtCore/qpointer.h>
#include <QtCore/qthread.h>
#include <QtNetwork/qtcpserver.h>
#include <QtNetwork/qtcpsocket.h>

#include <encryption.h>

#include <functional>
#include <memory>

// Where the socket under test lives.
enum class Home {
    Client, // in the main thread, its peer is written by hand
    Loop,   // a server's, in the server's own event loop
    Pool    // a server's, in a thread of setThreadCount(2)
};

enum class Signal {
    // of the socket, while it connects
    HostLookup,
    Connecting,
    StateConnected,
    Connected,
    // of the socket
    Message,
    Handler, // setMessageHandler()
    BytesWritten,
    Unwritable,
    Writable,
    Refusal,
    Closing,
    Fault,
    Unconnected,
    Disconnected,
    // of its server
    ConnectionHandler,
    ClientConnected,
    ServerMessage,
    ListeningTrue,
    ListeningFalse,
    Rejected,
    ServerError,
    ClientDisconnected
};

class Stage;

struct Deed
{
    // What the thread has to be that of.
    enum class Where { Any, Socket, Server, AnyOfServer };

    const char *slug;
    Where where;
    bool endsServer;                      // and with it the innocent connection
    std::function<void(Stage &)> perform; // in the slot
    std::function<void(Stage &)> verify;  // when it has returned
};

// A connection under test, its peer, and an honest connection beside it; has one deed done in one
// slot.
class Stage
{
public:
    Stage(Home home, Signal signal, const Deed &deed);
    ~Stage();

    void prepare(); // up to where the signal can come
    void provoke(); // has it come
    void finish();

    // For deeds.
    bool isOver() const; // the connection ends or has ended when the signal comes
    bool isServersSignal() const { return signal >= Signal::ConnectionHandler; }
    bool isMessageSignal() const;
    void ends();  // it comes to its end
    void stays(); // it comes up, or is, and serves as before
    bool innocentEchoes();
    void deleteServer();
    bool hasPeer() const { return peer && peer->state() == QAbstractSocket::ConnectedState; }
    void inSubjectsThread(const std::function<void()> &function);

    const Home home;
    const Signal signal;
    Ledger ledger;
    std::atomic<GruvSocket *> subject{ nullptr };
    std::unique_ptr<GruvServer> server;
    QPointer<GruvServer> alive; // the same
    GruvServer second;          // echoes; in the main thread
    std::unique_ptr<QTcpSocket> peer;
    QByteArray peerBytes;
    QThread elsewhere;
    QList<QByteArray> expected; // what has to be delivered by messageReceived()
    std::atomic<bool> isDone{ false };
    std::atomic<bool> isServerDying{ false };
    quint16 secondPort = 0;
    int found = -1; // what perform found, for verify

private:
    Q_DISABLE_COPY_MOVE(Stage)
    void fire(Signal now);
    void watchSubject(GruvSocket *socket, bool isConnected);
    void watchServer();
    void watchMessages();
    bool isSubject(GruvSocket *socket);
    void clientCame(GruvSocket *socket);
    void connectSubject();
    void provokeServer();
    void adoptPeer(QTcpSocket *socket);
    void freshEchoes();

    const Deed &m_deed;
    Encryption::Listener m_listener;
    GruvSocket m_innocent;
    QTcpSocket m_stranger; // one connection too many
    int m_echoes = 0;
    std::atomic<int> m_came{ 0 };
    std::atomic<bool> m_isEntered{ false };
    bool m_isAnnounced = false;
    bool m_isTold = false;
};

// Runs the event loop until isTrue() or some seconds have passed; returns which.
bool await(const std::function<bool()> &isTrue);

#define AWAIT(condition) QVERIFY2(await([&] { return bool(condition); }), #condition)

#endif // STAGE_H
