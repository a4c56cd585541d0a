// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/sendqueue_p.h>

#include "tst_sendqueue.h"

#include <algorithm>
#include <array>
#include <random>

#include <rawpeer.h>

using RawPeer::frame;

namespace {

// Around them a queue does something else: it shares, or begins another block.
constexpr qsizetype Bounds[] = { 0, 508, 512, 1024, 2048, 16 * 1024, 64 * 1024 };

// A queue beside the plain string of bytes that it stands for.
class Model
{
public:
    explicit Model(std::mt19937 *random)
        : m_random(random)
    {}

    void act()
    {
        const int deed = below(100);
        if (m_bytes.size() > 200'000) // so large that blocks have their full size
            send(m_bytes.size() - below(30'000));
        else if (deed < 55)
            append(below(200));
        else if (deed < 78)
            append(std::max(0, int(Bounds[size_t(below(7))]) - 8 + below(16)));
        else if (deed < 91)
            send(below(int(std::min<qsizetype>(m_bytes.size(), 20'000)) + 1));
        else if (deed < 93)
            send(below(int(m_bytes.size()) + 1));
        else if (deed < 99)
            sendPieces(1 + below(2));
        else if (below(4) == 0)
            clear();
    }

    // Whether the queue says what it has in each way it can.
    bool agrees() const
    {
        const qsizetype most = qsizetype((*m_random)() % 100'000);
        return m_queue.size() == m_bytes.size() && m_queue.isEmpty() == m_bytes.isEmpty()
               && inPieces(m_bytes.size(), 1000) == m_bytes
               && m_bytes.startsWith(inPieces(most, 1000))
               && inPieces(most, 1000).size() == std::min(most, m_bytes.size())
               && m_bytes.startsWith(inPieces(m_bytes.size(), 3))
               && m_queue.front(most) == m_bytes.left(most);
    }

    void append(int size)
    {
        QByteArray payload(size, Qt::Uninitialized);
        for (char &byte : payload) {
            ++m_last;
            byte = char(m_last * 7 + m_last / 251);
        }
        const QByteArray wire = frame(payload);
        m_bytes += wire;
        if (below(3) == 0)
            m_queue.appendFrame(wire);
        else
            m_queue.appendMessage(payload);
        if (below(3) == 0)
            payload.fill('x'); // what is shared is not what the caller does with its own
    }

    void send(qsizetype bytes)
    {
        m_queue.sent(bytes);
        m_bytes.remove(0, bytes);
    }

    // What one gathering write would take.
    void sendPieces(int most) { send(inPieces(m_bytes.size(), most).size()); }

    void clear()
    {
        m_queue.clear();
        m_bytes.clear();
    }

private:
    int below(int bound) { return int((*m_random)() % quint32(bound)); }

    QByteArray inPieces(qsizetype mostBytes, int most) const
    {
        std::array<SendQueue::Piece, 1000> pieces;
        const int count = m_queue.pieces(pieces.data(), most, mostBytes);
        QByteArray bytes;
        for (int i = 0; i < count; ++i) {
            if (pieces[size_t(i)].size <= 0)
                return "an empty piece";
            bytes.append(pieces[size_t(i)].data, pieces[size_t(i)].size);
        }
        return bytes;
    }

    std::mt19937 *m_random;
    SendQueue m_queue;
    QByteArray m_bytes;
    quint32 m_last = 0; // so that no two places look alike
};

} // namespace

void tst_SendQueue::anythingInAnyOrder_data()
{
    QTest::addColumn<int>("seed");
    for (int seed = 1; seed <= 10; ++seed)
        QTest::addRow("seed-%d", seed) << seed;
}

void tst_SendQueue::anythingInAnyOrder()
{
    QFETCH(int, seed);
    std::mt19937 random{ std::mt19937::result_type(seed) };
    Model model(&random);
    for (int i = 0; i < 800; ++i) {
        model.act();
        QVERIFY2(model.agrees(), qPrintable(QString::number(i)));
    }
}

// A block that one of them has done with and another fills holds nobody's unsent bytes.
void tst_SendQueue::queuesShareTheBlocksOfTheirThread()
{
    std::mt19937 random(3);
    std::vector<Model> models(6, Model(&random));
    for (int i = 0; i < 6000; ++i) {
        const size_t chosen = random() % models.size();
        models[chosen].act();
        if (i % 1000 == 999)
            models[chosen].clear();
        if (i % 10 == 0)
            QVERIFY2(std::all_of(models.cbegin(), models.cend(),
                                 [](const Model &model) { return model.agrees(); }),
                     qPrintable(QString::number(i)));
    }
}

// The system takes what it likes: to the end of a header, a payload, a block, or one byte beside.
void tst_SendQueue::sentToEachBoundary()
{
    std::mt19937 random(9);
    for (const qsizetype small : { 0, 1, 300 }) {
        for (const qsizetype large : { 511, 16 * 1024 - 1, 16 * 1024, 100'000 }) {
            const qsizetype ends[] = { 4, 4 + small, 8 + small, 8 + small + large };
            for (const qsizetype end : ends) {
                for (const qsizetype cut : { end - 1, end, end + 1 }) {
                    Model model(&random);
                    model.append(int(small));
                    model.append(int(large));
                    model.append(int(small));
                    model.send(cut);
                    QVERIFY(model.agrees());
                    model.append(int(small));
                    model.append(int(large));
                    QVERIFY(model.agrees());
                }
            }
        }
    }
}
