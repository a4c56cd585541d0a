// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef FLOOD_H
#define FLOOD_H

#include "message.h"

#include <QtCore/qelapsedtimer.h>
#include <QtCore/qobject.h>
#include <QtCore/qtimer.h>

#include <chrono>
#include <deque>

class ClientPanel;

// Sends many numbered messages, a few each turn so that the window stays alive, and measures how
// long it did not.
class Flood : public QObject
{
    Q_OBJECT

public:
    struct Result
    {
        int count = 0;
        int answered = 0;
        bool inOrder = true;
        std::chrono::milliseconds duration{ 0 };
        std::chrono::milliseconds worstGap{ 0 };

        bool isComplete() const { return answered == count && inOrder; }
        QString toString() const;
    };
    static constexpr std::chrono::milliseconds LongestGap{ 100 };

    explicit Flood(ClientPanel *panel, QObject *parent = nullptr);

    bool isRunning() const;
    void start(int count, const QString &text);
    void setPatience(std::chrono::milliseconds patience); // without an answer; then it ends

Q_SIGNALS:
    void finished(const Flood::Result &result);

private:
    void sendSome();
    void answer(quint64 uid);
    void giveUp(quint64 uid, Message::Delivery delivery);
    void goOn();
    void finishIfDone();
    void beat();
    void finish();

    ClientPanel *const m_panel;
    QString m_text;
    Result m_result;
    int m_sent = 0;
    std::deque<quint64> m_expected; // uids, in order
    QTimer m_sending;
    QTimer m_heart;
    QTimer m_patience;
    QElapsedTimer m_sinceStart;
    QElapsedTimer m_sinceBeat;
};

#endif // FLOOD_H
