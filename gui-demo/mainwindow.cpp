// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "mainwindow.h"

#include "clientpanel.h"
#include "composer.h"
#include "cppsnippet.h"
#include "hooddock.h"
#include "listenform.h"
#include "messageview.h"
#include "serverpanel.h"
#include "transcript.h"

#include <QtCore/qsettings.h>
#include <QtGui/qaction.h>
#include <QtGui/qclipboard.h>
#include <QtGui/qevent.h>
#include <QtGui/qguiapplication.h>
#include <QtGui/qscreen.h>
#include <QtWidgets/qsplitter.h>
#include <QtWidgets/qstatusbar.h>

namespace {

constexpr QSize DefaultSize(980, 640);
constexpr int HoodHeight = 150;

} // namespace

MainWindow::MainWindow(const DemoOptions &options, QWidget *parent)
    : QMainWindow(parent)
    , m_options(options)
{
    setObjectName(QStringLiteral("mainWindow"));
    setWindowTitle(tr("GruvSocks demo"));
    createPanels();
    m_flood = new Flood(m_client, this);
    createActions();
    connectPanels();
    linkEncryption();
    m_serverPane->setChecked(options.panes != DemoOptions::Panes::Client);
    m_client->setVisible(options.panes != DemoOptions::Panes::Server);
    setTheme(options.theme);
    applyDefaultGeometry();
    m_client->composer()->setFocus();
}

// The panels end their sockets first, while all that these touch is still there.
MainWindow::~MainWindow()
{
    delete m_client;
    delete m_server;
}

ServerPanel *MainWindow::serverPanel() const
{
    return m_server;
}

ClientPanel *MainWindow::clientPanel() const
{
    return m_client;
}

HoodDock *MainWindow::hood() const
{
    return m_hood;
}

Flood *MainWindow::flood()
{
    return m_flood;
}

void MainWindow::createPanels()
{
    m_splitter = new QSplitter(Qt::Horizontal, this);
    m_splitter->setObjectName(QStringLiteral("panes"));
    m_splitter->setChildrenCollapsible(false);
    m_server = new ServerPanel(&m_certificate, m_splitter);
    m_client = new ClientPanel(&m_certificate, m_splitter);
    m_splitter->setStretchFactor(0, 2);
    m_splitter->setStretchFactor(1, 3);
    setCentralWidget(m_splitter);
    m_hood = new HoodDock(this);
    addDockWidget(Qt::BottomDockWidgetArea, m_hood);
}

void MainWindow::connectPanels()
{
    m_hood->watch(m_server->server(), QStringLiteral("server"));
    connect(m_client, &ClientPanel::clientReplaced, this, &MainWindow::watchClient);
    watchClient();
    connect(m_client, &ClientPanel::frameSelected, m_hood, &HoodDock::showFrame);
    connect(m_client, &ClientPanel::answered, m_server,
            [this](quint64, std::chrono::microseconds roundTrip) {
                m_server->addRoundTrip(roundTrip);
            });
    connect(m_client, &ClientPanel::manyRequested, m_flood,
            [this] { m_flood->start(1000, tr("message")); });
    connect(m_client, &ClientPanel::fileRequested, this, &MainWindow::chooseFiles);
}

void MainWindow::watchClient()
{
    m_hood->watch(m_client->client(), QStringLiteral("client"));
}

// Of the local pair both ends take TLS, or neither.
void MainWindow::linkEncryption()
{
    connect(m_client, &ClientPanel::encryptedToggled, this, [this](bool encrypted) {
        if (isOwnServer())
            m_server->setEncrypted(encrypted);
    });
    connect(m_server, &ServerPanel::encryptedToggled, this, [this](bool encrypted) {
        if (isOwnServer())
            m_client->form()->setEncrypted(encrypted);
    });
}

bool MainWindow::isOwnServer() const
{
    const GruvServer *const server = m_server->server();
    return isLocalTarget() && server->isListening()
           && m_client->form()->endpoint().port == server->serverPort();
}

bool MainWindow::isLocalTarget() const
{
    const QString host = m_client->form()->endpoint().host;
    return host == QLatin1String("localhost") || QHostAddress(host).isLoopback();
}

