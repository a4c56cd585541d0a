// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef SIGNALLOG_H
#define SIGNALLOG_H

#include "signallogmodel.h"

#include <QtWidgets/qwidget.h>

class PlaceholderList;
class QLabel;
class QLineEdit;
class QPushButton;

// The signals of the library as they fire, with a filter and a pause.
class SignalLog : public QWidget
{
    Q_OBJECT

public:
    explicit SignalLog(QWidget *parent = nullptr);

    SignalLogModel *model();
    void append(const QString &object, const QString &signature);
    QString visibleText() const; // the rows that match the filter, a line each

public Q_SLOTS:
    void clear();
    void copy(); // the selected rows, or all that are visible

Q_SIGNALS:
    void exportRequested(); // the window asks for a file and writes visibleText()

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    QLayout *createHeader();
    QPushButton *createMore();
    void noteEnd();
    void followEnd();
    void showCounts();

    SignalLogModel m_model;
    PlaceholderList *m_list;
    QLineEdit *m_filter;
    QPushButton *m_pause;
    QLabel *m_counts;
    bool m_isAtEnd = true;
};

#endif // SIGNALLOG_H
