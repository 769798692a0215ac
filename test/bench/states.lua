-- states.lua: what one would write without tcpfsm: a post-dissector in Lua that shows a state of client and server, from the flags. Its results are rougher than
-- the plugin's (no sequence numbers checked but the FIN's, no sets, no findings): a lower bound for the cost of the job in Lua.
--
-- SPDX-License-Identifier: GPL-2.0-or-later

local states = Proto("states", "TCP states by flags")
local shown = {
    client = ProtoField.string("states.client.state", "Client state"),
    server = ProtoField.string("states.server.state", "Server state"),
    changed = ProtoField.bool("states.changed", "State changed"),
}
states.fields = { shown.client, shown.server, shown.changed }

local read = {}
for _, name in ipairs { "tcp.stream", "tcp.flags", "tcp.seq", "tcp.ack", "tcp.len", "tcp.srcport", "tcp.dstport", "ip.src", "ip.dst" } do
    read[name] = Field.new(name)
end

local FIN, SYN, RST, ACK = 1, 2, 4, 16
local streams, frames = {}, {}

function states.init()
    streams, frames = {}, {}
end

-- move: an endpoint enters a state.
local function move(stream, end_, state)
    if stream[end_] ~= state then
        stream[end_] = state
        stream.changed = true
    end
end

local after_fin_sent = { ESTABLISHED = "FIN_WAIT_1", SYN_RECEIVED = "FIN_WAIT_1", CLOSE_WAIT = "LAST_ACK" }
local after_fin_got = { ESTABLISHED = "CLOSE_WAIT", SYN_RECEIVED = "CLOSE_WAIT", FIN_WAIT_1 = "CLOSING", FIN_WAIT_2 = "TIME_WAIT" }
local after_fin_acked = { FIN_WAIT_1 = "FIN_WAIT_2", CLOSING = "TIME_WAIT", LAST_ACK = "CLOSED" }

-- follow: one segment, sent by `from` and arriving at `to` ("client", "server").
local function follow(stream, from, to, flags, seq, ack, len)
    if bit.band(flags, RST) ~= 0 then
        move(stream, from, "CLOSED")
        move(stream, to, "CLOSED")
        return
    end
    if bit.band(flags, SYN) ~= 0 then
        if bit.band(flags, ACK) ~= 0 then
            move(stream, from, "SYN_RECEIVED")
            move(stream, to, "ESTABLISHED")
        else
            move(stream, from, "SYN_SENT")
            move(stream, to, "LISTEN")
        end
        return
    end
    if bit.band(flags, ACK) ~= 0 then
        if stream[to] == "SYN_RECEIVED" then
            move(stream, to, "ESTABLISHED")
        end
        local fin = stream.fin[to]
        if fin and ack > fin then
            move(stream, to, after_fin_acked[stream[to]] or stream[to])
        end
    end
    if bit.band(flags, FIN) ~= 0 and not stream.fin[from] then
        stream.fin[from] = seq + len
        move(stream, from, after_fin_sent[stream[from]] or stream[from])
        move(stream, to, after_fin_got[stream[to]] or stream[to])
    end
end

-- stream_of: the stream of this segment, which begins with it if it is new.
local function stream_of(number, src, sport)
    local stream = streams[number]
    if not stream then
        stream = { client = "ESTABLISHED", server = "ESTABLISHED", fin = {}, address = src, port = sport }
        streams[number] = stream
    end
    return stream
end

function states.dissector(tvb, pinfo, tree)
    local flags = read["tcp.flags"]()
    if not flags then
        return
    end
    local seen = frames[pinfo.number]
    if not pinfo.visited then
        local src, sport = tostring(read["ip.src"]()), read["tcp.srcport"]().value
        local stream = stream_of(read["tcp.stream"]().value, src, sport)
        local from, to = "client", "server"
        if stream.address ~= src or stream.port ~= sport then
            from, to = to, from
        end
        stream.changed = false
        follow(stream, from, to, flags.value, read["tcp.seq"]().value, read["tcp.ack"]().value, read["tcp.len"]().value)
        seen = { stream.client, stream.server, stream.changed }
        frames[pinfo.number] = seen
    end
    if not seen then
        return
    end
    local branch = tree:add(states, tvb())
    branch:add(shown.client, seen[1]):set_generated()
    branch:add(shown.server, seen[2]):set_generated()
    if seen[3] then
        branch:add(shown.changed, true):set_generated()
    end
end

register_postdissector(states)
