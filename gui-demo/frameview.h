// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef FRAMEVIEW_H
#define FRAMEVIEW_H

#include "theme.h"

#include <QtCore/qbytearray.h>
#include <QtWidgets/qwidget.h>

class QLabel;
class QPlainTextEdit;
class QToolButton;

// One frame as it is on the wire, in hexadecimal: the four bytes of the length, and the payload.
class FrameView : public QWidget
{
    Q_OBJECT

public:
    explicit FrameView(QWidget *parent = nullptr);

    static constexpr qsizetype MaximumShown = 4096;

    void showFrame(const QByteArray &frame, qint64 payloadSize); // frame may be its beginning only
    void clear();
    QString hex() const; // of all bytes given, "00 00 00 02 68 69"

public Q_SLOTS:
    void copyAsHex();

protected:
    void changeEvent(QEvent *event) override;

private:
    void render();
    void tint();
    static void setColours(QWidget *legend, const Theme::Pair &pair);
    void describe();

    QByteArray m_frame;
    qint64 m_payloadSize = 0;
    QLabel *m_length;
    QLabel *m_payload;
    QLabel *m_more;
    QPlainTextEdit *m_bytes;
    QToolButton *m_copy;
};

#endif // FRAMEVIEW_H
