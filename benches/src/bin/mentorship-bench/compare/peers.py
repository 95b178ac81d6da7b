"""Other solvers on an instance of `mentorship-bench`, one solver in one process.

    peers.py list                                   which solvers there are, and their versions
    peers.py run SOLVER FILE int|flt total|people   solves, and prints one line of JSON

Every solver is asked the same thing: the highest total of points, where nobody has to be paired. For the most
people each pair is worth more than all points together on top. What a solver cannot express is added to its
model: places of a mentor as so many copies, staying alone as a partner of one's own. Building the model is
timed by itself and not counted.
"""

import importlib
import importlib.metadata
import json
import sys
import time

# Solves shorter than this are done some more times, the first not counted: it finds everything cold.
SHORT = 0.2
AGAIN = 3
# Cells of a dense matrix, and pairs for a solver written in Python, beyond which nothing is tried.
CELLS = 40_000_000
PAIRS_OF_PYTHON = 20_000


class Refused(Exception):
    """The solver cannot take this instance."""


class Instance:
    """The instance in arrays: rows of mentees, the mentor and the points of each pair."""

    def __init__(self, path, weights, objective):
        import numpy as np

        raw = np.fromfile(path, dtype="<u1")
        self.mentees, self.mentors, self.pairs = (int(n) for n in raw[8:32].view("<u8"))
        at = 32

        def take(kind, count):
            nonlocal at
            size = np.dtype(kind).itemsize * count
            found = raw[at : at + size].copy().view(kind)
            at += size
            return found

        self.places = np.minimum(take("<u4", self.mentors), self.mentees).astype(np.int64)
        self.starts = take("<u8", self.mentees + 1).astype(np.int64)
        self.mentor = take("<u4", self.pairs).astype(np.int64)
        scales = [take("<i4", self.pairs), take("<i4", self.pairs)]
        self.points = scales[0 if weights == "int" else 1].astype(np.int64)
        self.mentee = np.repeat(np.arange(self.mentees, dtype=np.int64), np.diff(self.starts))
        most = int(self.points.max(initial=0))
        most_pairs = min(self.mentees, int(self.places.sum()))
        bonus = most * most_pairs + 1 if objective == "people" else 0
        # What a pair is worth to the solver, and the most that any is.
        self.worth = self.points + bonus
        self.most = most + bonus

    def copies(self):
        """Every pair once for each place of its mentor: mentee, place, worth."""
        import numpy as np

        first = np.concatenate([[0], np.cumsum(self.places)[:-1]]) if self.mentors else self.places
        count = self.places[self.mentor]
        mentee, worth = np.repeat(self.mentee, count), np.repeat(self.worth, count)
        begin = np.cumsum(count) - count
        place = np.repeat(first[self.mentor] - begin, count) + np.arange(len(mentee))
        return mentee, place, worth

    def owner(self):
        """The mentor of each place."""
        import numpy as np

        return np.repeat(np.arange(self.mentors, dtype=np.int64), self.places)

    def matrix(self, square, kind):
        """Worth of every mentee with every place, 0 where they may not be paired."""
        import numpy as np

        columns = int(self.places.sum())
        shape = (self.mentees, columns)
        if square:
            shape = (max(shape),) * 2
        if shape[0] * shape[1] > CELLS:
            raise Refused(f"a matrix of {shape[0]} x {shape[1]}")
        if shape[0] * shape[1] == 0:
            raise Refused("an empty matrix")
        matrix = np.zeros(shape, dtype=kind)
        mentee, place, worth = self.copies()
        matrix[mentee, place] = worth
        return matrix

    def value(self, mentees, mentors):
        """Pairs and points of a pairing, and whether it keeps the rules."""
        import numpy as np

        key = self.mentee * max(self.mentors, 1) + self.mentor
        wanted = np.asarray(mentees, dtype=np.int64) * max(self.mentors, 1)
        wanted = wanted + np.asarray(mentors, dtype=np.int64)
        if len(key) == 0:
            return 0, 0, True
        at = np.minimum(np.searchsorted(key, wanted), len(key) - 1)
        kept = key[at] == wanted
        at, mentors = at[kept], np.asarray(mentors, dtype=np.int64)[kept]
        mentees = np.asarray(mentees, dtype=np.int64)[kept]
        once = len(np.unique(mentees)) == len(mentees)
        fits = bool((np.bincount(mentors, minlength=self.mentors) <= self.places).all())
        return len(at), int(self.points[at].sum()), once and fits


