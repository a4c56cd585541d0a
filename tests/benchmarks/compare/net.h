// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef NET_H
#define NET_H

#include <QtCore/qbytearray.h>
#include <QtCore/qendian.h>

#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

#include <poll.h>

// System calls on loopback sockets, and frames cut by hand. What fails ends the process.
namespace Net {

constexpr size_t ReadSize = 256 * 1024;
constexpr size_t BatchSize = 64 * 1024;
constexpr size_t HeaderSize = 4;

[[noreturn]] void fail(const char *what);
void check(bool succeeded, const char *what);
int listenOnLoopback(quint16 *port);
int connectTo(quint16 port);
int acceptOne(int listener);
void setNonBlocking(int descriptor);
void closeWithReset(int descriptor);            // leaves no TIME_WAIT behind
void wakeOnlyFor(int descriptor, size_t bytes); // received; fewer do not end a wait
void sendAll(int descriptor, const char *data, size_t size);
void sendFrame(int descriptor, const QByteArray &payload);   // header and payload in one call
size_t receiveSome(int descriptor, char *data, size_t size); // 0: the end

// Small frames, gathered for one write.
class Batch
{
public:
    Batch()
        : m_bytes(4 * BatchSize)
    {}
    void append(const char *message, size_t size)
    {
        if (m_used + HeaderSize + size > m_bytes.size())
            m_bytes.resize(2 * (m_used + HeaderSize + size));
        qToBigEndian(quint32(size), m_bytes.data() + m_used);
        std::memcpy(m_bytes.data() + m_used + HeaderSize, message, size);
        m_used += HeaderSize + size;
    }
    void append(const QByteArray &message) { append(message.constData(), size_t(message.size())); }
    bool isFull(qint64 nextSize) const
    {
        return m_used + HeaderSize + size_t(nextSize) > BatchSize;
    }
    void flush(int descriptor) { sendAll(descriptor, m_bytes.data(), std::exchange(m_used, 0)); }

private:
    std::vector<char> m_bytes;
    size_t m_used = 0;
};

// What is ready to be read: asked of poll() while there is little to watch, of epoll beyond.
class Poller
{
public:
    Poller();
    ~Poller();
    void add(int descriptor, int tag);
    void remove(int descriptor);
    const std::vector<int> &wait(int milliseconds); // the tags

private:
    Q_DISABLE_COPY_MOVE(Poller)
    static constexpr size_t FewDescriptors = 8;
    void pollAll(int milliseconds);

    int m_epoll;
    std::vector<pollfd> m_few;
    std::vector<int> m_tags;
    std::vector<int> m_ready;
};

// Cuts frames; each message is a malloc and a memcpy, which the receiver frees.
class Frames
{
public:
    Frames() = default;
    ~Frames() { std::free(m_message); }
    Frames(Frames &&other) noexcept { *this = std::move(other); }
    Frames &operator=(Frames &&other) noexcept
    {
        std::swap(m_message, other.m_message);
        std::swap(m_size, other.m_size);
        std::swap(m_arrived, other.m_arrived);
        std::memcpy(m_header, other.m_header, sizeof m_header);
        std::swap(m_headerSize, other.m_headerSize);
        return *this;
    }

    template<typename Receiver>
    void take(const char *data, size_t size, Receiver receive)
    {
        const char *const end = data + size;
        while (data < end || isComplete()) {
            if (!m_message && !begin(&data, end))
                return;
            const size_t part = std::min(size_t(end - data), m_size - m_arrived);
            std::memcpy(m_message + m_arrived, data, part);
            data += part;
            arrived(part, receive);
        }
    }

    // Where the rest of a large message can be read to without the detour; null: there is none.
    char *room(size_t *size)
    {
        *size = m_size - m_arrived;
        return m_message && *size >= BatchSize ? m_message + m_arrived : nullptr;
    }

    template<typename Receiver>
    void arrived(size_t bytes, Receiver receive)
    {
        m_arrived += bytes;
        if (!isComplete())
            return;
        receive(m_message, m_size);
        std::free(std::exchange(m_message, nullptr));
    }

    // Reads once; returns false at the end.
    template<typename Receiver>
    bool receive(int descriptor, std::vector<char> *buffer, Receiver receiver)
    {
        size_t size = 0;
        char *const direct = room(&size);
        const size_t received = direct ? receiveSome(descriptor, direct, size)
                                       : receiveSome(descriptor, buffer->data(), buffer->size());
        if (direct)
            arrived(received, receiver);
        else
            take(buffer->data(), received, receiver);
        return received > 0;
    }

private:
    bool isComplete() const { return m_message && m_arrived == m_size; }
    bool begin(const char **data, const char *end)
    {
        while (*data < end && m_headerSize < HeaderSize)
            m_header[m_headerSize++] = *(*data)++;
        if (m_headerSize < HeaderSize)
            return false;
        m_size = qFromBigEndian<quint32>(m_header);
        m_message = static_cast<char *>(std::malloc(m_size + 1));
        m_headerSize = m_arrived = 0;
        return true;
    }

    char *m_message = nullptr;
    size_t m_size = 0;
    size_t m_arrived = 0;
    char m_header[HeaderSize] = {};
    size_t m_headerSize = 0;
};

} // namespace Net

#endif // NET_H
