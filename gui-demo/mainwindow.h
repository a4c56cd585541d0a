// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef MAINWINDOW_H
#define MAINWINDOW_H

#include "demooptions.h"
#include "flood.h"
#include "localcertificate.h"
#include "theme.h"

#include <QtNetwork/qhostaddress.h>
#include <QtWidgets/qmainwindow.h>

#include <functional>

class ClientPanel;
class HoodDock;
class QAction;
class QActionGroup;
class QMenu;
class QSettings;
class QSplitter;
class ServerPanel;

// Both ends of the wire in one window, and what goes on between them.
class MainWindow : public QMainWindow
{
    Q_OBJECT

public:
    explicit MainWindow(const DemoOptions &options, QWidget *parent = nullptr);
    ~MainWindow() override;

    ServerPanel *serverPanel() const;
    ClientPanel *clientPanel() const;
    HoodDock *hood() const;
    Flood *flood();
    Theme::Mode theme() const;
    void setTheme(Theme::Mode mode);

    void start(); // listens and connects, unless told not to
    void restore(const QSettings &settings);
    void save(QSettings *settings) const;
    QString cppProgram() const; // what the client does, as a program

public Q_SLOTS:
    void copyAsCpp();
    void exportTo(const QString &fileName);
    void saveAuthorityAs(const QString &fileName);
    void showShortcuts();

protected:
    void closeEvent(QCloseEvent *event) override;

Q_SIGNALS:
    void closing();

private:
    using Slot = std::function<void()>;

    void createPanels();
    void connectPanels();
    void linkEncryption();
    bool isOwnServer() const; // that the client's form names
    bool isLocalTarget() const;
    void followServer(const QHostAddress &address, quint16 port);
    void watchClient();
    void applyDefaultGeometry();
    void keepOnScreen();

    // mainwindow_actions.cpp
    void createActions();
    void createFileMenu();
    void createEditMenu();
    void createViewMenu();
    void createThemeMenu(QMenu *menu);
    void createConnectionMenu();
    void createServerMenu();
    void createCertificateMenu(QMenu *menu);
    void createHelpMenu();
    QAction *addAction(QMenu *menu, const char *name, const QString &text,
                       const QKeySequence &shortcut, const Slot &slot);
    void chooseFiles();
    void chooseExport();
    void chooseLogExport();
    void chooseAuthority();
    void write(const QByteArray &bytes, const QString &fileName);
    void showAbout();

    const DemoOptions m_options;
    LocalCertificate m_certificate;
    Endpoint m_own; // where the server listened last
    QSplitter *m_splitter = nullptr;
    ServerPanel *m_server = nullptr;
    ClientPanel *m_client = nullptr;
    HoodDock *m_hood = nullptr;
    Flood *m_flood = nullptr;
    QAction *m_serverPane = nullptr; // shows it
    QActionGroup *m_themes = nullptr;
    Theme::Mode m_theme = Theme::Mode::System;
};

#endif // MAINWINDOW_H
