"""Prints one JSON line for each change that the token may see. Usage: PURSIGHT_TOKEN=... python bot.py [channel]"""
import asyncio
import json
import os
import sys

import socketio

url = os.environ.get("PURSIGHT_URL", "http://127.0.0.1:8080")
wanted = [{"id": "bot", "channel": sys.argv[1] if len(sys.argv) > 1 else "assets"}]
hub = socketio.AsyncClient()  # not Client: that one handles each frame in a thread of its own and loses the order


def auth():  # asked for each connection, so the subscription goes along after every reconnect
    return {"token": os.environ["PURSIGHT_TOKEN"], "protocol": 1, "client": "python-bot 1.0", "subscriptions": wanted}


@hub.on("events")
def on_events(frame):
    for event in frame["events"]:
        print(json.dumps(event), flush=True)


@hub.on("*")  # live, ended, notice and so on: for people
@hub.on("connect_error")
def on_other(*message):
    print(json.dumps(message), file=sys.stderr, flush=True)


async def main():
    while True:
        try:
            await hub.connect(url, auth=auth, transports=["websocket"])
            await hub.wait()  # short breaks are mended inside; ends when the hub closes the session, e.g. for a restart
        except (socketio.exceptions.ConnectionError, ValueError):  # ValueError: it already reconnects by itself
            pass  # on_other has printed the reason
        await asyncio.sleep(2)


asyncio.run(main())
