// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef STATECHIP_H
#define STATECHIP_H

#include <QtWidgets/qwidget.h>

// A state as shape, text and colour; never as colour alone.
class StateChip : public QWidget
{
    Q_OBJECT

public:
    enum class State { Idle, Busy, Good, Bad };
    Q_ENUM(State)

    explicit StateChip(QWidget *parent = nullptr);

    State state() const;
    QString text() const;
    void setState(State state, const QString &text);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void changeEvent(QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;

private:
    State m_state = State::Idle;
    QString m_text;
};

#endif // STATECHIP_H
