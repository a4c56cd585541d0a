// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef SIGNALTAP_H
#define SIGNALTAP_H

#include <QtCore/qmetaobject.h>
#include <QtCore/qobject.h>
#include <QtCore/qstring.h>

#include <functional>
#include <vector>

// Tells every signal of an object as it fires, with its arguments in words. It takes the signals
// from the object's meta-object, so none is forgotten.
class SignalTap : public QObject // no Q_OBJECT: qt_metacall() is written by hand
{
public:
    using Report = std::function<void(const QString &object, const QString &signature)>;

    SignalTap(QObject *object, const QString &name, Report report, QObject *parent);

    int qt_metacall(QMetaObject::Call call, int id, void **arguments) override;

private:
    const QString m_name;
    const Report m_report;
    std::vector<QMetaMethod> m_signals;
};

#endif // SIGNALTAP_H
