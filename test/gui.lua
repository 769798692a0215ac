-- gui.lua: for test_gui.py: what a Wireshark with windows says of each packet, written to the file TCPFSM_GUI_FILE after each dissection.
--
-- First line: how often a dissection began, how many packets this one had, what stands in the filter bar. Then a line for each packet unless TCPFSM_GUI_COUNT
-- is set: number, states of client and server, whether it is marked, colouring rule; separated by tabs. The file is replaced at once, never half written.
--
-- SPDX-License-Identifier: GPL-2.0-or-later
local path, counting = os.getenv("TCPFSM_GUI_FILE"), os.getenv("TCPFSM_GUI_COUNT")
local names = {"tcpfsm.client.state", "tcpfsm.server.state", "frame.marked", "frame.coloring_rule.name"}
local fields, lines, packets, resets = {}, {}, 0, 0

if not counting then
    for i, name in ipairs(names) do
        fields[i] = Field.new(name)
    end
end

local listener = Listener.new("frame")

function listener.reset()
    lines, packets, resets = {}, 0, resets + 1
end

function listener.packet(pinfo)
    packets = packets + 1
    if counting then
        return
    end
    local line = {tostring(pinfo.number)}
    for i, field in ipairs(fields) do
        local value = field()
        line[i + 1] = value and tostring(value.value) or ""
    end
    lines[#lines + 1] = table.concat(line, "\t")
end

function listener.draw()
    local file = assert(io.open(path .. ".new", "w"))
    file:write(string.format("%d\t%d\t%s\n", resets, packets, get_filter()), table.concat(lines, "\n"), "\n")
    file:close()
    os.rename(path .. ".new", path)
end
