"""Searches with the engine of Meilisearch: a line of JSON with cases in, a line with what was found out.

A case is {"documents": [...], "queries": [...]}; the answer to a query is the list of the ids of the documents.
"""

import json
import sys
import tempfile

import milli

MAP_SIZE = 64 * 1024 * 1024


def answers(case: dict) -> list:
    with tempfile.TemporaryDirectory() as folder:
        index = milli.Index(folder, MAP_SIZE)
        index.add_documents(case["documents"])
        # the engine has numbers of its own for documents
        ids = {number: document["id"] for number, document in index.all_documents()}
        return [[ids[number] for number in index.search(query)] for query in case["queries"]]


print(json.dumps([answers(case) for case in json.loads(sys.stdin.readline())]))
