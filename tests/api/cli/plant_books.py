"""The books of a plant, kept from its exported events by other means than the engine's: a list of
movements, replayed. What it cannot read it refuses, so that nothing is left out unseen."""

import collections
import datetime
import decimal
import json

# That move no goods.
STILL = {"register_master", "inspect", "release", "hold", "put_in", "take_out", "transport",
         "record_parameters", "record_environment", "assign_codes", "change_scope", "correct",
         "give_notice", "answer_recall"}

Place = collections.namedtuple("Place", "unit place part container")  # of some goods


def number(quantity):
    return decimal.Decimal(quantity.get("value", "0")).scaleb(-quantity.get("scale", 0))


def text(value):
    """As the engine writes it: no exponent, no zeros at the end."""
    return format(value.normalize() if value else decimal.Decimal(0), "f")


def moment(time):
    return datetime.datetime.fromisoformat(time["at"].replace("Z", "+00:00"))


class Event:
    def __init__(self, line):
        self.json = json.loads(line)
        known = {"id", "time", "subject", "place", "persons", "documents", "late_entry",
                 "correction", "breaches", "remark"}
        (self.operation,) = set(self.json) - known
        self.what = self.json[self.operation]
        self.place = self.json.get("place", "")
        span = self.json["time"]
        self.begin = moment(span["begin"])
        self.end = moment(span.get("end", span["begin"]))


class Books:
    def __init__(self, lines, owner):
        """`owner`: the key of the ledger's subject."""
        events = [Event(line) for line in lines.splitlines()]
        dead = {e.json["correction"]["event_id"] for e in events if "correction" in e.json}
        dead |= {e.what.get("withdrawn_event_id") for e in events if e.operation == "correct"}
        self.sequences = {e.json["id"]: i for i, e in enumerate(events, start=1)}  # 0: genesis
        self.events = [e for e in events if e.json["id"] not in dead]
        self.owner = owner
        self.levels = {}  # GTIN: that of the item, and how many of it
        self.names = collections.defaultdict(set)  # of products, by unit
        self.subjects = {}
        for event in self.of("register_master"):
            product, subject = event.what.get("product", {}), event.what.get("subject", {})
            levels = product.get("packing_levels", [])
            for level in levels:
                self.levels[level["gtin"]] = (levels[0]["gtin"], level["count"])
            if subject:
                self.subjects[subject["key"]] = subject["name"]
        for event in self.of("produce", "receive", "open_stock"):
            name = event.what.get("product_name") or event.what.get("material_name")
            self.names[self.unit(event.what["unit"]["key"])].add(name)

    def of(self, *operations):
        return [e for e in self.events if e.operation in operations]

    def unit(self, key):
        """A lot under its item's number, whatever packing level it was called by."""
        if not key.startswith("lot:"):
            return key
        issuer, product, lot = key.split("/", 2)
        return "/".join([issuer, self.levels.get(product, (product, 1))[0], lot])

    def amount(self, key, quantity):
        """In pieces where packages are told."""
        if quantity["unit"] != "XCT":
            return number(quantity), quantity["unit"]
        return number(quantity) * self.levels[key.split("/")[1]][1], "H87"

    def descendants(self, unit):
        """With the unit itself: what runs that got some of it gave, and so on."""
        found = {unit}
        while True:
            runs = {e.what["run"] for e in self.of("charge", "rework")
                    if self.unit(e.what["unit"]["key"]) in found}
            more = {self.unit(e.what["unit"]["key"]) for e in self.of("produce")
                    if e.what["run"] in runs}
            if more <= found:
                return found
            found |= more

    def replay(self, until=None):
        state = State(self)
        for event in sorted(self.events, key=lambda e: e.begin):
            if until is None or event.end <= until:
                state.take(event)
        return state

    def stock(self, until=None):
        """The rows of `suyuan stock`, as dictionaries without the product, in no order."""
        return self.replay(until).rows()

    def shipments(self, units):
        """By customer (where the goods went) and unit: what was shipped and what came back."""
        return {key: one for key, one in self.replay().shipments.items() if key[1] in units}


