// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef PLACEHOLDERLIST_H
#define PLACEHOLDERLIST_H

#include <QtWidgets/qlistview.h>

// A list that says what it is for, while it has no rows.
class PlaceholderList : public QListView
{
    Q_OBJECT

public:
    explicit PlaceholderList(QWidget *parent = nullptr);

    QString placeholderText() const;
    void setPlaceholderText(const QString &text);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QString m_placeholderText;
};

#endif // PLACEHOLDERLIST_H
