// Network simplex of the C++ library LEMON on an instance of `mentorship-bench`:
//     lemon FILE int|flt total|people
//     lemon version
// Prints one line of JSON, as peers.py does. A mentor is a node with as much room as places, and every mentee
// may go to the sink without one.
#define LEMON_ONLY_TEMPLATES
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include <lemon/config.h>
#include <lemon/network_simplex.h>
#include <lemon/smart_graph.h>

using Clock = std::chrono::steady_clock;
using Graph = lemon::SmartDigraph;
using Simplex = lemon::NetworkSimplex<Graph, std::int64_t, std::int64_t>;

static double since(Clock::time_point begun) {
    return std::chrono::duration<double, std::milli>(Clock::now() - begun).count();
}

template <typename Number>
static std::vector<Number> numbers(std::ifstream &in, std::uint64_t count) {
    std::vector<Number> all(count);
    in.read(reinterpret_cast<char *>(all.data()), std::streamsize(count * sizeof(Number)));
    return all;
}

// The most memory of this process in MiB, -1 where the system does not tell.
static long peak() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.rfind("VmHWM:", 0) == 0) return std::stol(line.substr(6)) / 1024;
    }
    return -1;
}

int main(int count, char **given) {
    if (count == 2 && std::string(given[1]) == "version") {
        std::cout << LEMON_VERSION << ", g++ " << __VERSION__ << std::endl;
        return 0;
    }
    if (count != 4) return 2;
    const Clock::time_point begun = Clock::now();
    std::ifstream in(given[1], std::ios::binary);
    const std::vector<std::uint64_t> head = numbers<std::uint64_t>(in, 4);
    const std::uint64_t mentees = head[1], mentors = head[2], pairs = head[3];
    const auto capacity = numbers<std::uint32_t>(in, mentors);
    const auto starts = numbers<std::uint64_t>(in, mentees + 1);
    const auto mentor = numbers<std::uint32_t>(in, pairs);
    auto points = numbers<std::int32_t>(in, pairs);
    if (std::string(given[2]) == "flt") points = numbers<std::int32_t>(in, pairs);
    if (!in) return 2;

    std::int64_t bonus = 0;
    if (std::string(given[3]) == "people") {
        std::uint64_t places = 0;
        for (const std::uint64_t it : capacity) places += std::min(it, mentees);
        const std::int64_t most = pairs ? *std::max_element(points.begin(), points.end()) : 0;
        bonus = most * std::int64_t(std::min(mentees, places)) + 1;
    }
    Graph graph;
    graph.reserveNode(int(mentees + mentors + 1));
    graph.reserveArc(int(pairs + mentees + mentors));
    for (std::uint64_t it = 0; it <= mentees + mentors; ++it) graph.addNode();
    const Graph::Node sink = graph.nodeFromId(int(mentees + mentors));
    for (std::uint64_t mentee = 0; mentee < mentees; ++mentee) {
        for (std::uint64_t pair = starts[mentee]; pair < starts[mentee + 1]; ++pair) {
            graph.addArc(graph.nodeFromId(int(mentee)), graph.nodeFromId(int(mentees + mentor[pair])));
        }
    }
    for (std::uint64_t it = 0; it < mentees + mentors; ++it) graph.addArc(graph.nodeFromId(int(it)), sink);
    Graph::ArcMap<std::int64_t> room(graph, 1), cost(graph, 0);
    for (std::uint64_t pair = 0; pair < pairs; ++pair) {
        cost[graph.arcFromId(int(pair))] = -(points[pair] + bonus);
    }
    for (std::uint64_t it = 0; it < mentors; ++it) {
        room[graph.arcFromId(int(pairs + mentees + it))] = std::min<std::uint64_t>(capacity[it], mentees);
    }
    Graph::NodeMap<std::int64_t> supply(graph, 0);
    for (std::uint64_t it = 0; it < mentees; ++it) supply[graph.nodeFromId(int(it))] = 1;
    supply[sink] = -std::int64_t(mentees);
    Simplex simplex(graph);
    simplex.upperMap(room).costMap(cost).supplyMap(supply);
    const double built = since(begun);

    // As in peers.py: a short solve is done some more times, and the first is not counted.
    std::vector<double> times;
    Simplex::ProblemType status = Simplex::INFEASIBLE;
    const auto solve = [&] {
        const Clock::time_point from = Clock::now();
        status = simplex.run();
        return since(from);
    };
    times.push_back(solve());
    if (times[0] < 200) {
        times.clear();
        for (int it = 0; it < 3; ++it) times.push_back(solve());
    }
    if (status != Simplex::OPTIMAL) {
        std::cout << "{\"refused\": \"status " << int(status) << "\"}" << std::endl;
        return 0;
    }
    std::sort(times.begin(), times.end());
    std::int64_t total = 0, matched = 0;
    for (std::uint64_t pair = 0; pair < pairs; ++pair) {
        const std::int64_t flow = simplex.flow(graph.arcFromId(int(pair)));
        matched += flow;
        total += flow * points[pair];
    }
    std::cout << "{\"solve_ms\": " << times[times.size() / 2] << ", \"build_ms\": " << built
              << ", \"matched\": " << matched << ", \"total\": " << total << ", \"peak_mb\": " << peak() << "}"
              << std::endl;
    return 0;
}
