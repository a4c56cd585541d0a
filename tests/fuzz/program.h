// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef PROGRAM_H
#define PROGRAM_H

#include <gruvsocks/gruvsocket.h>

#include <deque>
#include <memory>

#include "input.h"
#include "outbox.h"
#include "wire.h"
#include "witness.h"

/*
    The life of one connection, as an input tells it:

        +------+---------+--------+------------------------------+
        | mode | maximum | finish | steps, to the end: op, arg...|
        +------+---------+--------+------------------------------+

    mode     see Mode
    maximum  which maximumMessageSize
    finish   how what is still connected after the last step comes to its end
    steps    see Op; Literal has its bytes behind arg, InSlot the step that a slot is to do
*/
class Program
{
public:
    enum Mode {
        Tcp = 0x01, // else a pair of local sockets, which is quicker
        SmallBuffers = 0x02,
        InEventLoop = 0x04, // else as in a thread that runs none
        Receivers = 0x18,   // none, signal, handler, none
        SmallLimits = 0x20, // of what may wait to be sent
        TakenOver = 0x40    // over TCP: from a QTcpSocket
    };

    explicit Program(Input input, int mode);
    void run();

private:
    enum class Op : uint8_t {
        Literal, // what the peer does
        Frame,
        Bulk,
        HalfClose,
        Close,
        Reset,
        PeerReads,
        Send, // what the owner of the socket calls
        Broadcast,
        Pause,
        Resume,
        Hold,
        Release,
        Disconnect,
        Abort,
        Turn, // what else the owner does
        Read,
        WaitWritten,
        WaitDisconnected,
        Delete,
        Receive,
        InSlot,
        Count
    };
    struct Step
    {
        Op op = Op::Turn;
        uint8_t arg = 0;
        QByteArray literal;
    };

    void create(int mode);
    Step parse();
    void perform(const Step &step);
    void performPeer(const Step &step);
    void performCall(const Step &step);
    void performOwner(const Step &step);
    void peerWrites(const QByteArray &bytes);
    void peerReads(qsizetype most);
    void send(const QByteArray &payload, bool asBroadcast);
    void hold(bool on);
    void close();
    void abort();
    bool hasPeerSeenTheEnd() const
    {
        return m_peerSaw == Wire::Received::End || m_peerSaw == Wire::Received::Reset;
    }
    void slotRuns();
    void settle();
    void checkMemory() const;
    void begin(int how);
    void finish(int how);
    void checkEnd() const;

    const bool m_isTcp;
    Input m_input;
    const qint64 m_maximum;
    const int m_finish;
    Wire m_wire;
    std::unique_ptr<GruvSocket> m_socket;
    std::unique_ptr<Witness> m_witness;
    Outbox m_outbox;
    QByteArray m_inbox; // of the peer, not yet checked
    Wire::Received m_peerSaw = Wire::Received::Nothing;
    std::deque<Step> m_forSlots;
    qint64 m_memory = 0; // before it began
    qsizetype m_written = 0;
    qsizetype m_sent = 0;
    int m_depth = 0;
    bool m_halfClosed = false;
    bool m_peerGone = false;
    bool m_closedHere = false;
    bool m_aborted = false;
};

#endif // PROGRAM_H
