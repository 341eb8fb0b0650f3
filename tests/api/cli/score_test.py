"""Scores of real networks, beside a plain reckoning of them.

Usage: score_test.py SUYUAN FOODCHAINLAB_DIR
"""

import json
import os
import random
import re
import sys
import unittest

sys.dont_write_bytecode = True  # leaves nothing in the source directory
import cli_test

NETWORKS = ("ExampleData.json", "Scenario_1_Outbreak-Baby-Tea.json", "Scenario_2_LaSource.json")
DRAWS = int(os.environ.get("SUYUAN_SCORE_DRAWS", "6"))  # of each network


def date_of(text):
    """(year, month, day), None for each part that is unknown."""
    if not text:
        return None, None, None
    iso = re.fullmatch(r"(\d{4})(?:-(\d\d?))?(?:-(\d\d?))?", text)
    if iso:
        return tuple(int(part) if part else None for part in iso.groups())
    other = re.fullmatch(r"(?:(\d\d?)[./])?(?:(\d\d?)[./])(\d{4})", text)
    if other:
        return tuple(int(part) if part else None for part in reversed(other.groups()))
    return None, None, None


def possible(arrival, departure):
    """Can what arrived have been there when the other left?"""
    for came, left in zip(arrival, departure):
        if came is None or left is None:
            return True
        if came != left:
            return came < left
    return True


class Network:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            data = json.load(file)["data"]
        rows = lambda table: [{cell["id"]: cell.get("value") for cell in row}
                              for row in data[table]["data"]]
        self.stations = {row["ID"] for row in rows("stations")}
        self.sender, self.recipient, self.left, self.came = {}, {}, {}, {}
        for row in rows("deliveries"):
            self.sender[row["ID"]], self.recipient[row["ID"]] = row["from"], row["to"]
            self.left[row["ID"]] = date_of(row.get("Date Delivery"))
            self.came[row["ID"]] = date_of(row.get("Date Delivery Arrival"))
        self.links = {(row["from"], row["to"]) for row in rows("deliveryRelations")}
        self.links = {(a, b) for a, b in self.links if a != b}

    def suppose(self, mix, cut, merge, time):
        """Another network in which all that holds as it is told; the things that vanished."""
        made = Network.__new__(Network)
        name = {member: new for new, members in merge.items() for member in members}
        made.stations = {name.get(station, station) for station in self.stations}
        made.sender = {d: name.get(s, s) for d, s in self.sender.items()}
        made.recipient = {d: name.get(s, s) for d, s in self.recipient.items()}
        made.left, made.came = dict(self.left), dict(self.came)
        links = set(self.links)
        gone = {d for d in made.sender if made.sender[d] == made.recipient[d] in merge
                and self.sender[d] != self.recipient[d]}
        links = {(a, b) for a, b in links if ("delivery", a) not in cut}
        for d in gone:
            before = {a for a, b in links if b == d}
            after = {b for a, b in links if a == d}
            links = {(a, b) for a, b in links if d not in (a, b)}
            links |= {(a, b) for a in before for b in after}
            del made.sender[d], made.recipient[d]
        fits = lambda a, b: not time or possible(made.came[a], made.left[b])
        mixed_units = {thing for kind, thing in mix if kind == "delivery"} - gone
        stated = set(links)
        for kind, thing in mix:
            if kind == "station":
                thing = name.get(thing, thing)
                links |= {(a, b) for a in made.sender for b in made.sender
                          if made.recipient[a] == thing == made.sender[b] and fits(a, b)}
        for a in mixed_units:
            for other in mixed_units:
                if made.recipient[a] == made.recipient[other] and a != other:
                    links |= {(a, b) for c, b in stated if c == other and fits(a, b)
                              if ("delivery", other) not in cut
                              and ("station", made.recipient[other]) not in cut}
        for kind, thing in cut:
            if kind == "station":
                thing = name.get(thing, thing)
                links = {(a, b) for a, b in links
                         if made.recipient[a] != thing or made.sender[b] != thing}
            else:  # also of what mixing added
                links = {(a, b) for a, b in links if a != thing}
        made.links = {(a, b) for a, b in links if a != b}
        return made, gone

    def closure(self, deliveries, forward):
        reached = set(deliveries)
        while True:
            more = {b if forward else a for a, b in self.links if (a if forward else b) in reached}
            if more <= reached:
                return reached
            reached |= more

    def trace(self, kind, thing, forward):
        """The forward or backward trace: {("station" or "delivery", id)}."""
        ends, starts = ((self.recipient, self.sender) if forward else (self.sender, self.recipient))
        first = {thing} if kind == "delivery" else {d for d, s in starts.items() if s == thing}
        reached = self.closure(first, forward)
        found = {("delivery", d) for d in reached} | {("station", ends[d]) for d in reached}
        return found | {(kind, thing)}

    def things(self):
        return ([("station", s) for s in sorted(self.stations)] +
                [("delivery", d) for d in sorted(self.sender)])


