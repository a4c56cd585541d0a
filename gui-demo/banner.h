// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef BANNER_H
#define BANNER_H

#include <QtWidgets/qframe.h>

class QLabel;
class QPushButton;
class QToolButton;

// A message in the layout, instead of a dialog. Hidden until showMessage().
class Banner : public QFrame
{
    Q_OBJECT

public:
    enum class Severity { Info, Warning, Error };
    Q_ENUM(Severity)

    explicit Banner(QWidget *parent = nullptr);

    Severity severity() const;
    QString text() const;
    QString detail() const;
    QSize minimumSizeHint() const override;

public Q_SLOTS:
    // May be called again, such as once a second. Without an action text there is no button.
    void showMessage(Banner::Severity severity, const QString &text, const QString &detail = {},
                     const QString &actionText = {});
    void dismiss();

Q_SIGNALS:
    void actionTriggered();
    void dismissed(); // by the user

protected:
    void changeEvent(QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void arrange();
    void applyColours();
    void paintIcon(QPainter *painter, const QRectF &rect) const;
    void showDetail(bool show);
    void announce();

    Severity m_severity = Severity::Info;
    QLabel *m_text;
    QLabel *m_detail;
    QPushButton *m_action;
    QToolButton *m_more;
    QToolButton *m_dismiss;
};

#endif // BANNER_H