// The client's form goes with the server, unless it has been pointed elsewhere.
void MainWindow::followServer(const QHostAddress &address, quint16 port)
{
    const bool isAny = address == QHostAddress(QHostAddress::AnyIPv4);
    const Endpoint now{ isAny ? QStringLiteral("127.0.0.1") : address.toString(), port };
    const QString before = m_own.toString();
    const bool isMeant = m_options.panes != DemoOptions::Panes::Client && isLocalTarget();
    const bool follows =
            m_own.port == 0 ? isMeant : m_client->form()->endpoint().toString() == before;
    m_own = now;
    if (follows)
        m_client->follow(now);
}

void MainWindow::start()
{
    connect(m_server, &ServerPanel::listeningAt, this, &MainWindow::followServer);
    m_server->form()->setPort(m_options.serverPort);
    if (m_options.panes == DemoOptions::Panes::Client)
        m_client->form()->setEndpoint(m_options.target);
    if (!m_options.autostart)
        return;
    if (m_options.panes != DemoOptions::Panes::Client)
        m_server->listen();
    if (m_options.panes != DemoOptions::Panes::Server)
        m_client->connectNow();
}

Theme::Mode MainWindow::theme() const
{
    return m_theme;
}

QString MainWindow::cppProgram() const
{
    const Endpoint to = m_client->form()->endpoint();
    return CppSnippet{ to.host, to.port, m_client->form()->isEncrypted(), m_client->reconnects() }
            .toString();
}

void MainWindow::copyAsCpp()
{
    QGuiApplication::clipboard()->setText(cppProgram());
    statusBar()->showMessage(tr("A program that does the same is on the clipboard"), 5000);
}

void MainWindow::exportTo(const QString &fileName)
{
    const QString error = Transcript::save(*m_client->messages(), fileName);
    statusBar()->showMessage(error.isEmpty() ? tr("Saved as %1").arg(fileName)
                                             : tr("Not saved: %1").arg(error));
}

void MainWindow::applyDefaultGeometry()
{
    m_splitter->setSizes({ 400, 580 });
    m_hood->splitter()->setSizes({ 400, 570 }); // so that 16 bytes fit a line
    resizeDocks({ m_hood }, { HoodHeight }, Qt::Vertical);
    resize(DefaultSize);
}

void MainWindow::restore(const QSettings &settings)
{
    if (!restoreGeometry(settings.value(QStringLiteral("window/geometry")).toByteArray()))
        applyDefaultGeometry();
    keepOnScreen();
    restoreState(settings.value(QStringLiteral("window/state")).toByteArray());
    m_splitter->restoreState(settings.value(QStringLiteral("window/panes")).toByteArray());
    m_hood->splitter()->restoreState(settings.value(QStringLiteral("window/hood")).toByteArray());
    m_client->form()->setHistory(settings.value(QStringLiteral("client/hosts")).toStringList());
    m_client->setReconnects(settings.value(QStringLiteral("client/reconnects"), true).toBool());
    const int port = settings.value(QStringLiteral("client/port")).toInt();
    if (port > 0 && port <= 65535)
        m_client->form()->setEndpoint({ m_client->form()->endpoint().host, quint16(port) });
    const int theme = settings.value(QStringLiteral("window/theme")).toInt();
    if (!m_options.hasTheme && theme >= 0 && theme <= int(Theme::Mode::Dark))
        setTheme(Theme::Mode(theme));
}

// Of what was said nothing is remembered.
void MainWindow::save(QSettings *settings) const
{
    settings->setValue(QStringLiteral("window/geometry"), saveGeometry());
    settings->setValue(QStringLiteral("window/state"), saveState());
    settings->setValue(QStringLiteral("window/panes"), m_splitter->saveState());
    settings->setValue(QStringLiteral("window/hood"), m_hood->splitter()->saveState());
    settings->setValue(QStringLiteral("window/theme"), int(m_theme));
    settings->setValue(QStringLiteral("client/hosts"), m_client->form()->history());
    settings->setValue(QStringLiteral("client/port"), m_client->form()->endpoint().port);
    settings->setValue(QStringLiteral("client/reconnects"), m_client->reconnects());
}

// A screen may be gone since.
void MainWindow::keepOnScreen()
{
    const QScreen *const screen = QGuiApplication::primaryScreen();
    const QRect available = screen ? screen->availableGeometry() : QRect();
    for (const QScreen *other : QGuiApplication::screens()) {
        const QRect seen = other->availableGeometry().intersected(geometry());
        if (seen.width() >= 100 && seen.height() >= 100)
            return;
    }
    applyDefaultGeometry();
    move(available.topLeft());
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    Q_EMIT closing();
    QMainWindow::closeEvent(event);
}
