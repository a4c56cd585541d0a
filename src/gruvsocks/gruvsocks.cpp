// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/epolldispatcher_p.h>
#include <gruvsocks/framecodec_p.h>
#include <gruvsocks/gruvlogging_p.h>
#include <gruvsocks/gruvsocks.h>

#include <QtCore/qabstracteventdispatcher.h>
#include <QtCore/qcoreapplication.h>

/*!
    \namespace Gruv
    \inmodule GruvSocks
    \brief The free functions of GruvSocks.
*/

/*!
    A handler for GruvServer::start() that sends every message of \a socket back until the peer is
    gone or silent for GruvSocketOptions::timeout; echo_callback of gruv-socks. \a peer is not used.
*/
void Gruv::echoHandler(const GruvPeer &peer, GruvSocket &socket)
{
    Q_UNUSED(peer);
    while (const GruvSocket::ReadResult result = socket.read()) {
        if (!socket.sendMessage(result.data) && !socket.waitForMessagesWritten())
            return;
    }
}

/*!
    Sends a sentence over a real connection on the loopback interface and returns what came back:
    the same sentence, or an empty array on failure. server_test() of gruv-socks. It takes
    milliseconds, blocks, and may be called in any thread.
*/
QByteArray Gruv::selfTest()
{
    GruvServer server;
    if (!server.start(echoHandler, 0, QHostAddress::LocalHost))
        return {};
    GruvSocket socket;
    socket.setTimeout(std::chrono::seconds(5));
    socket.connectToHost(server.serverAddress(), server.serverPort());
    if (!socket.waitForConnected()
        || !socket.sendMessage("If you see this message, that means gruv_socks is working!"))
        return {};
    return socket.read().data;
}

/*!
    Returns the frame of \a message as it stands on the wire: four bytes of length in network order,
    then the bytes. \a message must not be larger than GruvSocketOptions::LargestMessageSize.
*/
QByteArray Gruv::encodeFrame(const QByteArray &message)
{
    return FrameCodec::encode(message);
}

/*!
    Gives the main thread an event loop whose turn costs what is ready, not what is open: Qt's own
    hands every descriptor to poll() each time, so ten thousand idle connections make a busy one
    slow. To be called first in main(), before the QCoreApplication is created; returns false, with
    a line in the log, where that is too late, and false where the system has no epoll (it is
    Linux's) and Qt's own loop stays.

    For programs without windows: a QGuiApplication needs the event loop of its platform. The
    threads of GruvServer::setThreadCount() have this loop anyway.
*/
bool Gruv::installEventDispatcher()
{
    if (QCoreApplication::instance() || QAbstractEventDispatcher::instance()) {
        qCWarning(gruvServerLog, "Gruv::installEventDispatcher() is too late: call it before the "
                                 "QCoreApplication is created");
        return false;
    }
    QAbstractEventDispatcher *const dispatcher = EpollDispatcher::create();
    if (dispatcher)
        QCoreApplication::setEventDispatcher(dispatcher);
    return dispatcher;
}
