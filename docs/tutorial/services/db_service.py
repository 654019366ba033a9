#!/usr/bin/env python3
"""A key-value store: named databases in files, one directory for each, one file for each key.

  db_service.py --port P --data-dir D

  POST   /db/NAME                        {"created": NAME}
  GET    /db/NAME/KEY                    {"value": VALUE}
  PUT    /db/NAME/KEY  {"value": VALUE}  {"wrote": KEY}
  DELETE /db/NAME/KEY                    {"deleted": KEY}

A key that is not there is an answer: 404 {"error": "key KEY not found"} and an ordinary line on stdout. Refused, with
a line beginning `error:`, are: a database that does not exist (404), one that exists already (409), and requests that
make no sense (400, 404, 405). Names of databases are letters, digits, `_` and `-`. Keys may hold any character.
"""

import itertools
import json
import os
import re
from urllib.parse import quote

from json_service import Answer, Refusal, parser, run

NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
FILE_NAME_LIMIT = 240  # bytes; file systems take 255, the suffix of the temporary file needs some


class Databases:
    def __init__(self, directory):
        self.directory = directory
        self.numbers = itertools.count()
        os.makedirs(directory, exist_ok=True)

    def serve(self, method, path, body, token):
        del token  # who may reach the port may use it
        if path[0] != "db" or len(path) not in (2, 3) or not path[-1]:
            raise Refusal(404, "no such path")
        if not NAME.fullmatch(path[1]):
            raise Refusal(400, "bad database name")
        actions = {"POST": self.create} if len(path) == 2 else {"GET": self.get, "PUT": self.put, "DELETE": self.delete}
        if method not in actions:
            raise Refusal(405, "method not allowed")
        return actions[method](*path[1:], body)

    def create(self, name, body):
        del body
        try:
            os.mkdir(os.path.join(self.directory, name))
        except FileExistsError:
            raise Refusal(409, f"db {name} already exists") from None
        return {"created": name}

    def get(self, name, key, body):
        del body
        try:
            with open(self.file(name, key), encoding="utf-8") as file:
                return {"value": json.load(file)}
        except FileNotFoundError:
            raise Answer(404, f"key {key} not found") from None

    def put(self, name, key, body):
        if not isinstance(body, dict) or "value" not in body:
            raise Refusal(400, "the body needs a value")
        target = self.file(name, key)
        # Written beside its place and renamed: a reader sees the old value or the new one, whenever this is killed.
        temporary = f"{target}.{os.getpid()}-{next(self.numbers)}.new"
        with open(temporary, "w", encoding="utf-8") as file:
            json.dump(body["value"], file)
        os.replace(temporary, target)
        return {"wrote": key}

    def delete(self, name, key, body):
        del body
        try:
            os.remove(self.file(name, key))
        except FileNotFoundError:
            raise Answer(404, f"key {key} not found") from None
        return {"deleted": key}

    def file(self, name, key):
        """Where a key's value is kept. The prefix and the encoding keep `..`, `/` and the like from being paths."""
        directory = os.path.join(self.directory, name)
        if not os.path.isdir(directory):
            raise Refusal(404, f"db {name} not found")
        encoded = "key-" + quote(key, safe="")
        if len(encoded) > FILE_NAME_LIMIT:
            raise Refusal(400, "the key is too long")
        return os.path.join(directory, encoded.replace(".", "%2E"))


def main():
    options = parser(__doc__)
    options.add_argument("--data-dir", required=True, help="directory of the databases; made when missing")
    arguments = options.parse_args()
    run(Databases(arguments.data_dir), arguments.port)


if __name__ == "__main__":
    main()
