"""Prints one JSON line for each change that the token may see. Usage: PURSIGHT_TOKEN=... python bot.py [channel]"""
import json
import os
import sys

import socketio

bot = socketio.Client()  # reconnects by itself, with a growing random wait
wanted = [{"id": "bot", "channel": sys.argv[1] if len(sys.argv) > 1 else "assets"}]


def auth():  # called for each connection, so a new token and the subscriptions go along
    return {"token": os.environ["PURSIGHT_TOKEN"], "protocol": 1, "client": "python-bot 1.0", "subscriptions": wanted}


@bot.on("events")
def on_events(frame):
    for event in frame["events"]:
        print(json.dumps(event), flush=True)


@bot.on("*")  # live, ended, notice...: what people should see
def on_other(name, message=None):
    print(name, json.dumps(message), file=sys.stderr, flush=True)


bot.connect(os.environ.get("PURSIGHT_URL", "http://127.0.0.1:8080"), auth=auth, transports=["websocket"])
bot.wait()
