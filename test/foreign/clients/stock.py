# python-socketio as its users write it. Says what it gets, one JSON text a line. HUB_URL, TOKEN_URL, POLLING=1.
import asyncio
import json
import os
import urllib.parse
import urllib.request

import socketio

client = socketio.AsyncClient()


def say(name, data=None):
    print(json.dumps({"name": name, "data": data}), flush=True)


def auth():
    token = urllib.request.urlopen(os.environ["TOKEN_URL"]).read().decode()
    return {"token": token, "protocol": 1, "client": "python", "subscriptions": [{"id": "s", "channel": "assets"}]}


@client.on("*")
async def anything(event, data=None):
    say(event, data)


@client.event
async def connect_error(data):
    say("connect_error", data if isinstance(data, (dict, str)) else str(data))


@client.event
async def disconnect(*reason):
    say("disconnect")


async def main():
    # a path in the address would be a namespace
    address = os.environ["HUB_URL"]
    path = f"{urllib.parse.urlsplit(address).path}/socket.io".lstrip("/")
    transports = {} if os.environ.get("POLLING") == "1" else {"transports": ["websocket"]}
    while True:
        try:
            await client.connect(address, socketio_path=path, auth=auth, retry=True, **transports)
            await client.wait()
        except Exception as error:  # refused at the first time: the library leaves another attempt to its user
            say("ended", repr(error))
        await asyncio.sleep(2)


asyncio.run(main())
