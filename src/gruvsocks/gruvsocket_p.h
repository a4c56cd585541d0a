// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef GRUVSOCKET_P_H
#define GRUVSOCKET_P_H

#include <gruvsocks/deadlinequeue_p.h>
#include <gruvsocks/framecodec_p.h>
#include <gruvsocks/gruvlogging_p.h>
#include <gruvsocks/gruvsocket.h>
#include <gruvsocks/mailbox_p.h>
#include <gruvsocks/receivebuffer_p.h>
#include <gruvsocks/sendqueue_p.h>
#include <gruvsocks/transport_p.h>

#include <QtCore/qdeadlinetimer.h>

#include <atomic>
#include <deque>
#include <functional>
#include <optional>

/*
    One connection after the other. Input flows transport -> decoder -> messageReceived() or read(),
    output sendMessage() -> queue -> transport.

    Rules that keep every slot free to do anything:
    - Whoever emits holds a shared_ptr to this, so that deleting the GruvSocket inside the slot
      leaves the rest of the call something to stand on; q is null from then on.
    - After each emit a call looks at q and at m_connection: another number means that the slot
      ended the connection it was working for.
*/
class GruvSocketPrivate final : public std::enable_shared_from_this<GruvSocketPrivate>,
                                public Transport::Listener,
                                public DeadlineQueue::Client
{
public:
    using Error = GruvSocket::Error;
    using State = QAbstractSocket::SocketState;
    using Outcome = NativeSocket::Transfer::Outcome;

    explicit GruvSocketPrivate(GruvSocket *socket);
    static GruvSocketPrivate *of(const GruvSocket *socket) { return socket->d.get(); }

    // gruvsocket_p.cpp: beginnings, deadlines, waiting
    void setOptions(const GruvSocketOptions &wanted);
    void connectToHost(const QString &host, quint16 port);
    bool adopt(qintptr descriptor);
    void adopt(QTcpSocket *socket);
    void destroy();
    static QDeadlineTimer deadlineOf(std::chrono::milliseconds asked,
                                     std::chrono::milliseconds usual);
    bool waitFor(QDeadlineTimer deadline, const std::function<bool()> &done);
    bool isUp() const;
    bool isCalledInOwnThread(const char *function) const;

    // gruvsocket_receive.cpp: transport -> decoder -> messageReceived() or read()
    GruvSocket::ReadResult read(std::chrono::milliseconds timeout);
    void setPaused(bool on);
    void receiverCame();

    // gruvsocket_send.cpp: sendMessage() -> queue -> transport
    bool submit(const QByteArray &bytes, Mailbox::Request request);
    bool broadcast(const QByteArray &frame);
    bool refuse(Error refusal, const QString &text);
    void ask(Mailbox::Request request);
    void openMail();
    void flush();
    qint64 pendingBytes() const { return m_pending.load(); }

    GruvSocket *q; // null once the GruvSocket is being destroyed
    GruvSocketOptions options;
    std::atomic<State> state{ QAbstractSocket::UnconnectedState };
    bool writable = false;
    bool paused = false;
    Error error = Error::NoError;
    QString errorString;
    GruvSocket::Statistics statistics;
    quint64 connectionId = 0;
    QHostAddress peerAddress;
    quint16 peerPort = 0;
    QString peerName;
    QHostAddress localAddress;
    quint16 localPort = 0;
    std::unique_ptr<Transport> transport;

private:
    enum class Input { Open, Ended, Discarded };
    using Transfer = NativeSocket::Transfer;

    void transportConnecting(State to) override;
    void transportConnected() override;
    void transportNotConnected(Error why, const QString &text) override;
    void transportReadable() override;
    void transportWritable() override;
    void deadlineReached() override;

    void begin(const QString &host, quint16 port);
    void comeUp();
    void setState(State to);
    void trace(const QString &step) const;
    bool isOwnThread() const;
    void scheduleDeadline();
    qint64 nextDeadline() const;
    void deadlineExpired(qint64 now);

    bool receive();
    void deliver();
    void deliverLater();
    bool mayDeliver() const;
    void afterDelivery();
    bool inputIsHeld() const;
    void resumeInput();
    void discardInput();
    void readAhead();
    void updateHold();
    bool explainError();
    bool tryRead(GruvSocket::ReadResult *result);
    FrameDecoder::Result takeMessage(QByteArray *message);
    bool hasMessage() const { return m_ahead || m_decoder.hasMessage(); }

    bool takesMessages() const;
    Error admit(qint64 payloadSize, QString *text);
    static qint64 wireSize(const QByteArray &bytes, Mailbox::Request request);
    void wake();
    void enqueue(const QByteArray &bytes, Mailbox::Request request);
    void flushLater();
    Transfer sendQueued();
    void account();
    void tellWritten();
    void open(const Mailbox::Letter &letter);
    void outputFailed(const Transfer &fault);

    // gruvsocket_ending.cpp: how a connection ends
    void disconnectFromHost();
    void abort();
    void inputEnded();
    void incomingTooLarge();
    void startClosing();
    void advanceClosing();
    void readRest();
    QString truncation() const;
    void end(Error why, const QString &text);
    void announceEnd();
    void closeTransport();
    void forget();
    void forgetOutput();

    // input
    FrameDecoder m_decoder;
    ReceiveBuffer::Loan m_buffer;
    std::optional<QByteArray> m_ahead; // decoded, waiting for read() or a receiver
    Input m_input = Input::Open;
    Transfer m_inputEnd;
    bool m_hasReceiver = false;
    bool m_delivering = false;
    bool m_deliveryDue = false;
    int m_readers = 0; // calls of read() on the stack

    // output
    SendQueue m_queue;
    Mailbox m_mailbox;
    std::deque<Mailbox::Letter> m_letters; // taken from it, in order
    Transfer m_outputEnd;
    std::atomic<qint64> m_pending{ 0 }; // bytes accepted and not yet the system's
    qint64 m_inFlight = 0;              // of these, the ones in m_queue and in the transport
    std::atomic<qint64> m_maximumMessageSize{ 0 };
    std::atomic<qint64> m_writeBufferLimit{ 0 };
    qint64 m_untold = 0; // bytes gone and not yet in bytesWritten()
    bool m_telling = false;
    bool m_flushDue = false;

    // life
    std::atomic<quint32> m_connection{ 0 }; // the number of this connection, of this object
    std::atomic<bool> m_closeWhenConnected{ false };
    bool m_refusing = false;
    bool m_stateToAnnounce = false; // signals still owed to the connection that ended
    bool m_endToAnnounce = false;
    std::shared_ptr<DeadlineQueue> m_deadlines;
    qint64 m_startedAt = 0;     // connecting or closing since
    qint64 m_activeAt = 0;      // last byte either way
    qint64 m_frameBegunAt = -1; // -1: none under way
    qint64 m_heldSince = -1;    // we do not read since then, so no clock runs; -1: we do
    bool m_dormant = false;     // in a thread without event loop, between two waits
    qint64 m_ackCheckAt = -1;   // -1: not waiting for acknowledgements
    qint64 m_ackCheckStep = 0;
};

#endif // GRUVSOCKET_P_H
