// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef PROGRAM_H
#define PROGRAM_H

#include "demooptions.h"
#include "flood.h"
#include "scenes.h"

#include <memory>

class MainWindow;
class QSettings;

// The window and what the command line wants of it.
class Program : public QObject
{
    Q_OBJECT

public:
    explicit Program(const DemoOptions &options);
    ~Program() override;

    MainWindow *window() const;
    void start();

private:
    void remember();
    void playScene();
    void takePicture(bool asPlanned);
    void savePicture(bool asPlanned);
    void runFlood();
    void finishFlood(const Flood::Result &result);

    const DemoOptions m_options;
    std::unique_ptr<QSettings> m_settings; // null: nothing is remembered
    std::unique_ptr<MainWindow> m_window;
    std::unique_ptr<Scenes> m_scenes;
};

#endif // PROGRAM_H
