// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef HOODDOCK_H
#define HOODDOCK_H

#include <QtWidgets/qdockwidget.h>

class FrameView;
class QSplitter;
class SignalLog;

// Under the hood: the library's signals as they fire, and the bytes of the selected message.
class HoodDock : public QDockWidget
{
    Q_OBJECT

public:
    explicit HoodDock(QWidget *parent = nullptr);

    SignalLog *log() const;
    FrameView *frame() const;
    QSplitter *splitter() const;

    void watch(QObject *object, const QString &name); // tells its signals from now on
    void showFrame(const QByteArray &frame, qint64 payloadSize);

private:
    SignalLog *m_log;
    FrameView *m_frame;
    QSplitter *m_splitter;
};

#endif // HOODDOCK_H
