"""Stable pairings by other libraries, one solver in one process.

    stable_peers.py list                                       which solvers there are, and their versions
    stable_peers.py run SOLVER RANKS PAIRS [CAPACITIES]        solves, writes the pairs, prints one line of JSON

RANKS has the header `mentee,mentor,mentee_rank,mentor_rank`, CAPACITIES `mentor,capacity`; who is not in the
latter has one place. Every solver is asked for the stable pairing that is best for the mentees. Reading and
building are timed by themselves, as `build_ms`.
"""

import csv
import sys
import threading
import time
from collections import defaultdict

from peers import Refused, main, peak, timed


class Instance:
    """Who wants whom, best first, by number; and what the numbers are called."""

    def __init__(self, ranks, capacities):
        self.names = {"mentee": [], "mentor": []}
        numbers = {"mentee": {}, "mentor": {}}

        def number(side, name):
            known = numbers[side]
            if name not in known:
                # The libraries count from 1.
                self.names[side].append(name)
                known[name] = len(known) + 1
            return known[name]

        wants, offers = defaultdict(list), defaultdict(list)
        with open(ranks, newline="", encoding="utf-8-sig") as file:
            for row in csv.DictReader(file):
                mentee, mentor = (number(side, row[side].strip()) for side in self.names)
                wants[mentee].append((int(row["mentee_rank"]), mentor))
                offers[mentor].append((int(row["mentor_rank"]), mentee))
        places = dict.fromkeys(offers, 1)
        if capacities:
            with open(capacities, newline="", encoding="utf-8-sig") as file:
                for row in csv.DictReader(file):
                    mentor = numbers["mentor"].get(row["mentor"].strip())
                    if mentor:
                        places[mentor] = int(row["capacity"])
        if 0 in places.values():
            raise Refused("a mentor without places")
        self.wants, self.offers = strict(wants), strict(offers)
        self.places = places

    def write(self, pairs, path):
        with open(path, "w", newline="", encoding="utf-8") as file:
            out = csv.writer(file, lineterminator="\n")
            out.writerow(["mentee", "mentor"])
            for mentee, mentor in pairs:
                out.writerow([self.names["mentee"][mentee - 1], self.names["mentor"][mentor - 1]])


def strict(ranked):
    lists = {}
    for person, others in ranked.items():
        others.sort()
        if any(one[0] == other[0] for one, other in zip(others, others[1:])):
            raise Refused("ties")
        lists[person] = [other for _, other in others]
    return lists


def matching(instance):
    from matching.games import HospitalResident

    def build():
        make = HospitalResident.create_from_dictionaries
        return make(instance.wants, instance.offers, instance.places)

    def pairs(found):
        return [(it.name, mentor.name) for mentor, held in found.items() for it in held]

    return build, lambda game: game.solve(optimal="resident"), pairs


def algmatch(instance):
    from algmatch import HospitalResidentsProblem

    def build():
        mentors = {
            mentor: {"capacity": instance.places[mentor], "preferences": wanted}
            for mentor, wanted in instance.offers.items()
        }
        lists = {"residents": instance.wants, "hospitals": mentors}
        return HospitalResidentsProblem(dictionary=lists, optimised_side="residents")

    def pairs(found):
        if found is None:
            raise Refused("it calls its own pairing not stable")
        sided = found["resident_sided"].items()
        return [(int(mentee[1:]), int(mentor[1:])) for mentee, mentor in sided if mentor]

    return build, lambda problem: problem.get_stable_matching(), pairs


# Name, package to install, module, and what makes the model.
SOLVERS = [
    ("matching", "matching", "matching.games", matching),
    ("algmatch", "algmatch", "algmatch", algmatch),
]


def measured(name, ranks, path, capacities=None):
    model = next(model for known, _, _, model in SOLVERS if known == name)
    begun = time.perf_counter()
    instance = Instance(ranks, capacities)
    build, solve, read = model(instance)
    ready = build()
    built = time.perf_counter() - begun
    found, took = timed(solve, ready)
    pairs = read(found)
    instance.write(pairs, path)
    return {
        "solve_ms": took * 1000,
        "build_ms": built * 1000,
        "matched": len(pairs),
        "peak_mb": peak(),
    }


if __name__ == "__main__":
    # `matching` copies its players with a recursion as deep as there are of them.
    sys.setrecursionlimit(10_000_000)
    threading.stack_size(1 << 30)
    asked = threading.Thread(target=main, args=(sys.argv[1:], SOLVERS, measured))
    asked.start()
    asked.join()
