// SPDX-FileCopyrightText: 2026 The GruvSocks authors
// SPDX-License-Identifier: MIT

#ifndef VIEWSCENE_H
#define VIEWSCENE_H

#include <messagedelegate.h>
#include <messagemodel.h>
#include <messageview.h>

#include <QtTest/qtest.h>
#include <QtWidgets/qabstractbutton.h>
#include <QtWidgets/qscrollbar.h>

// A chat in a window of its own.
struct ViewScene
{
    ViewScene()
    {
        view.setMessages(&model);
        view.resize(500, 400);
        view.show();
        if (!QTest::qWaitForWindowExposed(&view))
            qFatal("the window does not come up");
    }

    void post(int count, const QByteArray &payload = "some words")
    {
        for (int i = 0; i < count; ++i)
            model.post(i % 2 == 0 ? Message::Sender::Me : Message::Sender::Peer, payload);
        settle();
    }

    void settle() // until the view has laid out what the model holds
    {
        model.flush();
        for (int i = 0; i < 5; ++i)
            QCoreApplication::processEvents();
    }

    MessageDelegate::Geometry geometryOf(int row) const
    {
        QStyleOptionViewItem option;
        option.initFrom(&view);
        option.font = view.font();
        option.rect = view.visualRect(model.index(row));
        return view.messageDelegate()->geometry(option, model.index(row));
    }

    QScrollBar *bar() const { return view.verticalScrollBar(); }
    QModelIndex topRow() const { return view.indexAt({ 1, 0 }); }
    QAbstractButton *pill() const
    {
        return view.findChild<QAbstractButton *>(QStringLiteral("unreadPill"));
    }

    MessageModel model;
    MessageView view;
};

#endif // VIEWSCENE_H
