// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#include "mainwindow.h"

#include "clientpanel.h"
#include "composer.h"
#include "findbar.h"
#include "hooddock.h"
#include "listenform.h"
#include "messageview.h"
#include "serverpanel.h"
#include "signallog.h"

#include <QtCore/qfile.h>
#include <QtGui/qaction.h>
#include <QtGui/qactiongroup.h>
#include <QtWidgets/qfiledialog.h>
#include <QtWidgets/qmenubar.h>
#include <QtWidgets/qmessagebox.h>
#include <QtWidgets/qstatusbar.h>

#include <tuple>
#include <utility>

QAction *MainWindow::addAction(QMenu *menu, const char *name, const QString &text,
                               const QKeySequence &shortcut, const Slot &slot)
{
    QAction *const action = menu->addAction(text);
    action->setObjectName(QLatin1String(name));
    action->setShortcut(shortcut);
    connect(action, &QAction::triggered, this, slot);
    return action;
}

void MainWindow::createActions()
{
    createFileMenu();
    createEditMenu();
    createViewMenu();
    createConnectionMenu();
    createServerMenu();
    createHelpMenu();
}

void MainWindow::createFileMenu()
{
    QMenu *const menu = menuBar()->addMenu(tr("&File"));
    addAction(menu, "sendFileAction", tr("&Send file..."), Qt::CTRL | Qt::Key_O,
              [this] { chooseFiles(); });
    addAction(menu, "exportAction", tr("&Export messages..."), Qt::CTRL | Qt::Key_S,
              [this] { chooseExport(); });
    addAction(menu, "exportLogAction", tr("Export s&ignals..."), {}, [this] { chooseLogExport(); });
    menu->addSeparator();
    addAction(menu, "quitAction", tr("&Quit"), Qt::CTRL | Qt::Key_Q, [this] { close(); });
    connect(m_hood->log(), &SignalLog::exportRequested, this, &MainWindow::chooseLogExport);
}

void MainWindow::createEditMenu()
{
    QMenu *const menu = menuBar()->addMenu(tr("&Edit"));
    addAction(menu, "copyAsCppAction", tr("Copy as C++"), Qt::CTRL | Qt::SHIFT | Qt::Key_C,
              [this] { copyAsCpp(); });
    addAction(menu, "findAction", tr("&Find..."), Qt::CTRL | Qt::Key_F,
              [this] { m_client->findBar()->open(); });
    addAction(menu, "findNextAction", tr("Find &next"), Qt::Key_F3,
              [this] { m_client->findBar()->findNext(); });
    menu->addSeparator();
    addAction(menu, "retryUnsentAction", tr("&Retry what was not sent"), Qt::CTRL | Qt::Key_R,
              [this] { m_client->retryUnsent(); });
    addAction(menu, "clearAction", tr("&Clear messages"), {},
              [this] { m_client->messages()->clear(); });
}

void MainWindow::createViewMenu()
{
    QMenu *const menu = menuBar()->addMenu(tr("&View"));
    const auto addPane = [this, menu](const char *name, const QString &text, QWidget *pane) {
        QAction *const action = menu->addAction(text);
        action->setObjectName(QLatin1String(name));
        action->setCheckable(true);
        connect(action, &QAction::toggled, pane, &QWidget::setVisible);
        connect(menu, &QMenu::aboutToShow, action,
                [action, pane] { action->setChecked(pane->isVisibleTo(pane->window())); });
        action->setChecked(true);
        return action;
    };
    m_serverPane = addPane("serverPaneAction", tr("&Server"), m_server);
    addPane("clientPaneAction", tr("&Client"), m_client);
    QAction *const hood = m_hood->toggleViewAction();
    hood->setObjectName(QStringLiteral("hoodAction"));
    hood->setText(tr("&Under the hood"));
    hood->setShortcut(Qt::CTRL | Qt::Key_U);
    menu->addAction(hood);
    addAction(menu, "newestAction", tr("&Newest message"), Qt::CTRL | Qt::Key_End,
              [this] { m_client->view()->scrollToEnd(); });
    createThemeMenu(menu->addMenu(tr("&Theme")));
}

