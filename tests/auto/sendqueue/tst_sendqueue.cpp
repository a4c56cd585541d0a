// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include <gruvsocks/sendqueue_p.h>

#include "tst_sendqueue.h"

#include <rawpeer.h>

#include <QtCore/qset.h>

#include <algorithm>
#include <vector>

using RawPeer::frame;

constexpr qsizetype Large = 64 * 1024;

// What is queued: a message, or a frame that was encoded before.
struct Entry
{
    QByteArray payload;
    bool isFrame = false;
};
using Entries = QList<Entry>;
Q_DECLARE_METATYPE(Entries)

static QByteArray patterned(qsizetype size)
{
    QByteArray bytes(size, Qt::Uninitialized);
    for (qsizetype i = 0; i < size; ++i)
        bytes[i] = char(i * 7 + i / 251);
    return bytes;
}

static QByteArray wireOf(const Entries &entries)
{
    QByteArray wire;
    for (const Entry &entry : entries)
        wire += frame(entry.payload);
    return wire;
}

static void append(SendQueue *queue, const Entries &entries)
{
    for (const Entry &entry : entries) {
        if (entry.isFrame)
            queue->appendFrame(frame(entry.payload));
        else
            queue->appendMessage(entry.payload);
    }
}

static std::vector<SendQueue::Piece> allPieces(const SendQueue &queue)
{
    std::vector<SendQueue::Piece> pieces(1000);
    pieces.resize(size_t(queue.pieces(pieces.data(), int(pieces.size()), queue.size())));
    return pieces;
}

static QByteArray unsent(const SendQueue &queue)
{
    QByteArray bytes;
    for (const SendQueue::Piece &piece : allPieces(queue))
        bytes.append(piece.data, piece.size);
    return bytes;
}

static bool hasPieceAt(const SendQueue &queue, const char *data)
{
    const auto pieces = allPieces(queue);
    return std::any_of(pieces.cbegin(), pieces.cend(),
                       [data](const SendQueue::Piece &piece) { return piece.data == data; });
}

void tst_SendQueue::emptyQueueHasNothingToSend()
{
    const SendQueue queue;
    SendQueue::Piece piece{ nullptr, 77 };
    QVERIFY(queue.isEmpty());
    QCOMPARE(queue.size(), 0);
    QCOMPARE(queue.pieces(&piece, 1, 100), 0);
    QCOMPARE(piece.size, 77);
}

