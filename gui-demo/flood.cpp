// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "flood.h"

#include "clientpanel.h"

#include <algorithm>

using namespace std::chrono_literals;

namespace {

constexpr int Burst = 50; // messages a turn
constexpr int MostUnderWay = 500;

} // namespace

QString Flood::Result::toString() const
{
    const double seconds = std::max(double(duration.count()), 1.0) / 1000;
    return Flood::tr("%1 of %2 round trips in %3 s: %4 a second, worst UI gap %5 ms, %6")
            .arg(answered)
            .arg(count)
            .arg(seconds, 0, 'f', 2)
            .arg(qint64(answered / seconds))
            .arg(worstGap.count())
            .arg(inOrder ? Flood::tr("in order") : Flood::tr("NOT in order"));
}

Flood::Flood(ClientPanel *panel, QObject *parent)
    : QObject(parent)
    , m_panel(panel)
{
    m_heart.setTimerType(Qt::PreciseTimer);
    m_heart.setInterval(16ms);
    m_patience.setSingleShot(true);
    m_patience.setInterval(10s);
    connect(&m_sending, &QTimer::timeout, this, &Flood::sendSome);
    connect(&m_heart, &QTimer::timeout, this, &Flood::beat);
    connect(&m_patience, &QTimer::timeout, this, &Flood::finish);
    connect(panel, &ClientPanel::answered, this, &Flood::answer);
    connect(panel->deliveries(), &Deliveries::changed, this, &Flood::giveUp);
}

bool Flood::isRunning() const
{
    return m_patience.isActive();
}

void Flood::setPatience(std::chrono::milliseconds patience)
{
    m_patience.setInterval(patience);
}

void Flood::start(int count, const QString &text)
{
    if (isRunning())
        return;
    m_text = text;
    m_result = { count, 0, true, 0ms, 0ms };
    m_sent = 0;
    m_expected.clear();
    m_sending.start(0ms);
    m_heart.start();
    m_patience.start();
    m_sinceStart.start();
    m_sinceBeat.start();
    m_panel->beginMany();
}

void Flood::sendSome()
{
    const int room = MostUnderWay - int(m_expected.size());
    const int some = std::min({ Burst, room, m_result.count - m_sent });
    for (int i = 0; i < some; ++i) {
        const QString text = QStringLiteral("%1 #%2").arg(m_text).arg(++m_sent);
        const quint64 uid = m_panel->send(text.toUtf8());
        const Message *const message = m_panel->messages()->find(uid);
        if (message && message->delivery != Message::Delivery::NotSent)
            m_expected.push_back(uid);
    }
    if (some <= 0)
        m_sending.stop(); // until an answer makes room
    finishIfDone();
}

// Of its own messages only: the user may type meanwhile.
void Flood::answer(quint64 uid)
{
    const auto found = std::lower_bound(m_expected.begin(), m_expected.end(), uid);
    if (!isRunning() || found == m_expected.end() || *found != uid)
        return;
    m_result.inOrder = m_result.inOrder && found == m_expected.begin();
    m_expected.erase(m_expected.begin(), found + 1);
    ++m_result.answered;
    m_patience.start();
    goOn();
}

// Of one that was dropped, or whose connection has ended, no answer comes.
void Flood::giveUp(quint64 uid, Message::Delivery delivery)
{
    const bool isLost =
            delivery == Message::Delivery::NotSent || delivery == Message::Delivery::Unanswered;
    const auto found = std::lower_bound(m_expected.begin(), m_expected.end(), uid);
    if (!isRunning() || !isLost || found == m_expected.end() || *found != uid)
        return;
    m_expected.erase(found);
    goOn();
}

void Flood::goOn()
{
    if (m_sent < m_result.count && !m_sending.isActive())
        m_sending.start(0ms);
    finishIfDone();
}

void Flood::finishIfDone()
{
    if (isRunning() && m_sent == m_result.count && m_expected.empty())
        finish();
}

void Flood::beat()
{
    const auto gap = std::chrono::milliseconds(m_sinceBeat.restart());
    m_result.worstGap = std::max(m_result.worstGap, gap);
}

void Flood::finish()
{
    beat();
    m_sending.stop();
    m_heart.stop();
    m_patience.stop();
    m_result.duration = std::chrono::milliseconds(m_sinceStart.elapsed());
    m_panel->endMany(m_result.answered, m_result.count);
    Q_EMIT finished(m_result);
}
