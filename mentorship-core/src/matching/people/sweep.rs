//! One mentee beside all mentors: upper bounds of all scores at once, and the exact score where it matters.
//!
//! What rules give that are looked up by answer is the same for all mentees who answered alike, so it is
//! added up once for them (`base`, exact for these rules). Choices that are counted add a little more than
//! they may give, so that the sum is a bound, in whole points, and at most a point too high for each choice.
//! Whoever reads the bounds asks for the exact score only where a bound is good enough.
#![expect(clippy::indexing_slicing, reason = "places, rules and people come from the board")]

use std::{collections::HashMap, ops::Range};

use super::{
    board::{Board, Way, Weighted, small},
    compiled::People,
    values::Value,
};

/// Places that are added to without need are cheaper than a search for the next run up to so many.
const WORTH_A_SEARCH: usize = 64;
/// Runs that are kept to be used again.
const KEPT_MAX: usize = 1 << 20;

/// A mentee beside all mentors, one after the other. Mentees of one group should follow each other.
#[derive(Debug)]
pub(super) struct Sweep<'a> {
    people: &'a People,
    board: &'a Board,
    /// By place: points of the rules that are looked up.
    base: Vec<i16>,
    /// By place, within [`Sweep::runs`]: no less than the score without a wish.
    pub(super) bounds: Vec<i16>,
    /// Places of the mentors whom the gates let in.
    pub(super) runs: Vec<Range<usize>>,
    /// The runs of classes that were there before.
    kept: HashMap<u32, Box<[Range<usize>]>>,
    kept_runs: usize,
    /// Whose points the base holds: a group, and the class if it holds them within the runs only.
    group: Option<(u32, Option<u32>)>,
    class: Option<u32>,
    mentee: u32,
    /// For each part of the places in which the same rules are left out: the most points of each rule.
    most: Vec<Vec<u32>>,
    /// The same parts, if all that is missing from the base is one rule about common choices: how many there
    /// are follows from the bound, so that nothing has to be measured.
    sole: Vec<Sole>,
}

/// A rule about common choices that is the only one to be counted.
#[derive(Debug)]
struct Sole {
    /// What each common choice added to the bound; at least 1.
    step: i16,
    /// The exact points of so many common choices.
    points: Vec<i16>,
}

impl<'a> Sweep<'a> {
    pub(super) fn new(people: &'a People, board: &'a Board) -> Self {
        Self {
            people,
            board,
            base: vec![0; board.mentors.len()],
            bounds: vec![0; board.mentors.len()],
            runs: Vec::new(),
            kept: HashMap::new(),
            kept_runs: 0,
            group: None,
            class: None,
            mentee: 0,
            most: Vec::new(),
            sole: Vec::new(),
        }
    }

    /// Goes to a mentee, of the group and class that the board has put them in; `alone` if few are of that
    /// group, so that what they have in common is not worth finding out for all places.
    pub(super) fn go_to(&mut self, mentee: u32, group: u32, class: u32, alone: bool) {
        self.let_in(mentee, class);
        let group = Some((group, alone.then_some(class)));
        if self.group != group {
            self.look_up(alone);
            self.group = group;
        }
        let waiting = small(self.people.waiting[mentee as usize]);
        for run in &self.runs {
            let base = &self.base[run.clone()];
            for (bound, base) in self.bounds[run.clone()].iter_mut().zip(base) {
                *bound = *base + waiting;
            }
        }
        self.sole.clear();
        self.count();
    }

    /// Finds the mentors whom the gates let in, without looking at points: bounds and scores are not to be
    /// asked for.
    pub(super) fn let_in(&mut self, mentee: u32, class: u32) {
        self.mentee = mentee;
        if self.class == Some(class) {
            return;
        }
        self.class = Some(class);
        if let Some(runs) = self.kept.get(&class) {
            self.runs.clear();
            self.runs.extend_from_slice(runs);
            return;
        }
        self.board.runs(self.people, mentee, &mut self.runs);
        if self.kept_runs + self.runs.len() <= KEPT_MAX {
            self.kept_runs += self.runs.len();
            self.kept.insert(class, self.runs.as_slice().into());
        }
    }

    fn look_up(&mut self, within_runs: bool) {
        let (people, board) = (self.people, self.board);
        let own = people.rules.left_out_for_mentee(self.mentee);
        let everywhere = 0..self.base.len();
        let runs = if within_runs { &*self.runs } else { std::slice::from_ref(&everywhere) };
        for run in runs {
            self.base[run.clone()].fill(0);
        }
        self.most.clear();
        for (theirs, range) in &board.left_out {
            let most = people.rules.most(own | theirs);
            for joint in &board.joints {
                let table = joint.table(|member| {
                    let weighted = &board.weighted[member];
                    let rule = &people.rules.0[weighted.rule];
                    weighted.table(rule, rule.mentees.value(self.mentee), most[weighted.rule])
                });
                for run in runs {
                    let places = run.start.max(range.start)..run.end.min(range.end);
                    if places.is_empty() {
                        continue;
                    }
                    let codes = &joint.codes[places.clone()];
                    for (base, code) in self.base[places].iter_mut().zip(codes) {
                        *base += table[usize::from(*code)];
                    }
                }
            }
            self.most.push(most);
        }
    }

