#!/usr/bin/env python3
"""Accounts: who may log in. Keeps the credentials in the db service.

  auth_service.py --port P --db-port P [--db-name N]

  POST /register {"login": L, "password": W}   {"registered": L}, or 409 when L is taken
  POST /login    {"login": L, "password": W}   {"login": L}, 401 for a wrong password, 404 for an unknown login

Those are answers, each an ordinary line on stdout. Refused, with a line beginning `error:`, are requests that make no
sense (400, 404, 405) and all that needs the db service when that is gone or has no database N (502).
"""

import hashlib
import hmac
import os
import threading

from json_service import Answer, DocumentStore, Refusal, parser, run, text_field

HASH_ROUNDS = 10_000  # few milliseconds each: the suite shows services, not secrets


class Accounts:
    def __init__(self, store):
        self.store = store
        self.lock = threading.Lock()

    def serve(self, method, path, body, token):
        del token
        actions = {"register": self.register, "login": self.login}
        if len(path) != 1 or path[0] not in actions:
            raise Refusal(404, "no such path")
        if method != "POST":
            raise Refusal(405, "method not allowed")
        return actions[path[0]](text_field(body, "login"), text_field(body, "password"))

    def register(self, login, password):
        salt = os.urandom(16)
        account = {"salt": salt.hex(), "hash": hashed(password, salt)}
        with self.lock:  # of two that register the same login at once, one must lose
            if self.store.read(login) is not None:
                raise Answer(409, f"login {login} already exists")
            self.store.write(login, account)
        return {"registered": login}

    def login(self, login, password):
        account = self.store.read(login)
        if account is None:
            raise Answer(404, f"login {login} not found")
        if not hmac.compare_digest(account["hash"], hashed(password, bytes.fromhex(account["salt"]))):
            raise Answer(401, "wrong password")
        return {"login": login}


def hashed(password, salt):
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt, HASH_ROUNDS).hex()


def main():
    options = parser(__doc__)
    options.add_argument("--db-port", type=int, required=True, help="port of the db service")
    options.add_argument("--db-name", default="auth", help="database to use; must exist (default: auth)")
    arguments = options.parse_args()
    run(Accounts(DocumentStore(arguments.db_port, arguments.db_name)), arguments.port)


if __name__ == "__main__":
    main()
