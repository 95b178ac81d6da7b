//! Exchanging pairs of one score for better ones, as many as can be.
//!
//! What may still be exchanged is a network: along a free edge a mentee takes a mentor, along a pair a mentor
//! gives up a mentee, and whoever need not be full may take or give up somebody from *outside*. The pairs of the
//! lowest score are taken apart; each of these mentees has to be supplied with a mentor and each of these
//! mentors demands a mentee, at the least cost, where an edge of that score costs 1 and any other nothing.
//! The cheapest flow exchanges most pairs, and its potentials prove that no more can be exchanged.
//!
//! Source: the primal-dual method of Ford and Fulkerson; flows along shortest ways by Dinic's algorithm.
#![expect(clippy::indexing_slicing, reason = "nodes and edges are numbered here and stay inside")]

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
};

use super::{
    graph::NONE,
    meter::{Meter, Stopped},
};

/// An edge that may still be exchanged. Mentees are nodes from 0, mentors follow them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Open {
    /// Its number in the problem.
    pub(super) number: u32,
    pub(super) mentee: u32,
    pub(super) mentor: u32,
    /// Whether it has the score in question.
    pub(super) costs: bool,
    pub(super) used: bool,
}

/// How full somebody is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Load {
    pub(super) taken: u32,
    pub(super) places: u32,
    /// Must stay full.
    pub(super) tight: bool,
}

/// A step from one node to another.
#[derive(Clone, Copy, Debug)]
struct Step {
    from: u32,
    to: u32,
    /// The edge, or [`NONE`] for a step from or to outside.
    edge: u32,
}

pub(super) struct Network<'a> {
    mentees: u32,
    edges: &'a mut [Open],
    load: &'a mut [Load],
    /// `starts[node]..starts[node + 1]` are the edges of a node in `halves`.
    starts: Vec<u32>,
    halves: Vec<u32>,
    /// Nodes that need not be full.
    loose: Vec<u32>,
    /// How many each mentee has to be supplied with, and each mentor demands.
    missing: Vec<u32>,
    supplied: Vec<u32>,
    potential: Vec<i64>,
    /// By node, of the search under way.
    length: Vec<i64>,
    level: Vec<u32>,
    next: Vec<u32>,
}

impl<'a> Network<'a> {
    /// `load` is of mentees and then mentors.
    pub(super) fn new(mentees: u32, edges: &'a mut [Open], load: &'a mut [Load]) -> Self {
        let nodes = load.len();
        let mut starts = vec![0_u32; nodes + 1];
        for edge in &*edges {
            starts[edge.mentee as usize + 1] += 1;
            starts[edge.mentor as usize + 1] += 1;
        }
        for node in 0..nodes {
            starts[node + 1] += starts[node];
        }
        let mut at = starts.clone();
        let mut halves = vec![0_u32; edges.len() * 2];
        for (number, edge) in (0..).zip(&*edges) {
            for node in [edge.mentee, edge.mentor] {
                halves[at[node as usize] as usize] = number;
                at[node as usize] += 1;
            }
        }
        let loose = (0..).zip(&*load).filter(|(_, it)| !it.tight).map(|(node, _)| node).collect();
        Self {
            mentees,
            edges,
            starts,
            halves,
            loose,
            missing: vec![0; nodes],
            supplied: Vec::new(),
            potential: vec![0; nodes + 1],
            length: vec![0; nodes + 1],
            level: vec![0; nodes + 1],
            next: vec![0; nodes + 1],
            load,
        }
    }

    /// Exchanges as many of the used edges that cost as can be. Afterwards [`Network::dual`] proves it.
    pub(super) fn exchange(&mut self, meter: &mut Meter<'_>) -> Result<(), Stopped> {
        for edge in self.edges.iter_mut().filter(|edge| edge.used && edge.costs) {
            edge.used = false;
            for node in [edge.mentee, edge.mentor] {
                self.missing[node as usize] += 1;
            }
            self.supplied.push(edge.mentee);
        }
        self.supplied.sort_unstable();
        self.supplied.dedup();
        while !self.supplied.is_empty() {
            self.shorten(meter)?;
            while self.layers(meter)? {
                self.next.fill(0);
                for mentee in self.supplied.clone() {
                    while self.missing[mentee as usize] > 0 && self.augment(mentee, meter)? {}
                }
                self.supplied.retain(|mentee| self.missing[*mentee as usize] > 0);
            }
        }
        Ok(())
    }

    /// What a node is worth in the place of the score: a profit or a price.
    pub(super) fn dual(&self, node: u32) -> i64 {
        let own = self.potential[node as usize] - self.potential[self.outside() as usize];
        let dual = if node < self.mentees { own } else { -own };
        let Load { taken, tight, .. } = self.load[node as usize];
        // Nothing holds the number of somebody without a pair down.
        if taken == 0 && !tight { dual.max(0) } else { dual }
    }

    fn outside(&self) -> u32 {
        u32::try_from(self.load.len()).unwrap_or(NONE)
    }

    /// How many steps lead from a node, possible ones and others.
    fn steps(&self, node: u32) -> u32 {
        if node == self.outside() {
            return u32::try_from(self.loose.len()).unwrap_or(NONE);
        }
        let node = node as usize;
        self.starts[node + 1] - self.starts[node] + u32::from(!self.load[node].tight)
    }

