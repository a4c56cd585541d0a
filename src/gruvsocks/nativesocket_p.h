// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef NATIVESOCKET_P_H
#define NATIVESOCKET_P_H

#include <gruvsocks/sendqueue_p.h>

#include <QtCore/qstring.h>
#include <QtNetwork/qhostaddress.h>

#include <chrono>

// The operating system's calls on a connected or listening TCP socket.
namespace NativeSocket {

struct Transfer
{
    enum class Outcome { Moved, WouldBlock, EndOfStream, Reset, Unresponsive, Failed, TlsFailed };
    Outcome outcome = Outcome::WouldBlock;
    qsizetype bytes = 0;
    int osError = 0; // where outcome is a fault (0: only the text is known), or a shortage
    QString osErrorString = {};

    bool isFault() const { return outcome >= Outcome::Reset; }
    bool isShortage() const { return outcome == Outcome::WouldBlock && osError != 0; }
};

struct Endpoint
{
    QHostAddress address;
    quint16 port = 0;
};

// Of one call, in bytes; see the .cpp.
constexpr qsizetype LargestWrite = 45 * 1448;

bool isSupported();
Transfer receive(qintptr descriptor, char *data, qsizetype size);
Transfer peek(qintptr descriptor, char *data, qsizetype size); // what receive() will give
qsizetype waitingBytes(qintptr descriptor);                    // to be received
bool isDeserted(qintptr descriptor);
Transfer howPeerEnded(qintptr descriptor); // as far as the system tells
Transfer send(qintptr descriptor, const SendQueue &queue, qsizetype most);
void shutDown(qintptr descriptor);
void shutDownWriting(qintptr descriptor);
void setResetOnClose(qintptr descriptor, bool on);
void setLowDelay(qintptr descriptor, bool on);
Endpoint localEndpoint(qintptr descriptor);
Endpoint peerEndpoint(qintptr descriptor);
QHostAddress plain(const QHostAddress &address);
qint64 unacknowledgedBytes(qintptr descriptor); // -1: the system does not tell
qint64 unansweredFor(qintptr descriptor);       // ms; -1: nothing is under way
void setDeadPeerTimeout(qintptr descriptor, std::chrono::milliseconds timeout);

// nativedescriptor.cpp
qintptr openStream(int family);         // does not block; no program that is started has it
constexpr qintptr NoLongerListens = -2; // of accept(), which else fails with -1
qintptr accept(qintptr descriptor, QString *error); // as openStream()
void setNonBlocking(qintptr descriptor);
qintptr duplicate(qintptr descriptor);
void close(qintptr descriptor);

} // namespace NativeSocket

#endif // NATIVESOCKET_P_H
