// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "program.h"

#include "clientpanel.h"
#include "hooddock.h"
#include "mainwindow.h"
#include "signallog.h"

#include <QtCore/qsettings.h>
#include <QtCore/qtimer.h>
#include <QtGui/qguiapplication.h>

#include <cstdio>

using namespace std::chrono_literals;

static void print(std::FILE *stream, const QString &text)
{
    std::fprintf(stream, "%s\n", qUtf8Printable(text));
    std::fflush(stream);
}

Program::Program(const DemoOptions &options)
    : m_options(options)
    , m_window(std::make_unique<MainWindow>(options))
{
    if (!options.settingsFile.isEmpty())
        m_settings = std::make_unique<QSettings>(options.settingsFile, QSettings::IniFormat);
    else if (!options.isScripted())
        m_settings = std::make_unique<QSettings>();
    if (m_settings) {
        m_window->restore(*m_settings);
        connect(m_window.get(), &MainWindow::closing, this, &Program::remember);
    }
    if (options.size.isValid())
        m_window->resize(options.size);
}

Program::~Program() = default;

MainWindow *Program::window() const
{
    return m_window.get();
}

void Program::remember()
{
    m_window->save(m_settings.get());
    m_settings->sync();
}

void Program::start()
{
    m_window->show();
    m_window->start();
    if (m_options.flood > 0)
        runFlood();
    else if (m_options.isScripted())
        playScene();
    if (m_options.exitAfter >= 0)
        QTimer::singleShot(m_options.exitAfter, m_window.get(), [this] { m_window->close(); });
}

void Program::playScene()
{
    m_scenes = std::make_unique<Scenes>(m_window.get());
    connect(m_scenes.get(), &Scenes::finished, this, &Program::takePicture);
    m_scenes->play(m_options.scene.isEmpty() ? QStringLiteral("hello") : m_options.scene);
}

void Program::takePicture(bool asPlanned)
{
    if (!asPlanned)
        print(stderr, tr("The scene did not come to its end: %1").arg(m_scenes->failedStep()));
    if (m_options.screenshot.isEmpty()) {
        if (!asPlanned)
            QCoreApplication::exit(1);
        return; // it stays to be looked at
    }
    m_window->hood()->log()->model()->flush();
    QTimer::singleShot(100ms, m_window.get(), [this, asPlanned] { savePicture(asPlanned); });
}

void Program::savePicture(bool asPlanned)
{
    const bool isSaved = m_window->grab().save(m_options.screenshot);
    if (!isSaved)
        print(stderr, tr("%1 could not be written").arg(m_options.screenshot));
    QCoreApplication::exit(asPlanned && isSaved ? 0 : 1);
}

void Program::runFlood()
{
    Flood *const flood = m_window->flood();
    connect(flood, &Flood::finished, this, &Program::finishFlood);
    connect(m_window->clientPanel(), &ClientPanel::stateChanged, flood,
            [this, flood](GruvClient::State state) {
                if (state == GruvClient::State::Online)
                    flood->start(m_options.flood, QStringLiteral("flood"));
            });
    QTimer::singleShot(10s, flood, [flood] {
        if (!flood->isRunning())
            QCoreApplication::exit(1); // never connected
    });
}

void Program::finishFlood(const Flood::Result &result)
{
    const bool isGood = result.isComplete() && result.worstGap <= Flood::LongestGap;
    print(stdout, result.toString());
    QCoreApplication::exit(isGood ? 0 : 1);
}