class State:
    """Where all goods are after some events."""

    def __init__(self, books):
        self.books = books
        self.goods = collections.Counter()  # by Place and unit of measure
        self.outer = {}                     # container: that which it is in
        self.held = set()
        self.recalled = set()
        self.returned = set()               # parts
        self.shipments = {}                 # by receiver and unit

    def add(self, place, amount, sign=1):
        self.goods[place, amount[1]] += sign * amount[0]

    def here(self, key, event, part=""):
        return Place(self.books.unit(key), event.place, part, "")

    def within(self, container):
        """The goods in a container, at any depth."""
        inner = {container} | {c for c in self.outer if container in self.chain(c)}
        return [(p, uom) for p, uom in list(self.goods) if p.container in inner]

    def chain(self, container):
        while container in self.outer:
            container = self.outer[container]
            yield container

    def relocate(self, ref, quantity, event, to, **changes):
        """A container with all that is in it, or a quantity of loose goods; to None: gone. What
        it was: units and amounts."""
        key = ref["key"]
        if key.startswith("sscc:"):
            taken = [(place, (self.goods.pop((place, uom)), uom)) for place, uom in self.within(key)]
            assert taken, key + " is empty"
            for place, amount in taken:
                if to is not None:
                    self.add(place._replace(place=to, **changes), amount)
            self.outer.pop(key, None)
            return [(place.unit, amount) for place, amount in taken]
        amount = self.books.amount(key, quantity)
        place = self.here(key, event, ref.get("part", ""))
        self.add(place._replace(place=changes.pop("origin", place.place)), amount, -1)
        if to is not None:
            self.add(place._replace(place=to, **changes), amount)
        return [(place.unit, amount)]

    def unpack(self, container, contents):
        """All of it where no contents are told."""
        for content in contents or []:
            assert self.outer.pop(content["unit"]["key"]) == container
        if contents:
            return
        for inner in [c for c, outer in self.outer.items() if outer == container]:
            del self.outer[inner]
        for place, uom in [(p, uom) for p, uom in self.goods if p.container == container]:
            self.goods[place._replace(container=""), uom] += self.goods.pop((place, uom))

    def shipped(self, event, to, goods):
        local = event.begin + datetime.timedelta(hours=8)
        for unit, (value, uom) in goods:
            one = self.shipments.setdefault((to, unit), {
                "name": event.what["customer_name"], "address": event.what["customer_address"],
                "contact": event.what["customer_phone"], "uom": uom,
                "date": local.date().isoformat(), "shipped": 0, "returned": 0})
            assert one["uom"] == uom
            one["shipped"] += value

    def take(self, event):
        what, operation = event.what, event.operation
        if operation == "hold":
            self.held.add(self.books.unit(what["unit"]["key"]))
        elif operation == "recall_goods":
            self.recalled.add(self.books.unit(what["unit"]["key"]))
        elif operation in STILL:
            pass
        elif operation == "pack":
            for content in what["contents"]:
                key, container = content["unit"]["key"], what["container"]["key"]
                if key.startswith("sscc:"):
                    self.outer[key] = container
                else:
                    self.relocate(content["unit"], content["quantity"], event, event.place,
                                  container=container)
        elif operation == "unpack":
            self.unpack(what["container"]["key"], what.get("contents"))
        elif operation in ("produce", "receive", "open_stock"):
            self.add(self.here(what["unit"]["key"], event),
                     self.books.amount(what["unit"]["key"], what["quantity"]))
        elif operation == "adjust_stock":
            self.add(self.here(what["unit"]["key"], event),
                     self.books.amount(what["unit"]["key"], what["difference"]))
        elif operation in ("charge", "rework", "take_sample", "record_waste", "destroy_goods"):
            self.relocate(what["unit"], what["quantity"], event, None)
        elif operation == "move":
            self.relocate(what["unit"], what["quantity"], event, what["to"])
        elif operation == "ship":
            to = what.get("ship_to", what["customer"])
            self.shipped(event, to, self.relocate(what["unit"], what["quantity"], event, to))
        elif operation == "return_goods":
            origin = {} if what["unit"]["key"].startswith("sscc:") else {"origin": what["from"]}
            back = self.relocate(what["unit"], what["quantity"], event, event.place,
                                 part=what["part"], **origin)
            self.returned.add(what["part"])
            for unit, amount in back:
                self.shipments[what["from"], unit]["returned"] += amount[0]
        else:
            raise NotImplementedError(operation)

    def open_packages(self):
        """Whoever keeps no books here opens what they got: loose goods that came back from there
        were in any of it."""
        for place, uom in [key for key, value in self.goods.items() if value < 0]:
            for other in [p for p, u in self.goods if p.container and u == uom
                          and p._replace(container="") == place]:
                self.goods[place, uom] += self.goods.pop((other, uom))

    def rows(self):
        self.open_packages()
        rows = []
        for (place, uom), value in self.goods.items():
            if not value:
                continue
            holder = place.place.split("/")[0]
            state = ("shipped" if holder != self.books.owner else
                     "returned" if place.part in self.returned else
                     "recalled" if place.unit in self.recalled else
                     "held" if place.unit in self.held else "on-hand")
            rows.append({"unit": place.unit, "part": place.part, "container": place.container,
                         "holder": holder, "holder_name": self.books.subjects.get(holder, ""),
                         "place": place.place if "/" in place.place else "", "state": state,
                         "quantity": text(value), "uom": uom})
        return rows