void MainWindow::createThemeMenu(QMenu *menu)
{
    m_themes = new QActionGroup(this);
    const std::pair<QString, Theme::Mode> themes[] = { { tr("&System"), Theme::Mode::System },
                                                       { tr("&Light"), Theme::Mode::Light },
                                                       { tr("&Dark"), Theme::Mode::Dark } };
    for (const auto &[text, mode] : themes) {
        QAction *const action = menu->addAction(text);
        action->setCheckable(true);
        action->setData(int(mode));
        m_themes->addAction(action);
        connect(action, &QAction::triggered, this, [this, mode = mode] { setTheme(mode); });
    }
}

void MainWindow::setTheme(Theme::Mode mode)
{
    m_theme = mode;
    Theme::apply(mode);
    const QList<QAction *> actions = m_themes->actions();
    for (QAction *action : actions)
        action->setChecked(action->data().toInt() == int(mode));
}

void MainWindow::createConnectionMenu()
{
    QMenu *const menu = menuBar()->addMenu(tr("&Connection"));
    addAction(menu, "connectAction", tr("&Connect or disconnect"), Qt::CTRL | Qt::Key_Return,
              [this] { m_client->form()->trigger(); });
    addAction(menu, "hostAction", tr("&Host"), Qt::CTRL | Qt::Key_L,
              [this] { m_client->form()->focusHost(); });
    addAction(menu, "composeAction", tr("&Message"), Qt::CTRL | Qt::Key_M,
              [this] { m_client->composer()->setFocus(Qt::ShortcutFocusReason); });
    addAction(menu, "certificateAction", tr("Certificate of the &server..."), {},
              [this] { m_client->showCertificate(); });
}

void MainWindow::createServerMenu()
{
    QMenu *const menu = menuBar()->addMenu(tr("&Server"));
    addAction(menu, "listenAction", tr("&Listen"), {}, [this] { m_server->listen(); });
    addAction(menu, "stopAction", tr("S&top"), {}, [this] { m_server->stop(); });
    addAction(menu, "kickAction", tr("&Kick"), Qt::CTRL | Qt::Key_K, [this] { m_server->kick(); });
    createCertificateMenu(menu->addMenu(tr("&Certificate")));
    QAction *const authority = addAction(menu, "authorityAction", tr("Save &authority..."), {},
                                         [this] { chooseAuthority(); });
    authority->setEnabled(false); // until there is one
    connect(&m_certificate, &LocalCertificate::ready, authority,
            [authority] { authority->setEnabled(true); });
    // A server out of sight would listen without a word.
    connect(m_serverPane, &QAction::toggled, menu->menuAction(), &QAction::setEnabled);
}

// Who is connected already has seen the old one, so that connection ends.
void MainWindow::createCertificateMenu(QMenu *menu)
{
    using Kind = LocalCertificate::Kind;
    auto *const group = new QActionGroup(this);
    const std::tuple<const char *, QString, Kind> kinds[] = {
        { "rightCertificate", tr("&The right one"), Kind::Right },
        { "wrongNameCertificate", tr("For &another name"), Kind::WrongName },
        { "unknownCertificate", tr("From an &unknown authority"), Kind::UnknownAuthority },
    };
    for (const auto &[name, text, kind] : kinds) {
        QAction *const action = menu->addAction(text);
        action->setObjectName(QLatin1String(name));
        action->setCheckable(true);
        action->setChecked(kind == Kind::Right);
        group->addAction(action);
        connect(action, &QAction::triggered, this, [this, kind = kind] {
            m_server->setCertificateKind(kind);
            if (m_client->form()->isEncrypted())
                m_client->connectNow();
        });
    }
}

