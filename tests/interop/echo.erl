#!/usr/bin/env escript
%%! -noinput
%% SPDX-FileCopyrightText: 2026 The GruvSocks authors
%% SPDX-License-Identifier: MIT
%%
%% A server that speaks gen_tcp's {packet, 4}: echoes what its one client sends, to the end.
%%   escript echo.erl PORT    0: any
%% Prints "port N" when it listens, then "end REASON after COUNT".
-mode(compile).

main([Port]) ->
    timer:apply_after(120000, erlang, halt, [3]), % nobody's orphan
    {ok, Server} = gen_tcp:listen(list_to_integer(Port), options()),
    {ok, Actual} = inet:port(Server),
    io:format("port ~b~n", [Actual]),
    {ok, Socket} = gen_tcp:accept(Server),
    echo(Socket, 0).

options() ->
    [binary, {packet, 4}, {active, false}, {nodelay, true}, {reuseaddr, true},
     {ip, {127, 0, 0, 1}}].

echo(Socket, Count) ->
    case gen_tcp:recv(Socket, 0) of
        {ok, Message} ->
            ok = gen_tcp:send(Socket, Message),
            echo(Socket, Count + 1);
        {error, Reason} ->
            io:format("end ~s after ~b~n", [Reason, Count])
    end.
