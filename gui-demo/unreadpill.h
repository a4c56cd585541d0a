// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef UNREADPILL_H
#define UNREADPILL_H

#include <QtWidgets/qabstractbutton.h>

// "3 new", with an arrow down; floats over the end of the chat.
class UnreadPill : public QAbstractButton
{
    Q_OBJECT

public:
    explicit UnreadPill(QWidget *parent = nullptr);

    void setCount(int count); // hides at 0

    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;
};

#endif // UNREADPILL_H