def ortools(instance):
    import numpy as np
    from ortools.graph.python import min_cost_flow

    mentees, mentors = instance.mentees, instance.mentors
    sink = mentees + mentors
    people, others = np.arange(mentees), mentees + np.arange(mentors)
    tails = np.concatenate([instance.mentee, others, people]).astype(np.int32)
    heads = np.concatenate(
        [mentees + instance.mentor, np.full(mentors, sink), np.full(mentees, sink)]
    ).astype(np.int32)
    ones = np.ones(instance.pairs, dtype=np.int64)
    room = np.concatenate([ones, instance.places, np.ones(mentees, dtype=np.int64)])
    none = np.zeros(mentors + mentees, dtype=np.int64)
    cost = np.concatenate([-instance.worth, none])
    supply = np.concatenate([np.ones(mentees), np.zeros(mentors), [-mentees]]).astype(np.int64)

    def build():
        flow = min_cost_flow.SimpleMinCostFlow()
        arcs = flow.add_arcs_with_capacity_and_unit_cost(tails, heads, room, cost)
        flow.set_nodes_supplies(np.arange(sink + 1, dtype=np.int32), supply)
        return flow, arcs

    def solve(model):
        status = model[0].solve()
        if status != model[0].OPTIMAL:
            raise Refused(f"status {status}")
        return model

    def read(model):
        used = np.asarray(model[0].flows(model[1][: instance.pairs])) > 0
        return instance.mentee[used], instance.mentor[used]

    return build, solve, read


def places_of(instance, rows, columns):
    """Pairs of rows and places, without those that are nobody's."""
    import numpy as np

    owner = instance.owner()
    rows, columns = np.asarray(rows), np.asarray(columns)
    real = (rows < instance.mentees) & (columns >= 0) & (columns < len(owner))
    return rows[real], owner[columns[real]]


def scipy_dense(instance):
    from scipy.optimize import linear_sum_assignment

    matrix = instance.matrix(False, "f8")
    return (
        lambda: matrix,
        lambda it: linear_sum_assignment(it, maximize=True),
        lambda found: places_of(instance, *found),
    )


def scipy_sparse(instance):
    import numpy as np
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    mentees, places = instance.mentees, int(instance.places.sum())
    if mentees == 0:
        raise Refused("no mentees")
    mentee, place, worth = instance.copies()
    alone = np.arange(mentees)
    rows, columns = np.concatenate([mentee, alone]), np.concatenate([place, places + alone])
    # Zeros would be dropped: every partner is worth one more, also that of one's own.
    worth = np.concatenate([worth + 1, np.ones(mentees)]).astype("f8")
    graph = csr_array((worth, (rows, columns)), shape=(mentees, places + mentees))
    return (
        lambda: graph,
        lambda it: min_weight_full_bipartite_matching(it, maximize=True),
        lambda found: places_of(instance, *found),
    )


def lapx_dense(solver):
    def model(instance):
        import lap
        import numpy as np

        cost = instance.most - instance.matrix(False, "f8")
        if not hasattr(lap, solver):
            raise Refused(f"lapx {lap.__version__} has no {solver}")

        if solver == "lapjvs":
            # Gives rows and columns of the pairs, the other the column of each row.
            run = lambda it: lap.lapjvs(it, extend_cost=True)
            return lambda: cost, run, lambda found: places_of(instance, found[1], found[2])

        def read(found):
            columns = np.asarray(found[1])
            return places_of(instance, np.arange(len(columns)), columns)

        return lambda: cost, lambda it: lap.lapjv(it, extend_cost=True), read

    return model


def lapx_sparse(instance):
    import lap
    import numpy as np

    mentees, places = instance.mentees, int(instance.places.sum())
    size = mentees + places
    if size == 0 or instance.pairs == 0:
        raise Refused("no pairs")
    mentee, place, worth = instance.copies()
    alone, empty = np.arange(mentees), np.arange(places)
    # A mentee may stay alone with a column of their own. A place may stay empty with a row of its own, and
    # if a mentee takes it, that row takes the column which the mentee left.
    rows = np.concatenate([mentee, alone, mentees + empty, mentees + place])
    columns = np.concatenate([place, places + alone, empty, places + mentee])
    none = np.zeros(places + len(place))
    cost = np.concatenate([instance.most - worth, np.full(mentees, instance.most), none])
    order = np.lexsort((columns, rows))
    starts = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=size))]).astype(np.int32)
    cost, columns = cost[order].astype("f8"), columns[order].astype(np.int32)
    return (
        lambda: (size, cost, starts, columns),
        lambda it: lap.lapmod(*it),
        lambda found: places_of(instance, np.arange(size), found[1]),
    )


