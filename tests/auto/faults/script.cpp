// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "script.h"

#include <algorithm>
#include <cstring>

namespace {

constexpr int LargestMessage = 200 * 1024;
constexpr int MostMessages = 30;

Faults::Rates ratesOf(Random *random)
{
    using namespace Faults;
    Rates rates{};
    for (const Kind kind : { ShortTransfer, TransferInterrupted, NothingYet, NoMemory })
        rates[kind] = random->oneOf({ 0, 0, 20, 100, 220 });
    const int ending = random->oneOf({ 0, 0, 1, 5, 20 });
    for (const Kind kind : { Reset, PeerReset, Broken, TimedOut })
        rates[kind] = ending;
    rates[AcceptExhausted] = random->chance(10) ? 200 : 0;
    rates[AcceptAborted] = random->oneOf({ 0, 0, 0, 100 });
    rates[AcceptFailed] = random->oneOf({ 0, 0, 300 });
    rates[ConnectRefused] = rates[ConnectTimedOut] = random->oneOf({ 0, 0, 0, 350 });
    rates[ConnectInterrupted] = random->oneOf({ 0, 200 });
    rates[WaitInterrupted] = random->oneOf({ 0, 50, 300 });
    return rates;
}

GruvSocketOptions options(Random *random)
{
    using std::chrono::milliseconds;
    GruvSocketOptions options;
    options.connectTimeout = options.messageTimeout = milliseconds(4000);
    options.closeTimeout = milliseconds(3000);
    options.maximumMessageSize = LargestMessage;
    options.writeHighWatermark = random->oneOf({ 1024, 64 * 1024, 1024 * 1024 });
    options.writeLowWatermark = options.writeHighWatermark / 2;
    options.lowDelay = random->chance(500);
    return options;
}

Script serverScript(Random *random)
{
    Script script;
    script.id = 0xffff;
    script.echoes = random->chance(600);
    script.messages = script.echoes ? 0 : random->below(MostMessages);
    if (random->chance(200))
        script.closeAtCount = random->between(1, MostMessages);
    script.closesByAbort = random->chance(300);
    script.abortAtStep = random->chance(50) ? random->between(1, MostMessages) : 0;
    script.pauseAtCount = random->chance(200) ? random->between(1, MostMessages) : 0;
    return script;
}

Script clientScript(Random *random, quint64 id, const Script &server)
{
    Script script;
    script.id = id;
    script.messages = random->below(random->oneOf({ 5, MostMessages }));
    const bool stays = random->chance(600);
    script.closesWhenSent = !stays;
    if (stays && !server.echoes && server.messages > 0)
        script.closeAtCount = server.messages;
    else if (stays)
        script.closesWhenAnswered = server.echoes;
    if (script.closeAtCount == 0 && !script.closesWhenAnswered)
        script.closesWhenSent = true;
    script.closesByAbort = random->chance(100);
    script.abortAtStep = random->chance(70) ? random->between(1, MostMessages) : 0;
    script.pauseAtCount = random->chance(200) ? random->between(1, MostMessages) : 0;
    script.sendsEarly = random->chance(500);
    script.sendsInThread = random->chance(150);
    return script;
}

// Bytes that repeat only after all of them.
const QByteArray &noise()
{
    static const QByteArray bytes = [] {
        Random random(1);
        QByteArray result(2 * LargestMessage, Qt::Uninitialized);
        for (char &byte : result)
            byte = char(random.next());
        return result;
    }();
    return bytes;
}

int sizeOf(Random *random)
{
    const int roll = random->below(100);
    if (roll < 8)
        return 0;
    if (roll < 70)
        return random->below(200);
    if (roll < 92)
        return random->below(5000);
    return random->below(roll < 98 ? 70'000 : LargestMessage + 1);
}

} // namespace

Plan::Plan(quint64 number)
    : seed(number)
{
    Random random = Random::of({ number });
    const int roll = random.below(10);
    threads = roll < 7 ? 0 : roll < 9 ? 1 : 2;
    clientOptions = options(&random);
    if (random.chance(100))
        clientOptions.writeBufferLimit = 256 * 1024;
    serverOptions = options(&random);
    server = serverScript(&random);
    const int count = random.between(1, 3);
    for (int i = 0; i < count; ++i)
        clients.push_back(clientScript(&random, quint64(i + 1), server));
    rates = ratesOf(&random);
}

QByteArray messageOf(const Script &script, int number)
{
    Random random = Random::of({ script.id, quint64(number) });
    const int size = sizeOf(&random);
    QByteArray message = QByteArray(noise().constData() + random.below(LargestMessage), size);
    const quint64 label[2] = { script.id, quint64(number) };
    std::memcpy(message.data(), label, std::min<size_t>(sizeof label, size_t(size)));
    return message;
}
