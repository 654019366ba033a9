"""What tools/bench makes of its samples: medians, ratios, and the table."""

import statistics

BEGIN = "<!-- table of tools/bench; `tools/bench --write` writes it -->"
END = "<!-- end of the table of tools/bench -->"
# Cases that have a table of their own, with these around it.
OWN = {"G": ("<!-- table of a large suite; `tools/bench --case G --write` writes it -->",
             "<!-- end of the table of a large suite -->")}
HEAD = ["case", "figure", "floor", "Relux", "÷ floor", "goal", "", "best peer", "÷ peer"]


def ratio(value, base):
    return value / base if value is not None and base else None


class Row:
    """One figure of one case: the medians of all who took part."""

    def __init__(self, case, name, samples):
        self.case = case
        self.name = name
        self.figure = case.figures[name]
        self.samples = {who: values for who, values in samples.items() if values}
        self.medians = {who: statistics.median(values) for who, values in self.samples.items()}

    @property
    def relux(self):
        return self.medians.get("relux")

    @property
    def floor(self):
        return self.medians.get("floor")

    @property
    def best_peer(self):
        peers = [who for who in self.medians if who not in ("floor", "relux")]
        choose = max if self.figure.more_is_better else min
        return choose(peers, key=lambda who: self.medians[who]) if peers else None

    @property
    def reached(self):
        """None without a goal."""
        if self.figure.reached is None or self.relux is None:
            return None
        if self.floor is None and "floor" in self.figure.goal:
            return None
        return bool(self.figure.reached(self.relux, self.floor))

    def as_json(self):
        best = self.best_peer
        return {"case": self.case.key, "title": self.case.title, "figure": self.name, "unit": self.figure.unit,
                "more_is_better": self.figure.more_is_better, "medians": self.medians, "samples": self.samples,
                "to_floor": ratio(self.relux, self.floor), "best_peer": best,
                "to_best_peer": ratio(self.relux, self.medians.get(best)), "goal": self.figure.goal or None,
                "reached": self.reached}

    def cells(self):
        def number(value):
            return "" if value is None else f"{value:,.{self.figure.digits}f}"

        def times(value):
            return "" if value is None else f"{value:.2f}"

        best = self.best_peer
        peer = f"{number(self.medians[best])} ({best})" if best else ""
        return [self.case.key, f"{self.name}, {self.figure.unit}", number(self.floor), number(self.relux),
                times(ratio(self.relux, self.floor)), self.figure.goal,
                {None: "", True: "✓", False: "✗"}[self.reached], peer,
                times(ratio(self.relux, self.medians.get(best)))]


def as_text(rows):
    lines = [HEAD] + [row.cells() for row in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEAD))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines)


def as_markdown(rows, heading):
    titles = dict.fromkeys((row.case.key, row.case.title) for row in rows)
    lines = [heading, "", "| " + " | ".join(HEAD) + " |", "|---|---|--:|--:|--:|---|---|--:|--:|"]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row.cells()) + " |" for row in rows]
    lines += [""] + [f"- {key}: {title}" for key, title in titles]
    return "\n".join(lines)


def put_into(file, rows, heading):
    """Replaces what stands between the markers, of the tables that have rows."""
    page = file.read_text(encoding="utf-8")
    others = [row for row in rows if row.case.key not in OWN]
    tables = [(BEGIN, END, others)] + [(*marks, [row for row in rows if row.case.key == key])
                                       for key, marks in OWN.items()]
    for begin, end, own_rows in tables:
        if not own_rows:
            continue
        before, _, rest = page.partition(begin)
        _, found, after = rest.partition(end)
        if not found:
            raise ValueError(f"{file} has no {begin}")
        page = f"{before}{begin}\n\n{as_markdown(own_rows, heading)}\n\n{end}{after}"
    file.write_text(page, encoding="utf-8")
