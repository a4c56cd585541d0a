// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef FAULTLAB_H
#define FAULTLAB_H

#include <QtWidgets/qgroupbox.h>

#include <chrono>

class QLabel;
class QSlider;

// What a network does to a conversation, to be tried out.
class FaultLab : public QGroupBox
{
    Q_OBJECT

public:
    static constexpr std::chrono::milliseconds MaximumDelay{ 1000 };

    explicit FaultLab(QWidget *parent = nullptr);

    void setDelay(std::chrono::milliseconds delay);

Q_SIGNALS:
    void delayChanged(std::chrono::milliseconds delay);
    void droppingToggled(bool dropping);
    void readingPausedToggled(bool paused);

private:
    void showDelay(int delay);

    QSlider *m_delay;
    QLabel *m_delayText;
};

#endif // FAULTLAB_H
