// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef FINDBAR_H
#define FINDBAR_H

#include <QtCore/qtimer.h>
#include <QtWidgets/qwidget.h>

class MessageView;
class QLabel;
class QLineEdit;

// Finds in the chat: Enter and F3 go on, Esc closes it.
class FindBar : public QWidget
{
    Q_OBJECT

public:
    explicit FindBar(MessageView *view, QWidget *parent = nullptr);

public Q_SLOTS:
    void open();
    void findNext();

Q_SIGNALS:
    void closed();

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    void find();
    void close();

    MessageView *const m_view;
    QTimer m_pause; // in the typing: every search reads all the messages
    QLineEdit *m_text;
    QLabel *m_count;
};

#endif // FINDBAR_H
