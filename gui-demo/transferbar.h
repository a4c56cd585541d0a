// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef TRANSFERBAR_H
#define TRANSFERBAR_H

#include <QtWidgets/qwidget.h>

class QLabel;
class QProgressBar;

// How much of a file has left, with a button to stop it. Hidden while there is none.
class TransferBar : public QWidget
{
    Q_OBJECT

public:
    explicit TransferBar(QWidget *parent = nullptr);

    void begin(const QString &name, qint64 bytes);
    void setProgress(qint64 bytes, qint64 total);
    void end();

Q_SIGNALS:
    void cancelled();

private:
    QLabel *m_name;
    QProgressBar *m_progress;
};

#endif // TRANSFERBAR_H
