// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/gruvsocket.h>
#include <gruvsocks/gruvsocketoperators.h>

#include <QtCore/qdebug.h>

/*! \relates GruvSocket
    Sends \a message on \a socket; refusals are told by errorOccurred(). */
GruvSocket &operator<<(GruvSocket &socket, const QByteArray &message)
{
    socket.sendMessage(message);
    return socket;
}

/*! \relates GruvSocket
    Sends \a text on \a socket as UTF-8. */
GruvSocket &operator<<(GruvSocket &socket, const QString &text)
{
    socket.sendText(text);
    return socket;
}

/*! \relates GruvSocket
    Sends \a text, in the encoding it has, on \a socket. */
GruvSocket &operator<<(GruvSocket &socket, const char *text)
{
    return socket << QByteArray(text);
}

/*! \relates GruvSocket
    Sends \a message on \a socket; returns whether it was accepted, as in gruv-socks. */
bool operator+(GruvSocket &socket, const QByteArray &message)
{
    return socket.sendMessage(message);
}

/*! \relates GruvSocket
    Sends \a text on \a socket as UTF-8; returns whether it was accepted. */
bool operator+(GruvSocket &socket, const QString &text)
{
    return socket.sendText(text);
}

/*! \relates GruvSocket
    Sends \a text, in the encoding it has, on \a socket; returns whether it was accepted. */
bool operator+(GruvSocket &socket, const char *text)
{
    return socket + QByteArray(text);
}

/*! \relates GruvSocket
    Writes toString() of \a socket to \a debug. */
QDebug operator<<(QDebug debug, const GruvSocket &socket)
{
    const QDebugStateSaver saver(debug);
    debug.noquote() << socket.toString();
    return debug;
}

/*! \relates GruvSocket
    Writes toString() of \a socket to \a debug; it may be null. */
QDebug operator<<(QDebug debug, const GruvSocket *socket)
{
    return socket ? debug << *socket : debug << "GruvSocket(nullptr)";
}
