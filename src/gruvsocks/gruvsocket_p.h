// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef GRUVSOCKET_P_H
#define GRUVSOCKET_P_H

#include <gruvsocks/connector_p.h>
#include <gruvsocks/deadlinequeue_p.h>
#include <gruvsocks/framecodec_p.h>
#include <gruvsocks/gruvlogging_p.h>
#include <gruvsocks/gruvsocket.h>
#include <gruvsocks/mailbox_p.h>
#include <gruvsocks/receivebuffer_p.h>
#include <gruvsocks/sendqueue_p.h>
#include <gruvsocks/tls_p.h>
#include <gruvsocks/transport_p.h>
#include <gruvsocks/turnend_p.h>

#include <QtCore/qbasictimer.h>
#include <QtCore/qdeadlinetimer.h>
#include <QtCore/qthread.h>

#include <atomic>
#include <functional>
#include <limits>
#include <optional>
#include <vector>

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
                                public Connector::Listener,
                                public Transport::Listener,
                                public DeadlineQueue::Client,
                                public TurnEnd::Client
{
public:
    using Error = GruvSocket::Error;
    using State = QAbstractSocket::SocketState;
    using Outcome = NativeSocket::Transfer::Outcome;

    explicit GruvSocketPrivate(GruvSocket *socket);
    static GruvSocketPrivate *of(const GruvSocket *socket) { return socket->d.get(); }

    // gruvsocket_p.cpp: beginnings
    void setOptions(const GruvSocketOptions &wanted);
    void connectToHost(const QString &host, quint16 port, const Tls::Configuration &encryption);
    void ignoreSslErrors(const QList<QSslError> &errors);
    bool adopt(qintptr descriptor);
    bool adopt(QTcpSocket *socket);
    void destroy();
    static QDeadlineTimer deadlineOf(std::chrono::milliseconds asked,
                                     std::chrono::milliseconds usual);
    bool waitFor(QDeadlineTimer deadline, const std::function<bool()> &done);
    bool isUp() const;
    quint32 connection() const { return m_connection; }
    bool hasEnded(quint32 connection) const;
    bool waitForEnd(quint32 connection, std::chrono::milliseconds timeout);
    void closeAndWait();
    bool isCalledInOwnThread(const char *function) const;

    // gruvsocket_receive.cpp: transport -> decoder -> messageReceived() or read()
    GruvSocket::ReadResult read(std::chrono::milliseconds timeout);
    void setPaused(bool on);
    void hold(bool on);
    void setMessageHandler(const GruvSocket::MessageHandler &handler);
    void receiverCame();
    void receiversChanged() { m_receiversChanged = true; }
    void receiverLeaves();

    // gruvsocket_mail.cpp: what other threads ask for. So many letters a turn of the event loop.
    static constexpr int LettersPerTurn = 1024;
    static constexpr int AllLetters = std::numeric_limits<int>::max();
    void ask(Mailbox::Request request);
    void openMail(int most);
    void mailCame();
    bool isMailTimer(int timer) const { return m_mailTimer.timerId() == timer; }

    // gruvsocket_send.cpp: sendMessage() -> queue -> transport
    bool submit(const QByteArray &bytes, Mailbox::Request request);
    bool broadcast(const QByteArray &frame);
    bool refuse(Error refusal, const QString &text);
    void flush();
    qint64 pendingBytes() const { return m_queued + m_posted; }
    bool isOutputOver() const { return pendingBytes() == 0 || m_outputEnd.isFault(); }
    bool isOwnThread() const;
    void leaveThread();

    GruvSocket *q; // null once the GruvSocket is being destroyed
    GruvSocketOptions options;
    std::atomic<State> state{ QAbstractSocket::UnconnectedState };
    bool writable = false;
    bool paused = false;
    Error error = Error::NoError;
    QString errorString;
    GruvDisconnectReason reason; // of the last end
    GruvSocket::Statistics statistics;
    quint64 connectionId = 0;
    QHostAddress peerAddress;
    quint16 peerPort = 0;
    QString peerName;
    QHostAddress localAddress;
    quint16 localPort = 0;
    Tls::Configuration tls;               // for new connections; null: Qt's own
    Tls::Configuration session;           // of this connection
    std::unique_ptr<Transport> transport; // while the connection is up
    std::function<void()> leaving;        // called first when the GruvSocket is being destroyed

private:
    enum class Input { Open, Ended, Discarded };
    static constexpr qint64 NoBound = std::numeric_limits<qint64>::max();
    using Transfer = NativeSocket::Transfer;

    void connectorStateChanged(State to) override;
    void connectorSucceeded(QTcpSocket *socket, const CallGuard &calls) override;
    void connectorFailed(Error why, const QString &text) override;
    void connectorSslErrors(const QList<QSslError> &errors) override;
    void transportReadable() override;
    void transportWritable() override;
    void transportEncrypted() override;
    void deadlineReached() override;
    void turnEnded() override;

    void begin(const QString &host, quint16 port);
    void takeOver(QTcpSocket *socket, const CallGuard &calls);
    void comeUp();
    void setState(State to);
    void trace(const QString &step) const;

    // gruvsocket_deadlines.cpp: what is due when, and waiting for it
    void scheduleDeadline();
    void dropSpare();
    void watchPeer();
    void hastenPeerCheck();
    void checkPeer(qint64 now);
    void noteAcknowledged(qint64 now);
    qint64 peerCheckStep() const;
    bool owesAcknowledgement() const;
    qint64 nextDeadline() const;
    qint64 idleSince() const;
    bool isStuck() const;
    void meetDeadline(qint64 due, qint64 now);
    void deadlineExpired(qint64 now);

    bool receive();
    bool hasReceiver();
    void hand(const QByteArray &message, const GruvSocket::MessageHandler *handler);
    void deliver();
    void keepMemory(QByteArray message);
    void deliverLater();
    bool mayDeliver() const;
    void afterDelivery();
    bool inputIsHeld() const;
    bool isForNobody() const;
    bool mayTellEnd() const;
    bool wantsInput() const;
    void resumeInput();
    void discardInput();
    void readAhead();
    void updateHold();
    void wake();
    void noteSlowed();
    bool explainError();
    bool tryRead(GruvSocket::ReadResult *result);
    FrameDecoder::Result takeMessage(QByteArray *message);
    bool hasMessage() const { return m_ahead || m_decoder.hasMessage(); }

    bool takesMessages() const;
    Error admit(qint64 payloadSize, bool inOwnThread);
    QString refusalText(Error refusal, qint64 payloadSize) const;
    static qint64 wireSize(const QByteArray &bytes, Mailbox::Request request);
    void addQueued(qint64 bytes);
    void enqueue(const QByteArray &bytes, Mailbox::Request request);
    void becomeUnwritable();
    bool hasEventLoop() const;
    void flushLater();
    void flushNextTurn();
    bool hasMail() const { return !m_mailbox.isEmpty() || !m_letters.empty(); }
    bool openMailFirst();
    qint64 letterBytes() const { return m_postedLetters * qint64(sizeof(Mailbox::Letter)); }
    void letterOpened(qint64 wireSize);
    Transfer sendQueued(qsizetype most);
    void flushFirst(qsizetype bytes);
    void account();
    bool hasRoomAgain() const;
    void tellWritten();
    void open(const Mailbox::Letter &letter);
    void outputFailed(const Transfer &fault);

    // gruvsocket_ending.cpp: how a connection ends
    void disconnectFromHost();
    void abort();
    void stop();
    void inputEnded();
    bool endedByFault();
    void incomingTooLarge(const FrameDecoder &decoder);
    void dropInput();
    void startClosing();
    void advanceClosing();
    qint64 lingersUntil() const;
    bool hasLingered(qint64 now);
    void readRest();
    static QString truncation(const FrameDecoder &decoder);
    const Transfer &fault() const { return m_outputEnd.isFault() ? m_outputEnd : m_inputEnd; }
    GruvDisconnectReason reasonOf(Error why) const;
    void endInOrder();
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
    std::shared_ptr<const GruvSocket::MessageHandler> m_handler; // null: none
    bool m_isHeld = false; // by the server, which is behind with messages
    bool m_isSignalConnected = false;
    bool m_hasReceiver = false;                   // one of the two
    std::atomic<bool> m_receiversChanged{ true }; // ask again
    std::atomic<bool> m_asksAlways{ false };
    bool m_delivering = false;
    bool m_deliveryDue = false;
    int m_readers = 0; // calls of read() on the stack

    // output
    SendQueue m_queue;
    Mailbox m_mailbox;
    std::vector<Mailbox::Letter> m_letters; // taken from it, in order
    size_t m_nextLetter = 0;
    QBasicTimer m_mailTimer; // runs while there is mail, once that has been told
    Transfer m_outputEnd;
    // Bytes accepted and not yet the system's, on the wire: written by the own thread alone,
    std::atomic<qint64> m_queued{ 0 };
    // and in m_mailbox and m_letters.
    std::atomic<qint64> m_posted{ 0 };
    std::atomic<qint64> m_postedLetters{ 0 }; // which take memory beside their bytes
    std::atomic<qint64> m_maximumMessageSize{ 0 };
    std::atomic<qint64> m_writeBufferLimit{ 0 };
    qint64 m_roomAt = NoBound; // after a refusal: writable at so few
    qint64 m_untold = 0;       // bytes gone and not yet in bytesWritten()
    bool m_telling = false;
    bool m_flushDue = false;
    bool m_blocked = false; // the system takes no more until transportWritable()

    // life
    std::unique_ptr<Connector> m_connector;
    std::atomic<Qt::HANDLE> m_threadId{ nullptr }; // null: ask q
    std::shared_ptr<TurnEnd> m_turnEnd;
    std::atomic<quint32> m_connection{ 0 }; // the number of this connection, of this object
    std::atomic<bool> m_closeWhenConnected{ false };
    GruvDisconnectReason::EndedBy m_closedBy = GruvDisconnectReason::EndedBy::Nobody; // in order
    GruvDisconnectReason::Protocol m_refusedProtocol = GruvDisconnectReason::Protocol::Unknown;
    bool m_refusing = false;
    bool m_hasEnded = false;        // and error and errorString tell why
    bool m_stateToAnnounce = false; // signals still owed to the connection that ended
    bool m_endToAnnounce = false;
    std::shared_ptr<DeadlineQueue> m_deadlines;
    qint64 m_startedAt = 0;     // connecting or closing since
    qint64 m_activeAt = 0;      // last byte either way
    qint64 m_frameBegunAt = -1; // -1: none under way
    qint64 m_silentSince = -1;  // waiting for the first message; -1: it came
    qint64 m_heldSince = -1;    // we do not read since then, so no clock runs; -1: we do
    qint64 m_spareSince = -1;   // m_decoder has a spare; -1: none
    qint64 m_answeredAt = -1;   // until then the peer owed nothing
    qint64 m_peerCheckAt = -1;  // -1: nothing is under way to it
    qint64 m_acknowledged = 0;  // bytes, as of the last check
    qint64 m_unacknowledged = 0;
    bool m_dormant = false;    // in a thread without event loop, between two waits
    bool m_wasSlowed = false;  // the peer, meanwhile
    qint64 m_ackCheckAt = -1;  // -1: not waiting for acknowledgements
    qint64 m_deliveredAt = -1; // while closing: when the last byte was seen acknowledged
    qint64 m_ackCheckStep = 0;
};

// Any thread. Its number is known while there is a connection.
inline bool GruvSocketPrivate::isOwnThread() const
{
    if (const Qt::HANDLE id = m_threadId.load(std::memory_order_relaxed))
        return id == QThread::currentThreadId();
    return q->thread() == QThread::currentThread();
}

#endif // GRUVSOCKET_P_H