def lapjv(instance):
    import lapjv as library
    import numpy as np

    cost = instance.most - instance.matrix(True, "f8")

    def read(found):
        columns = np.asarray(found[0])
        return places_of(instance, np.arange(len(columns)), columns)

    return lambda: cost, library.lapjv, read


def networkx(instance):
    import networkx as library

    mentee, place, worth = instance.copies()
    if len(mentee) > PAIRS_OF_PYTHON:
        raise Refused(f"{len(mentee)} edges for a solver in Python")
    owner = instance.owner()
    mentees = instance.mentees

    def build():
        graph = library.Graph()
        ends = zip(mentee.tolist(), (mentees + place).tolist(), worth.tolist())
        graph.add_weighted_edges_from(ends)
        return graph

    def read(found):
        pairs = [(min(pair), max(pair) - mentees) for pair in found]
        return [one for one, _ in pairs], [owner[other] for _, other in pairs]

    return build, library.max_weight_matching, read


# Name, package to install, module, and what makes the model.
SOLVERS = [
    ("ortools", "ortools", "ortools.graph.python.min_cost_flow", ortools),
    ("lapx-lapmod", "lapx", "lap", lapx_sparse),
    ("lapx-lapjv", "lapx", "lap", lapx_dense("lapjv")),
    ("lapx-lapjvs", "lapx", "lap", lapx_dense("lapjvs")),
    ("lapjv", "lapjv", "lapjv", lapjv),
    ("scipy-dense", "scipy", "scipy.optimize", scipy_dense),
    ("scipy-sparse", "scipy", "scipy.sparse.csgraph", scipy_sparse),
    ("networkx", "networkx", "networkx", networkx),
]


def listed(solvers, needed):
    peers = []
    for name, package, module, _ in solvers:
        peer = {"name": name, "package": package, "version": None, "why": None}
        try:
            for name in [*needed, module]:
                importlib.import_module(name)
            peer["version"] = importlib.metadata.version(package)
        except Exception as error:  # a broken package must not hide the others
            peer["why"] = str(error) or type(error).__name__
        peers.append(peer)
    return {"python": sys.version.split()[0], "peers": peers}


def peak():
    """The most memory of this process in MiB, Python itself and the instance included."""
    try:
        with open("/proc/self/status") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) // 1024
    except OSError:
        pass
    try:
        import resource
    except ImportError:
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most // (1024 * 1024 if sys.platform == "darwin" else 1024)


def timed(run, *given):
    begun = time.perf_counter()
    done = run(*given)
    return done, time.perf_counter() - begun


def median(times):
    times = sorted(times)
    middle = len(times) // 2
    return times[middle] if len(times) % 2 else (times[middle - 1] + times[middle]) / 2


def measured(name, path, weights, objective):
    model = next(model for known, _, _, model in SOLVERS if known == name)
    begun = time.perf_counter()
    instance = Instance(path, weights, objective)
    build, solve, read = model(instance)
    ready = build()
    built = time.perf_counter() - begun
    found, first = timed(solve, ready)
    times = [first]
    if first < SHORT:
        times = []
        for _ in range(AGAIN):
            ready = build()
            found, took = timed(solve, ready)
            times.append(took)
    matched, total, keeps = instance.value(*read(found))
    if not keeps:
        raise Refused("its pairs break the rules")
    return {
        "solve_ms": median(times) * 1000,
        "build_ms": built * 1000,
        "matched": matched,
        "total": total,
        "peak_mb": peak(),
    }


def main(arguments, solvers, measured, needed=()):
    """Answers `list`, or measures what stands behind `run`; all solvers need some modules."""
    if arguments == ["list"]:
        answer = listed(solvers, needed)
    else:
        try:
            answer = measured(*arguments[1:])
        except Refused as why:
            answer = {"refused": str(why)}
        except MemoryError:
            answer = {"refused": "out of memory"}
        except Exception as error:  # told in the table, beside the others
            answer = {"refused": f"{type(error).__name__}: {error}".splitlines()[0]}
    print(json.dumps(answer))


if __name__ == "__main__":
    main(sys.argv[1:], SOLVERS, measured, ["numpy"])
