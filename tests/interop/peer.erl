#!/usr/bin/env escript
%%! -noinput
%% SPDX-FileCopyrightText: 2026 The GruvSocks authors
%% SPDX-License-Identifier: MIT
%%
%% A peer that speaks gen_tcp's {packet, 4}: sends COUNT messages and receives COUNT, both at once.
%%   escript peer.erl CONNECT_PORT|0 SEND_SEED RECEIVE_SEED COUNT mixed|tiny first|wait
%% Prints what peer.py prints. The hash is MD5: erlang-base comes without crypto, erlang:md5 is a BIF.
%% {packet, 4} has no limit of its own at 16 MiB (packet_size 0 = unlimited; 100 MiB was tried).
-mode(compile).
-define(PERIOD, 65521).

main([Port, SendSeed, ReceiveSeed, Count, Profile, Close]) ->
    timer:apply_after(120000, erlang, halt, [3]), % nobody's orphan
    Integer = fun erlang:list_to_integer/1,
    Outgoing = traffic(Integer(SendSeed), Profile),
    Incoming = traffic(Integer(ReceiveSeed), Profile),
    Socket = connected(Integer(Port)),
    {_, Sender} = spawn_monitor(fun() -> send(Socket, Outgoing, Integer(Count)) end),
    Digest = receive_all(Socket, Incoming, 0, Integer(Count), erlang:md5_init()),
    io:format("received ~s ~s~n", [Count, hex(Digest)]),
    receive
        {'DOWN', Sender, process, _, normal} -> ok
    end,
    finish(Socket, Close).

connected(0) ->
    {ok, Server} = gen_tcp:listen(0, [{ip, {127, 0, 0, 1}} | options()]),
    {ok, Port} = inet:port(Server),
    io:format("port ~b~n", [Port]),
    {ok, Socket} = gen_tcp:accept(Server),
    ok = gen_tcp:close(Server),
    Socket;
connected(Port) ->
    {ok, Socket} = gen_tcp:connect({127, 0, 0, 1}, Port, options()),
    Socket.

options() -> [binary, {packet, 4}, {active, false}, {nodelay, true}].

send(Socket, Traffic, Count) ->
    Digest = send(Socket, Traffic, 0, Count, erlang:md5_init()),
    io:format("sent ~b ~s~n", [Count, hex(Digest)]).

send(_, _, Count, Count, Digest) -> Digest;
send(Socket, Traffic, Index, Count, Digest) ->
    Message = message(Traffic, Index),
    ok = gen_tcp:send(Socket, Message),
    send(Socket, Traffic, Index + 1, Count, add(Digest, Message)).

receive_all(_, _, Count, Count, Digest) -> Digest;
receive_all(Socket, Traffic, Index, Count, Digest) ->
    {ok, Message} = gen_tcp:recv(Socket, 0),
    {Index, Message} = {Index, message(Traffic, Index)}, % badmatch: another message than was sent
    receive_all(Socket, Traffic, Index + 1, Count, add(Digest, Message)).

finish(Socket, "first") ->
    ok = gen_tcp:close(Socket),
    io:format("closed first~n");
finish(Socket, "wait") ->
    {error, closed} = gen_tcp:recv(Socket, 0),
    io:format("closed after end of stream~n").

add(Digest, Message) ->
    erlang:md5_update(erlang:md5_update(Digest, <<(byte_size(Message)):32>>), Message).

hex(Digest) -> [io_lib:format("~2.16.0b", [Byte]) || <<Byte>> <= erlang:md5_final(Digest)].

%% The messages: the same lines stand in traffic.cpp and peer.py.
traffic(Seed, Profile) ->
    {Bytes, _} = lists:mapfoldl(
        fun(_, State) ->
            Next = (State * 1103515245 + 12345) band 16#FFFFFFFF,
            {(Next bsr 16) band 255, Next}
        end, Seed, lists:seq(1, ?PERIOD)),
    Block = list_to_binary(Bytes),
    {Seed, Profile, <<Block/binary, Block/binary>>}.

message({Seed, _, Block} = Traffic, Index) ->
    Length = length(Traffic, Index),
    Offset = (Seed rem ?PERIOD + Index * 7919) rem ?PERIOD,
    Turn = binary:part(Block, Offset, ?PERIOD),
    binary:part(binary:copy(Turn, Length div ?PERIOD + 1), 0, Length).

length({Seed, Profile, _}, Index) ->
    Product = (Seed + Index) * 2654435761 band 16#FFFFFFFF,
    Mix = Product bxor (Product bsr 15),
    case Profile of
        "mixed" -> mixed(Index, Mix);
        "tiny" -> tiny(Index, Mix)
    end.

mixed(Index, _) when Index rem 5000 =:= 2499 -> 16 bsl 20;
mixed(Index, _) when Index rem 1500 =:= 749 -> 1 bsl 20;
mixed(Index, _) when Index rem 200 =:= 99 -> 65536;
mixed(Index, _) when Index rem 200 =:= 149 -> 65535;
mixed(Index, _) when Index rem 20 =:= 7 -> 1024;
mixed(Index, _) when Index rem 20 =:= 13 -> 1023;
mixed(_, Mix) ->
    case (Mix bsr 16) band 7 of
        6 -> (Mix bsr 19) rem 200;
        7 -> (Mix bsr 19) rem 3000;
        Kind -> Kind
    end.

tiny(Index, _) when Index rem 10000 =:= 3000 -> 65535;
tiny(Index, _) when Index rem 10000 =:= 6000 -> 65536;
tiny(Index, _) when Index rem 2500 =:= 1249 -> 1023;
tiny(Index, _) when Index rem 2500 =:= 1874 -> 1024;
tiny(_, Mix) -> (Mix bsr 16) rem 6.
