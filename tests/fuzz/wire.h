// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef WIRE_H
#define WIRE_H

#include <QtCore/qbytearray.h>

// A connection made in this process: one end is given away, the other is the peer's.
class Wire
{
public:
    enum class Kind { Pair, Tcp };
    enum class Received { Nothing, Bytes, End, Reset };

    Wire(Kind kind, bool hasSmallBuffers);
    ~Wire() { close(); }
    bool isOpen() const { return m_peer >= 0; }
    int takeOther(); // -1: there is none

    // Nothing blocks: what the system does not take is not written.
    qsizetype write(const char *bytes, qsizetype size);
    Received read(QByteArray *into, qsizetype most);
    void halfClose();
    void close();
    void reset();

private:
    Q_DISABLE_COPY_MOVE(Wire)
    int m_peer = -1;
    int m_other = -1;
    bool m_wasReset = false;
};

#endif // WIRE_H