    /// One of them and its cost, if it is possible.
    fn step(&self, from: u32, number: u32) -> Option<(Step, i64)> {
        let outside = self.outside();
        if from == outside {
            let to = self.loose[number as usize];
            let Load { taken, places, .. } = self.load[to as usize];
            let possible = if to < self.mentees { taken < places } else { taken > 0 };
            return possible.then_some((Step { from, to, edge: NONE }, 0));
        }
        let start = self.starts[from as usize];
        if start + number == self.starts[from as usize + 1] {
            let Load { taken, places, .. } = self.load[from as usize];
            let possible = if from < self.mentees { taken > 0 } else { taken < places };
            return possible.then_some((Step { from, to: outside, edge: NONE }, 0));
        }
        let edge = self.halves[(start + number) as usize];
        let Open { mentee, mentor, costs, used, .. } = self.edges[edge as usize];
        match (from < self.mentees, used) {
            (true, false) => Some((Step { from, to: mentor, edge }, i64::from(costs))),
            (false, true) => Some((Step { from, to: mentee, edge }, -i64::from(costs))),
            _ => None,
        }
    }

    /// As [`Network::step`], with the cost that is left above the potentials; never below 0.
    fn reduced(&self, from: u32, number: u32) -> Option<(Step, i64)> {
        let (step, cost) = self.step(from, number)?;
        let [from, to] = [step.from, step.to].map(|node| self.potential[node as usize]);
        Some((step, cost + from - to))
    }

    fn demands(&self, node: u32) -> bool {
        node >= self.mentees && self.missing.get(node as usize).is_some_and(|it| *it > 0)
    }

    /// Moves potentials until a demand can be met without cost above them: Dijkstra from whoever is supplied.
    fn shorten(&mut self, meter: &mut Meter<'_>) -> Result<(), Stopped> {
        self.length.fill(i64::MAX);
        let mut heap = BinaryHeap::new();
        let mut level: VecDeque<u32> = self.supplied.iter().copied().collect();
        for &mentee in &self.supplied {
            self.length[mentee as usize] = 0;
        }
        let mut now = 0;
        let mut nearest = None;
        loop {
            let at = level.pop_front().map(|node| (now, node));
            let Some((length, node)) = at.or_else(|| heap.pop().map(|Reverse(it)| it)) else {
                break;
            };
            now = length;
            if length > self.length[node as usize] {
                continue;
            }
            if self.demands(node) {
                nearest = Some(length);
                break;
            }
            meter.spend(self.steps(node) as usize)?;
            for number in 0..self.steps(node) {
                let Some((step, cost)) = self.reduced(node, number) else { continue };
                let length = length + cost;
                let known = &mut self.length[step.to as usize];
                if length >= *known {
                    continue;
                }
                *known = length;
                if length == now {
                    level.push_back(step.to);
                } else {
                    heap.push(Reverse((length, step.to)));
                }
            }
        }
        // There always is one: the pairs that were taken apart can be put together again.
        let nearest = nearest.ok_or(Stopped)?;
        for (potential, length) in self.potential.iter_mut().zip(&self.length) {
            *potential += nearest.min(*length);
        }
        Ok(())
    }

    /// How many steps without cost everybody is away from the supplied; whether any demand is reached.
    fn layers(&mut self, meter: &mut Meter<'_>) -> Result<bool, Stopped> {
        self.level.fill(NONE);
        let mut open: VecDeque<u32> = self.supplied.iter().copied().collect();
        for &mentee in &self.supplied {
            self.level[mentee as usize] = 0;
        }
        let mut reached = false;
        while let Some(node) = open.pop_front() {
            reached |= self.demands(node);
            meter.spend(self.steps(node) as usize)?;
            for number in 0..self.steps(node) {
                let Some((step, 0)) = self.reduced(node, number) else { continue };
                let next = self.level[node as usize] + 1;
                let level = &mut self.level[step.to as usize];
                if *level == NONE {
                    *level = next;
                    open.push_back(step.to);
                }
            }
        }
        Ok(reached)
    }

    /// Supplies a mentee along one way that gets farther with each step.
    fn augment(&mut self, mentee: u32, meter: &mut Meter<'_>) -> Result<bool, Stopped> {
        let mut way: Vec<Step> = Vec::new();
        let mut node = mentee;
        loop {
            if self.demands(node) {
                self.missing[mentee as usize] -= 1;
                self.missing[node as usize] -= 1;
                for step in way {
                    self.take(step);
                }
                return Ok(true);
            }
            meter.spend(1)?;
            let number = self.next[node as usize];
            if number < self.steps(node) {
                match self.reduced(node, number) {
                    Some((step, 0))
                        if self.level[step.to as usize] == self.level[node as usize] + 1 =>
                    {
                        node = step.to;
                        way.push(step);
                    }
                    _ => self.next[node as usize] += 1,
                }
                continue;
            }
            let Some(back) = way.pop() else { return Ok(false) };
            node = back.from;
            self.next[node as usize] += 1;
        }
    }

    fn take(&mut self, step: Step) {
        if step.edge != NONE {
            let used = &mut self.edges[step.edge as usize].used;
            *used = !*used;
            return;
        }
        let node = if step.to == self.outside() { step.from } else { step.to };
        // From outside to a mentee and from a mentor to outside, somebody is paired more.
        let more = (node < self.mentees) == (step.from == self.outside());
        let taken = &mut self.load[node as usize].taken;
        *taken = if more { *taken + 1 } else { *taken - 1 };
    }
}