void tst_SendQueue::wireBytes_data()
{
    QTest::addColumn<Entries>("entries");
    const QByteArray large = patterned(Large);
    QTest::newRow("one-empty") << Entries{ { "" } };
    QTest::newRow("one-small") << Entries{ { "hello" } };
    QTest::newRow("one-large") << Entries{ { large } };
    QTest::newRow("one-frame") << Entries{ { "hello", true } };
    QTest::newRow("one-large-frame") << Entries{ { large, true } };
    QTest::newRow("empty-frame") << Entries{ { "", true }, { "" }, { "", true } };
    QTest::newRow("small-frame-small") << Entries{ { "a" }, { "bc", true }, { "def" } };
    QTest::newRow("small-large-small") << Entries{ { "a" }, { large }, { "b" } };
    QTest::newRow("large-large") << Entries{ { large }, { large + "x" } };
    QTest::newRow("large-frame-large") << Entries{ { large }, { large, true }, { large } };
    QTest::newRow("frame-large-frame") << Entries{ { "a", true }, { large }, { "b", true } };
    Entries sizes;
    for (qsizetype size = 1; size <= Large * 4; size *= 2) {
        for (const qsizetype near : { size - 1, size, size + 1 }) {
            sizes.append({ patterned(near) });
            sizes.append({ patterned(near), true });
        }
    }
    QTest::newRow("every-power-of-two") << sizes;
    Entries many;
    for (int i = 0; i < 30'000; ++i)
        many.append({ QByteArray::number(i), i % 3 == 0 });
    QTest::newRow("many-small") << many;
}

void tst_SendQueue::wireBytes()
{
    QFETCH(Entries, entries);
    const QByteArray wire = wireOf(entries);
    SendQueue queue;
    append(&queue, entries);
    QCOMPARE(queue.size(), wire.size());
    QByteArray sent;
    while (!queue.isEmpty() && sent.size() <= wire.size()) { // as NativeSocket::send() does
        SendQueue::Piece pieces[7];
        const int count = queue.pieces(pieces, 7, 100'000);
        QVERIFY(count > 0);
        const qsizetype before = sent.size();
        for (int i = 0; i < count; ++i)
            sent.append(pieces[i].data, pieces[i].size);
        queue.sent(sent.size() - before);
    }
    QVERIFY(sent == wire);
    QCOMPARE(queue.size(), 0);
    QVERIFY(allPieces(queue).empty());
}

void tst_SendQueue::partialSendAtEveryByte_data()
{
    QTest::addColumn<Entries>("entries");
    QTest::newRow("small") << Entries{ { "one" }, { "" }, { "two", true }, { "three" } };
    QTest::newRow("large-between") << Entries{ { "a" }, { patterned(20'000) }, { "b" } };
    QTest::newRow("large-frame-between")
            << Entries{ { "a", true }, { patterned(20'000), true }, { "b", true } };
}

void tst_SendQueue::partialSendAtEveryByte()
{
    QFETCH(Entries, entries);
    const QByteArray wire = wireOf(entries);
    SendQueue oneByOne;
    append(&oneByOne, entries);
    for (qsizetype at = 0; at <= wire.size(); ++at) {
        const QByteArrayView rest = QByteArrayView(wire).sliced(at);
        SendQueue atOnce;
        append(&atOnce, entries);
        atOnce.sent(at);
        QVERIFY(unsent(atOnce) == rest);
        QVERIFY(unsent(oneByOne) == rest);
        QCOMPARE(atOnce.size(), rest.size());
        QCOMPARE(oneByOne.size(), rest.size());
        QCOMPARE(oneByOne.isEmpty(), rest.isEmpty());
        if (!rest.isEmpty())
            oneByOne.sent(1);
    }
}

void tst_SendQueue::twoPartialSendsAtEveryByte()
{
    const Entries entries{ { "one" }, { "" }, { "two", true }, { "three" }, { "", true } };
    const QByteArray wire = wireOf(entries);
    for (qsizetype first = 0; first <= wire.size(); ++first) {
        for (qsizetype second = first; second <= wire.size(); ++second) {
            SendQueue queue;
            append(&queue, entries);
            queue.sent(first);
            queue.sent(second - first);
            QCOMPARE(unsent(queue), wire.mid(second));
            QCOMPARE(queue.size(), wire.size() - second);
        }
    }
}

void tst_SendQueue::appendAfterAPartialSend()
{
    const Entries before{ { "one" }, { patterned(Large) }, { "two" } };
    const Entries after{ { "three" }, { patterned(Large), true }, { "four", true } };
    const QByteArray wire = wireOf(before) + wireOf(after);
    const qsizetype boundary = wireOf(before).size();
    for (const qsizetype cut : { qsizetype(0), qsizetype(1), qsizetype(7), qsizetype(8),
                                 qsizetype(11), qsizetype(500), boundary - 1, boundary }) {
        SendQueue queue;
        append(&queue, before);
        queue.sent(cut);
        append(&queue, after);
        QVERIFY(unsent(queue) == wire.mid(cut));
        QCOMPARE(queue.size(), wire.size() - cut);
    }
}

void tst_SendQueue::largePayloadIsShared()
{
    for (const qsizetype size : { Large / 2, Large, Large + 1, qsizetype(1) << 20 }) {
        const QByteArray payload = patterned(size);
        SendQueue queue;
        append(&queue, { { "before" }, { payload }, { "after" } });
        QVERIFY(hasPieceAt(queue, payload.constData()));
        QVERIFY(!payload.isDetached()); // the queue holds the very same bytes
    }
}

void tst_SendQueue::largeFrameIsShared()
{
    const QByteArray encoded = frame(patterned(Large));
    SendQueue one;
    SendQueue other;
    one.appendMessage("before");
    one.appendFrame(encoded);
    other.appendFrame(encoded);
    QVERIFY(hasPieceAt(one, encoded.constData()));
    QVERIFY(hasPieceAt(other, encoded.constData()));
}

void tst_SendQueue::sharedPayloadStaysAsItWas()
{
    QByteArray payload = patterned(Large);
    const QByteArray wire = frame(payload);
    SendQueue queue;
    queue.appendMessage(payload);
    payload.fill('x');
    QVERIFY(unsent(queue) == wire);
}

void tst_SendQueue::sharedPayloadIsReleasedOnceSent()
{
    const QByteArray payload = patterned(Large);
    SendQueue queue;
    append(&queue, { { payload }, { "after" } });
    queue.sent(4 + Large - 1);
    QVERIFY(!payload.isDetached());
    queue.sent(1);
    QVERIFY(payload.isDetached());
    QCOMPARE(unsent(queue), frame("after"));
}

void tst_SendQueue::smallPayloadIsCopied()
{
    const QByteArray payload = patterned(300);
    const QByteArray encoded = frame(payload);
    SendQueue queue;
    queue.appendMessage(payload);
    queue.appendFrame(encoded);
    QVERIFY(payload.isDetached());
    QVERIFY(encoded.isDetached());
    QCOMPARE(unsent(queue), encoded + encoded);
}

void tst_SendQueue::sizeCountsWhatIsUnsent()
{
    SendQueue queue;
    queue.appendMessage("");
    QCOMPARE(queue.size(), 4);
    queue.appendMessage("hello");
    QCOMPARE(queue.size(), 13);
    queue.appendFrame(frame("abc"));
    QCOMPARE(queue.size(), 20);
    queue.appendMessage(patterned(Large));
    QCOMPARE(queue.size(), 24 + Large);
    queue.sent(0);
    QCOMPARE(queue.size(), 24 + Large);
    queue.sent(21);
    QCOMPARE(queue.size(), 3 + Large);
    queue.sent(2 + Large);
    QCOMPARE(queue.size(), 1);
    QVERIFY(!queue.isEmpty());
    queue.sent(1);
    QVERIFY(queue.isEmpty());
}

void tst_SendQueue::clearForgetsAll()
{
    const QByteArray payload = patterned(Large);
    SendQueue queue;
    append(&queue, { { "one" }, { payload } });
    queue.sent(3);
    queue.clear();
    QVERIFY(queue.isEmpty());
    QVERIFY(payload.isDetached());
    QVERIFY(allPieces(queue).empty());
    queue.appendMessage("fresh");
    QCOMPARE(unsent(queue), frame("fresh"));
    QCOMPARE(queue.size(), 9);
}

void tst_SendQueue::smallFramesShareABatch()
{
    SendQueue queue;
    for (int i = 0; i < 100; ++i)
        append(&queue, { { "small" }, { "encoded", true } });
    QCOMPARE(queue.size(), 100 * (9 + 11));
    QVERIFY(allPieces(queue).size() <= 2); // blocks grow: 1 KiB, 2 KiB
}

void tst_SendQueue::batchesAreBounded()
{
    SendQueue queue;
    for (int i = 0; i < 1000; ++i)
        append(&queue, { { patterned(i) }, { patterned(i), true } });
    const auto pieces = allPieces(queue);
    QVERIFY(pieces.size() >= size_t(queue.size() / (64 * 1024)));
    for (const SendQueue::Piece &piece : pieces) {
        QVERIFY(piece.size > 0);
        QVERIFY(piece.size <= 64 * 1024);
    }
}

void tst_SendQueue::piecesCountTheBytesAsked()
{
    SendQueue queue;
    append(&queue, { { "a" }, { patterned(Large) }, { "b" } });
    const QByteArray wire = unsent(queue);
    queue.sent(2);
    for (const qsizetype most : { qsizetype(0), qsizetype(1), qsizetype(3), qsizetype(10'000),
                                  wire.size() - 3, wire.size() - 2, wire.size() + 7 }) {
        std::vector<SendQueue::Piece> pieces(10);
        pieces.resize(size_t(queue.pieces(pieces.data(), 10, most)));
        QByteArray bytes;
        for (const SendQueue::Piece &piece : pieces)
            bytes.append(piece.data, piece.size);
        QVERIFY(bytes == wire.mid(2, most));
    }
}

void tst_SendQueue::blocksAreUsedAgain()
{
    const auto blocksOf = [](SendQueue *queue) {
        for (int i = 0; i < 1000; ++i)
            queue->appendMessage(patterned(400));
        QSet<const char *> blocks;
        for (const SendQueue::Piece &piece : allPieces(*queue))
            blocks.insert(piece.data);
        queue->sent(queue->size());
        return blocks;
    };
    SendQueue first;
    SendQueue second;
    const QSet<const char *> blocks = blocksOf(&first);
    QVERIFY(blocksOf(&second).intersects(blocks)); // the thread keeps some for who sends next
}

void tst_SendQueue::piecesFillNoMoreThanAsked()
{
    SendQueue queue;
    append(&queue, { { "a" }, { patterned(Large) }, { "b" }, { patterned(Large) }, { "c" } });
    const int all = int(allPieces(queue).size());
    QVERIFY(all >= 5);
    for (int most = 0; most <= all; ++most) {
        std::vector<SendQueue::Piece> pieces(size_t(all) + 1, { nullptr, -1 });
        QCOMPARE(queue.pieces(pieces.data(), most, queue.size()), most);
        for (int i = 0; i <= all; ++i)
            QCOMPARE(pieces[size_t(i)].data == nullptr, i >= most);
    }
}

void tst_SendQueue::frontCopiesTheNextBytes()
{
    const Entries entries{ { "one" }, { "" }, { patterned(Large) }, { "two", true } };
    const QByteArray wire = wireOf(entries);
    SendQueue queue;
    QCOMPARE(queue.front(10), QByteArray());
    append(&queue, entries);
    qsizetype at = 0;
    for (const qsizetype step : { 0, 1, 6, 4, 4, 1, 60'000, 5'535, 1, 6 }) {
        queue.sent(step);
        at += step;
        for (const qsizetype most : { qsizetype(0), qsizetype(1), qsizetype(13), 2 * Large })
            QVERIFY(queue.front(most) == wire.mid(at, most));
        QCOMPARE(queue.size(), wire.size() - at); // nothing is taken by it
    }
    QCOMPARE(at, wire.size());
}

QTEST_APPLESS_MAIN(tst_SendQueue)
