// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef COMPOSER_H
#define COMPOSER_H

#include <QtCore/qstringlist.h>
#include <QtWidgets/qplaintextedit.h>

// Where a message is typed: Enter submits, Shift+Enter breaks the line, Ctrl+Up and Ctrl+Down go
// through what was submitted before. Grows with its text.
class Composer : public QPlainTextEdit
{
    Q_OBJECT

public:
    explicit Composer(QWidget *parent = nullptr);

    static constexpr int MaximumHistory = 100;
    QStringList history() const; // oldest first

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

public Q_SLOTS:
    void submit(); // for a Send button; blank text is ignored

Q_SIGNALS:
    void submitted(const QString &text);
    void submittableChanged(bool submittable);   // whether there is something to submit
    void filesDropped(const QStringList &paths); // or pasted

protected:
    void keyPressEvent(QKeyEvent *event) override;
    void changeEvent(QEvent *event) override;
    bool canInsertFromMimeData(const QMimeData *source) const override;
    void insertFromMimeData(const QMimeData *source) override;

private:
    void onTextChanged();
    void recall(int step);
    int heightOfLines(int lines) const;

    QStringList m_history;
    QString m_draft;
    qsizetype m_position = 0; // in m_history; its size is the draft
    bool m_isSubmittable = false;
};

#endif // COMPOSER_H