void MainWindow::createHelpMenu()
{
    QMenu *const menu = menuBar()->addMenu(tr("&Help"));
    addAction(menu, "shortcutsAction", tr("&Shortcuts"), Qt::Key_F1, [this] { showShortcuts(); });
    addAction(menu, "aboutAction", tr("&About"), {}, [this] { showAbout(); });
}

void MainWindow::chooseFiles()
{
    auto *const dialog = new QFileDialog(this, tr("Send files"));
    dialog->setObjectName(QStringLiteral("fileDialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFiles);
    connect(dialog, &QFileDialog::filesSelected, m_client, &ClientPanel::sendFiles);
    dialog->open();
}

void MainWindow::chooseExport()
{
    auto *const dialog = new QFileDialog(this, tr("Export messages"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setNameFilters({ tr("Text (*.txt)"), tr("JSON (*.json)") });
    dialog->setDefaultSuffix(QStringLiteral("txt"));
    connect(dialog, &QFileDialog::fileSelected, this, &MainWindow::exportTo);
    dialog->open();
}

void MainWindow::chooseLogExport()
{
    auto *const dialog = new QFileDialog(this, tr("Export signals"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("txt"));
    connect(dialog, &QFileDialog::fileSelected, this,
            [this](const QString &name) { write(m_hood->log()->visibleText().toUtf8(), name); });
    dialog->open();
}

// For a program that is to trust the demo's server: "Copy as C++" takes it as GRUV_AUTHORITY.
void MainWindow::chooseAuthority()
{
    auto *const dialog = new QFileDialog(this, tr("Save the certificate of the authority"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("pem"));
    connect(dialog, &QFileDialog::fileSelected, this, &MainWindow::saveAuthorityAs);
    dialog->open();
}

void MainWindow::saveAuthorityAs(const QString &fileName)
{
    write(m_certificate.authority(), fileName);
}

void MainWindow::write(const QByteArray &bytes, const QString &fileName)
{
    QFile file(fileName);
    const bool isSaved = file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
    statusBar()->showMessage(isSaved ? tr("Saved as %1").arg(fileName)
                                     : tr("Not saved: %1").arg(file.errorString()));
}

void MainWindow::showShortcuts()
{
    const QString rows[][2] = {
        { tr("Enter, Shift+Enter"), tr("send, break the line") },
        { tr("Ctrl+Up, Ctrl+Down"), tr("what was sent before") },
        { tr("Ctrl+L"), tr("host") },
        { tr("Ctrl+M"), tr("message") },
        { tr("Ctrl+Return"), tr("connect, cancel or disconnect") },
        { tr("Ctrl+K"), tr("kick a connection") },
        { tr("Ctrl+R"), tr("retry what was not sent") },
        { tr("Ctrl+F, F3, Esc"), tr("find, next, close") },
        { tr("Ctrl+End"), tr("newest message") },
        { tr("Ctrl+O, Ctrl+S"), tr("send a file, export") },
        { tr("Ctrl+U"), tr("under the hood") },
        { tr("Ctrl+Shift+C"), tr("copy as C++") },
    };
    QString text;
    for (const auto &row : rows)
        text += QStringLiteral("<tr><td><b>%1</b>&nbsp;&nbsp;</td><td>%2</td></tr>")
                        .arg(row[0], row[1]);
    auto *const box = new QMessageBox(QMessageBox::NoIcon, tr("Shortcuts"),
                                      QStringLiteral("<table>%1</table>").arg(text),
                                      QMessageBox::Close, this);
    box->setObjectName(QStringLiteral("shortcuts"));
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setModal(false);
    box->show();
}

void MainWindow::showAbout()
{
    auto *const box = new QMessageBox(QMessageBox::NoIcon, tr("About"),
                                      tr("<p><b>GruvSocks demo %1</b></p><p>Messages over TCP for "
                                         "Qt: both ends of the wire in "
                                         "one window.</p>")
                                              .arg(QStringLiteral(GRUVSOCKS_DEMO_VERSION)),
                                      QMessageBox::Close, this);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setModal(false);
    box->show();
}