    /// Adds what counted choices give at most. Places outside of the runs are never read, so it does not
    /// matter what becomes of them.
    fn count(&mut self) {
        for weighted in &self.board.weighted {
            let Way::Counted(lists) = &weighted.way else { continue };
            let rule = &self.people.rules.0[weighted.rule];
            let (tags, ranked) = match rule.mentees.value(self.mentee) {
                Some(Value::Tags(tags)) => (tags, false),
                Some(Value::Order(order)) => (order, true),
                _ => continue,
            };
            let n = u32::try_from(tags.len()).unwrap_or(u32::MAX);
            if !ranked && self.is_sole(weighted) {
                self.sole.extend(self.most.iter().map(|most| Sole::new(most[weighted.rule], n)));
            }
            let all = if ranked { n * (n + 1) / 2 } else { n };
            for (tag, place) in tags.iter().zip(0..) {
                let units = if ranked { n - place } else { 1 };
                let mut chose = lists.of(*tag);
                for ((_, range), most) in self.board.left_out.iter().zip(&self.most) {
                    let points = most[weighted.rule] * units;
                    let points = small(points.div_ceil(all.max(1)));
                    let end = chose.partition_point(|place| (*place as usize) < range.end);
                    let (these, others) = chose.split_at(end);
                    add(points, these, &self.runs, &mut self.bounds);
                    chose = others;
                }
            }
        }
    }

    /// Whether this is the only rule that the base does not hold already. That is so also if it gives nothing.
    fn is_sole(&self, counted: &Weighted) -> bool {
        self.board.weighted.iter().all(|it| {
            let mentee = self.people.rules.0[it.rule].mentees.value(self.mentee);
            it.rule == counted.rule || matches!(it.way, Way::Coded) || mentee.is_none()
        })
    }

    /// The score of the mentee with the mentor at a place within the runs, waiting counted and a wish not;
    /// `None` if the pair is not allowed, except that exclusion is not looked at.
    pub(super) fn exact(&self, place: usize) -> Option<u32> {
        let rules = &self.people.rules.0;
        let mentor = self.board.mentors[place];
        let of = |rule: usize| {
            let rule = &rules[rule];
            (rule, rule.mentors.value(mentor), rule.mentees.value(self.mentee))
        };
        for &rule in &self.board.open {
            let (rule, mentor, mentee) = of(rule);
            if !rule.allows(mentor, mentee) {
                return None;
            }
        }
        let part = if self.board.left_out.len() == 1 {
            0
        } else {
            self.board.left_out.partition_point(|(_, range)| range.end <= place)
        };
        let waiting = self.people.waiting[self.mentee as usize];
        let allowed = |score: i32| {
            let score = u32::try_from(score).unwrap_or(0);
            (score >= self.people.minimum).then_some(score + waiting)
        };
        let mut score = i32::from(self.base[place]);
        if let Some(sole) = self.sole.get(part) {
            let above = self.bounds[place] - small(waiting) - self.base[place];
            return allowed(
                score + i32::from(sole.points[usize::from((above / sole.step).unsigned_abs())]),
            );
        }
        for weighted in &self.board.weighted {
            if matches!(weighted.way, Way::Coded) {
                continue;
            }
            let (rule, mentor, mentee) = of(weighted.rule);
            let most = self.most[part][weighted.rule];
            if mentor.is_none() || mentee.is_none() || most == 0 {
                // Already in the base.
                continue;
            }
            let counted = matches!(weighted.way, Way::Counted(_));
            score += i32::from(small(rule.earned(mentor, mentee, most)));
            score -= if counted { 0 } else { i32::from(small(most)) };
        }
        allowed(score)
    }

    /// Whether the gates let the mentor at this place in.
    pub(super) fn lets_in(&self, place: usize) -> bool {
        let run = self.runs.partition_point(|run| run.end <= place);
        self.runs.get(run).is_some_and(|run| run.contains(&place))
    }
}

/// Adds points at places, at least at those within the runs.
fn add(points: i16, places: &[u32], runs: &[Range<usize>], bounds: &mut [i16]) {
    let mut add = |places: &[u32]| {
        for place in places {
            let bound = &mut bounds[*place as usize];
            *bound = bound.wrapping_add(points);
        }
    };
    if runs.len() * WORTH_A_SEARCH > places.len() {
        return add(places);
    }
    let mut rest = places;
    for run in runs {
        rest = &rest[rest.partition_point(|place| (*place as usize) < run.start)..];
        let within = rest.partition_point(|place| (*place as usize) < run.end);
        add(&rest[..within]);
        rest = &rest[within..];
    }
}

impl Sole {
    /// Of a rule with `most` points, for a mentee who chose `n`.
    fn new(most: u32, n: u32) -> Self {
        let points = (0..=n).map(|common| small(most * common / n.max(1)));
        Self { step: small(most.div_ceil(n.max(1))).max(1), points: points.collect() }
    }
}