class ScoreTest(cli_test.Case):
    def test_every_unit_and_place_of_real_networks(self):
        seed = int(os.environ.get("SUYUAN_SCORE_SEED", random.randrange(10**6)))
        for file in NETWORKS:
            path = os.path.join(DATA, file)
            if not os.path.exists(path):
                self.skipTest("no " + path)
            data = self.path("data-" + file)
            self.ok("ledger", "create", "fcl", "--subject", "ext:test:authority", "--name", "A",
                    "--profile", "investigation", data=data)
            self.ok("import", "fcl", path, "--ledger", "fcl", data=data)
            network = Network(path)
            for draw in range(DRAWS):
                with self.subTest(network=file, seed=seed, draw=draw):
                    self.compare(network, data, random.Random("%d %s %d" % (seed, file, draw)),
                                 draw)

    def compare(self, network, data, chance, draw):
        spell = lambda thing: "fcl:%s:%s" % thing
        things = network.things()
        weights = {thing: chance.choice((1, 1, 0.5, 2, -1))
                   for thing in chance.sample(things, min(len(things), 1 + draw * 2))}
        mix, cut, merge, time = [], [], {}, chance.random() < 0.7
        if draw > 0:
            mix = chance.sample(things, chance.randrange(len(things) // 4))
            cut = chance.sample(things, chance.randrange(3))
            if chance.random() < 0.6:
                merge = {"one": chance.sample(sorted(network.stations), 3)}
        cut_now = {(kind, "one" if thing in merge.get("one", ()) else thing) for kind, thing in cut}
        observe = chance.sample(things, draw % 3)
        supposed, gone = network.suppose(mix, cut_now, merge, time)
        now = lambda thing: (thing[0], "one") if thing[1] in merge.get("one", ()) else thing

        standing = [(now(thing), weight) for thing, weight in weights.items()
                    if thing[0] == "station" or thing[1] not in gone]
        positive = sum(w for _, w in standing if w > 0)
        negative = -sum(w for _, w in standing if w < 0)
        whole = max(positive, negative) or 1
        expected = {}
        seen = {forward: set().union(*(supposed.trace(*now(thing), forward) for thing in observe
                                       if thing[0] == "station" or thing[1] not in gone))
                for forward in (True, False)}
        for thing in supposed.things():
            trace = supposed.trace(*thing, True)
            plus = sum(w for t, w in standing if w > 0 and t in trace) / whole
            minus = sum(w for t, w in standing if w < 0 and t in trace) / whole
            expected[thing] = (round(plus + minus, 9), round(plus, 9), round(minus, 9),
                               thing in seen[True], thing in seen[False])

        lines = "external_id,weight\r\n" + "".join("%s,%g\r\n" % (spell(t), w)
                                                   for t, w in weights.items())
        args = ["trace", "score", "--weights", self.path("weights.csv", lines),
                "--time", "on" if time else "off"]
        for thing in mix:
            args += ["--mix", spell(thing)]
        for thing in cut:
            args += ["--cut", spell(thing)]
        for thing in observe:
            args += ["--observe", spell(thing)]
        for new, members in merge.items():
            args += ["--merge", new + "=" + ",".join("fcl:station:" + m for m in members)]
        answer = self.ok_json(*args, data=data)
        found = {}
        for kind, rows in (("delivery", answer["units"]), ("station", answer["places"])):
            for row in rows:
                ids = [i.split(":")[2] for i in row["external_ids"] if i.startswith("fcl:" + kind)]
                name = "one" if row["key"] == "one" else ids[0]
                found[(kind, name)] = (round(row["score"], 9), round(row["positive"], 9),
                                       round(row["negative"], 9), row["forward"], row["backward"])
        self.assertEqual(found, expected)

    def test_the_table_and_what_is_refused(self):
        path = os.path.join(DATA, NETWORKS[0])
        if not os.path.exists(path):
            self.skipTest("no " + path)
        self.ok("ledger", "create", "fcl", "--subject", "ext:test:authority", "--name", "A",
                "--profile", "investigation")
        self.ok("import", "fcl", path, "--ledger", "fcl")
        station = "fcl:station:" + sorted(Network(path).stations)[0]
        weights = self.path("w.csv", "%s,1\n" % station)
        text = self.ok("trace", "score", "--weights", weights)
        self.assertIn("共同来源", text)
        for lines, why in (("fcl:nobody,1\n", "fcl:nobody"),
                           ("%s,1\n%s,2\n" % (station, station), "two weights"),
                           ("%s,much\n" % station, "line 1"),
                           ("%s\n" % station, "expected external_id,weight"),
                           ("%s,0\n" % station, "not 0"), ("", "not 0")):
            self.refused(why, self.path("bad.csv", lines))
        self.refused("NAME=PLACE", weights, "--merge", "x")
        self.refused("at least two", weights, "--merge", "x=" + station)

    def refused(self, why, weights, *args):
        failure = self.fails(1, "trace", "score", "--weights", weights, *args)
        self.assertIn(why, json.dumps(failure, ensure_ascii=False))


if __name__ == "__main__":
    cli_test.SUYUAN = sys.argv[1]
    DATA = sys.argv[2]
    unittest.main(argv=sys.argv[:1])
