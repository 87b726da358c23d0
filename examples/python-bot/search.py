"""Keeps the result of a search and prints it after each change. Usage: PURSIGHT_TOKEN=... python search.py [words...]"""
import asyncio
import json
import os
import sys

import socketio

url = os.environ.get("PURSIGHT_URL", "http://127.0.0.1:8080")
query = {"id": "q", "q": " ".join(sys.argv[1:]), "limit": 10}
hub = socketio.AsyncClient()  # not Client: that one handles each frame in a thread of its own and loses the order
room, hits, total = None, [], {}


def auth():
    return {"token": os.environ["PURSIGHT_TOKEN"], "protocol": 1, "client": "python-search 1.0"}


def show():
    names = [hit["entity"]["name"] for hit in hits]
    print(json.dumps({"total": total["value"], "hits": names}), flush=True)


@hub.on("welcome")  # also after each reconnect: a search is not resumed, but asked again
async def on_welcome(session):
    try:
        answer = await hub.call("search", query, timeout=20)
        while not answer["ok"] and answer["error"]["retryable"]:  # e.g. not-ready: the index is being built
            await asyncio.sleep(answer["error"].get("retryAfterMs", 1000) / 1000)
            answer = await hub.call("search", query, timeout=20)
        print(json.dumps(answer), file=sys.stderr, flush=True)
    except socketio.exceptions.SocketIOError:
        pass  # the connection broke; the next one has its own welcome


@hub.on("result")  # the whole list: the first time, after a reconnect, and after a change of rights
def on_result(result):
    global room, hits, total
    room, hits, total = result["room"], result["hits"], result["total"]
    show()


@hub.on("delta")  # how it changed
def on_delta(delta):
    global total
    if delta["room"] != room:
        return
    for change in delta["changes"]:
        apply(change)
    total = delta.get("total", total)
    show()


def place(urn):
    return next(index for index, hit in enumerate(hits) if hit["entity"]["urn"] == urn)


def apply(change):
    if change["kind"] == "update":
        hits[place(change["hit"]["entity"]["urn"])] = change["hit"]
        return
    hit = change["hit"] if change["kind"] == "enter" else hits.pop(place(change["urn"]))
    if change["kind"] != "leave":
        hits.insert(0 if change["after"] is None else place(change["after"]) + 1, hit)


@hub.on("*")  # searchended, notice and so on: for people
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
