"""The live stream: one WebSocket a page, told of every fact that its person may see, in order, none missing.

rules.py decides who is told what and what a frame says; socket.py is one browser; hub.py is the fan-out;
door.py lets people in; reads.py is all SQL.
"""
