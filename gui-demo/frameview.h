// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef FRAMEVIEW_H
#define FRAMEVIEW_H

#include "theme.h"

#include <QtCore/qbytearray.h>
#include <QtWidgets/qtextedit.h>

class QLabel;
class QPlainTextEdit;
class QPushButton;

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
    void resizeEvent(QResizeEvent *event) override;

private:
    void refresh();
    void render();
    qsizetype fittingBytes() const;
    void tint();
    void tintBytes(QList<QTextEdit::ExtraSelection> *selections, const QTextBlock &block,
                   qsizetype from, qsizetype count, const Theme::Pair &pair) const;
    static void setColours(QWidget *legend, const Theme::Pair &pair);
    void describe();

    QByteArray m_frame;
    qint64 m_payloadSize = 0;
    qsizetype m_bytesPerLine = 16; // fewer where there is no room
    QLabel *m_length;
    QLabel *m_payload;
    QLabel *m_more;
    QPlainTextEdit *m_bytes;
    QPushButton *m_copy;
};

#endif // FRAMEVIEW_H
