#!/usr/bin/env python3
"""Task lists, one for each login. Asks the auth service who may log in, keeps the tasks in the db service.

  task_service.py --port P --db-port P --auth-port P [--db-name N]

  POST   /login     {"login": L, "password": W}      {"token": T}, or 403 when the auth service says no
  POST   /tasks     {"title": ..., "status": ...}    {"id", "title", "status"}; ids count from 1 for each login
  GET    /tasks                                      {"tasks": [...]}
  GET    /tasks/ID                                   {"id", "title", "status"}
  PUT    /tasks/ID  {"title": ..., "status": ...}    the same, changed; both fields may be left out
  DELETE /tasks/ID                                   {"deleted": ID}

All but /login need `Authorization: Bearer T`, else 401 {"error": "unauthorized"}; a task that is not there is
404 {"error": "task ID not found"}. Those are answers, each an ordinary line on stdout. Refused, with a line beginning
`error:`, are requests that make no sense (400, 404, 405) and all that needs a service that is gone (502).
Tokens end with the process.
"""

import secrets
import threading

from json_service import Answer, DocumentStore, Refusal, Unavailable, call, parser, run, text_field


class Tasks:
    def __init__(self, auth_port, store):
        self.auth_port = auth_port
        self.store = store
        self.logins = {}  # by token
        self.lock = threading.Lock()  # a list is read, changed and written back by one request at a time

    def serve(self, method, path, body, token):
        if path == ["login"]:
            if method != "POST":
                raise Refusal(405, "method not allowed")
            return self.login(text_field(body, "login"), text_field(body, "password"))
        if path[0] != "tasks" or len(path) > 2:
            raise Refusal(404, "no such path")
        login = self.logins.get(token)
        if login is None:
            raise Answer(401, "unauthorized")
        actions = {"POST": self.create, "GET": self.list_all}
        if len(path) == 2:
            actions = {"GET": self.read, "PUT": self.update, "DELETE": self.delete}
        if method not in actions:
            raise Refusal(405, "method not allowed")
        with self.lock:
            # {"next_id": N, "tasks": {ID: task}}
            document = self.store.read(login) or {"next_id": 1, "tasks": {}}
            before = repr(document)
            answer = actions[method](document, *path[1:], body)
            if repr(document) != before:
                self.store.write(login, document)
            return answer

    def login(self, login, password):
        try:
            status, data = call(self.auth_port, "POST", ["login"], {"login": login, "password": password})
        except Unavailable:
            raise Refusal(502, "auth service unavailable") from None
        if status in (401, 404):
            raise Answer(403, "login refused")
        if status != 200:
            raise Refusal(502, data.get("error", f"auth service answered {status}"))
        token = secrets.token_hex(16)
        self.logins[token] = login
        return {"token": token}

    @staticmethod
    def create(document, body):
        task = {"id": document["next_id"], "title": text_field(body, "title"), "status": body.get("status", "todo")}
        check_status(task["status"])
        document["next_id"] += 1
        document["tasks"][str(task["id"])] = task
        return task

    @staticmethod
    def list_all(document, body):
        del body
        return {"tasks": list(document["tasks"].values())}

    @staticmethod
    def read(document, number, body):
        del body
        return find(document, number)

    @staticmethod
    def update(document, number, body):
        task = find(document, number)
        if not isinstance(body, dict):
            raise Refusal(400, "the body needs a title or a status")
        title = text_field(body, "title") if "title" in body else task["title"]
        status = body.get("status", task["status"])
        check_status(status)
        task.update(title=title, status=status)
        return task

    @staticmethod
    def delete(document, number, body):
        del body
        return {"deleted": document["tasks"].pop(str(find(document, number)["id"]))["id"]}


def find(document, number):
    if number not in document["tasks"]:
        raise Answer(404, f"task {number} not found")
    return document["tasks"][number]


def check_status(status):
    if not isinstance(status, str) or not status:
        raise Refusal(400, "a status must be text")


def main():
    options = parser(__doc__)
    options.add_argument("--db-port", type=int, required=True, help="port of the db service")
    options.add_argument("--auth-port", type=int, required=True, help="port of the auth service")
    options.add_argument("--db-name", default="tasks", help="database to use; must exist (default: tasks)")
    arguments = options.parse_args()
    run(Tasks(arguments.auth_port, DocumentStore(arguments.db_port, arguments.db_name)), arguments.port)


if __name__ == "__main__":
    main()
