//! Why somebody has no partner: one reason from a closed list, and a proof where there is one.
//!
//! That there are not enough places is proven by a set of people and the set of all whom they may have, where
//! the former need more places than the latter have (the condition of Hall). Anybody can check that from the
//! rules alone, whatever the pairing.
#![expect(clippy::indexing_slicing, reason = "places and people come from the board")]

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{
    super::certificate::{Objective, Pair},
    board::{Board, NOWHERE},
    candidates::Order,
    compiled::People,
    dense::Pairing,
    fairest::FairPairing,
    reach::{Allowed, Left, Paired, Search},
    stable::StablePairing,
};

/// Why somebody has no partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum WhyUnmatched {
    /// The required rules allow nobody.
    Rules,
    /// Somebody fits well enough, but whoever does is excluded. What for is not told.
    Excluded,
    /// The required rules allow somebody, but nobody reaches the minimum.
    BelowMinimum,
    /// All places of whoever is allowed are taken, whoever would move; or whoever is allowed takes nobody.
    PlacesTaken {
        /// Which of [`Reasons::shortages`] proves it. There is none where mentees may have several mentors, and
        /// where whoever is allowed takes nobody.
        shortage: Option<usize>,
    },
    /// They could have a partner, but the total would be lower, or no higher.
    BetterTotal,
    /// They could have a partner, but in a stable pairing everybody whom they may have has somebody whom they like at
    /// least as much.
    PreferredOthers,
    /// They could have a partner; the search ended too early to tell.
    Unproven,
}

impl WhyUnmatched {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Rules => "rules",
            Self::Excluded => "excluded",
            Self::BelowMinimum => "below_minimum",
            Self::PlacesTaken { .. } => "places_taken",
            Self::BetterTotal => "better_total",
            Self::PreferredOthers => "preferred_others",
            Self::Unproven => "unproven",
        }
    }
}

/// Whose places are short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShortOf {
    /// The mentees compete for the mentors.
    Mentors,
    /// The mentors compete for the mentees.
    Mentees,
}

/// Two sets of people: of the ones that compete, nobody may have anybody outside of the other set, not
/// counting who has no places at all; and the other set has fewer places than the ones that compete.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shortage {
    /// Who is short.
    pub of: ShortOf,
    /// Numbers of mentees, ascending.
    pub mentees: Vec<u32>,
    /// Numbers of mentors, ascending.
    pub mentors: Vec<u32>,
    /// Places of those who compete.
    pub needed: u64,
    /// Places of the others, fewer than needed.
    pub places: u64,
}

/// Somebody without a partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unmatched {
    /// Their number.
    pub person: u32,
    /// Why.
    pub why: WhyUnmatched,
}

/// Everybody without a partner. Who has no places is not among them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reasons {
    /// The mentees, by number.
    pub mentees: Vec<Unmatched>,
    /// The mentors, by number.
    pub mentors: Vec<Unmatched>,
    /// What proves that places are short.
    pub shortages: Vec<Shortage>,
}

impl People {
    /// Why those who have no partner in a pairing of these people have none.
    #[must_use]
    pub fn reasons(&self, pairing: &Pairing) -> Reasons {
        let most = pairing.certificate.objective == Objective::MostPeople;
        self.reasons_of(&pairing.pairs, otherwise(pairing.optimal), pairing.optimal && most)
    }

    /// Why those who have no partner in a fair pairing of these people have none.
    #[must_use]
    pub fn reasons_of_fairest(&self, pairing: &FairPairing) -> Reasons {
        self.reasons_of(&pairing.pairs, otherwise(pairing.optimal), pairing.optimal)
    }

    /// Why those who have no partner in a stable pairing of these people have none.
    #[must_use]
    pub fn reasons_of_stable(&self, pairing: &StablePairing) -> Reasons {
        self.reasons_of(&pairing.pairs, WhyUnmatched::PreferredOthers, false)
    }

    /// That nobody knows why those have no partner who have none, for when there is no time to look.
    pub(in crate::matching) fn unproven(&self, pairs: &[Pair]) -> Reasons {
        let paired = Paired::new(self, pairs);
        let told = |capacity: &[u32], has: &dyn Fn(u32) -> bool| -> Vec<Unmatched> {
            let people =
                (0..).zip(capacity).filter(|(person, places)| **places > 0 && !has(*person));
            people.map(|(person, _)| Unmatched { person, why: WhyUnmatched::Unproven }).collect()
        };
        Reasons {
            mentees: told(&self.mentee_capacity, &|it| paired.has[it as usize] > 0),
            mentors: told(&self.mentor_capacity, &|it| !paired.mentees_of[it as usize].is_empty()),
            shortages: Vec::new(),
        }
    }

    /// `otherwise` is why somebody has no partner who could have one; `exact_count` says that no pairing has more pairs.
    fn reasons_of(&self, pairs: &[Pair], otherwise: WhyUnmatched, exact_count: bool) -> Reasons {
        let board = Board::new(self);
        let order = Order::new(self, &board);
        let run = Run {
            people: self,
            board: &board,
            order: &order,
            paired: Paired::new(self, pairs),
            otherwise,
            exact_count,
        };
        let mut reasons = Reasons::default();
        run.mentees(&mut reasons);
        run.mentors(&mut reasons);
        reasons
    }
}

/// Why somebody has no partner in a pairing by points who could have one.
fn otherwise(optimal: bool) -> WhyUnmatched {
    if optimal { WhyUnmatched::BetterTotal } else { WhyUnmatched::Unproven }
}

/// Looks at all pairs after which nobody asks any more who could move, on average.
const MOVE_LOOKS: usize = 8;
/// Looks that are always had: few people cost nothing.
const MOVE_LEAST: usize = 1 << 24;

/// Who could move.
struct CanMove {
    known: Vec<bool>,
    /// Whether whoever is not known cannot.
    complete: bool,
}

struct Run<'a> {
    people: &'a People,
    board: &'a Board,
    order: &'a Order,
    paired: Paired<'a>,
    /// Why somebody has no partner who could have one.
    otherwise: WhyUnmatched,
    /// Whether no pairing has more pairs.
    exact_count: bool,
}

impl Run<'_> {
    fn mentees(&self, reasons: &mut Reasons) {
        let people = self.people;
        let unmatched: Vec<u32> = (0..)
            .take(people.mentees())
            .filter(|it| self.paired.has[*it as usize] == 0)
            .filter(|it| people.mentee_capacity[*it as usize] > 0)
            .collect();
        if unmatched.is_empty() {
            return;
        }
        let can_move = self.can_move();
        let mut why: BTreeMap<u32, WhyUnmatched> = BTreeMap::new();
        let mut allowed = Allowed::new(people, self.board, self.order);
        let mut groups = Groups::new(self.board.mentors.len());
        let mut search = Search::new(people, self.board, self.order);
        for &mentee in &unmatched {
            if let Some(reason) = self.no_mentor(&mut allowed, mentee) {
                why.insert(mentee, reason);
            } else if can_move.known[mentee as usize] {
                why.insert(mentee, self.otherwise);
            } else if !can_move.complete {
                why.insert(mentee, WhyUnmatched::Unproven);
            } else {
                let (mentees, mentors) = search.from(&self.paired, vec![mentee]);
                groups.add(self, &mut allowed, mentees, &mentors);
            }
        }
        for (mentees, mentors) in groups.merged() {
            // Of several mentors a mentee has some already, who are no part of the search.
            let single = mentees.iter().all(|it| people.mentee_capacity[*it as usize] == 1);
            let shortage = single.then_some(reasons.shortages.len());
            for mentee in mentees.iter().filter(|it| self.paired.has[**it as usize] == 0) {
                why.insert(*mentee, WhyUnmatched::PlacesTaken { shortage });
            }
            if single {
                reasons.shortages.push(self.shortage(ShortOf::Mentors, mentees, mentors));
            }
        }
        let told = why.into_iter().map(|(person, why)| Unmatched { person, why });
        reasons.mentees.extend(told);
    }

    fn shortage(&self, of: ShortOf, mentees: Vec<u32>, mentors: Vec<u32>) -> Shortage {
        let sum = |people: &[u32], capacity: &[u32]| {
            people.iter().map(|it| u64::from(capacity[*it as usize])).sum::<u64>()
        };
        let theirs = sum(&mentees, &self.people.mentee_capacity);
        let ours = sum(&mentors, &self.people.mentor_capacity);
        let (needed, places) = match of {
            ShortOf::Mentors => (theirs, ours),
            ShortOf::Mentees => (ours, theirs),
        };
        Shortage { of, mentees, mentors, needed, places }
    }

    /// Why nobody with a place is allowed; `None` if somebody is. Afterwards `allowed` is at the mentee.
    fn no_mentor(&self, allowed: &mut Allowed<'_>, mentee: u32) -> Option<WhyUnmatched> {
        allowed.go_to(mentee);
        let places = |allowed: &Allowed<'_>| allowed.sweep.runs.clone().into_iter().flatten();
        if places(allowed).any(|place| allowed.at(place)) {
            return None;
        }
        let mentors: Vec<u32> = places(allowed).map(|place| self.board.mentors[place]).collect();
        let closed = (0..).take(self.people.mentors());
        let closed = closed.filter(|it| self.board.places[*it as usize] == NOWHERE);
        // Who takes nobody may still be the reason that is nearest to a pair.
        let all = mentors.into_iter().chain(closed);
        Some(nearest(all.map(|mentor| self.obstacle(mentee, mentor))))
    }

    /// What is between two people, and how near they are to being allowed; none if they are.
    fn obstacle(&self, mentee: u32, mentor: u32) -> Option<(u8, WhyUnmatched)> {
        match self.people.rules.score(mentor, mentee) {
            None => Some((0, WhyUnmatched::Rules)),
            Some(points) if points < self.people.minimum => Some((1, WhyUnmatched::BelowMinimum)),
            Some(_) => {
                self.people.is_excluded(mentee, mentor).then_some((2, WhyUnmatched::Excluded))
            }
        }
    }

    /// The mentees from whom somebody with a place left can be reached: they could have another place. Mentors
    /// with a place left come first, then those whose mentees could move, in rounds. Along a chain of people
    /// there may be as many rounds as people, so that it ends after a few looks at everybody.
    fn can_move(&self) -> CanMove {
        let (people, board) = (self.people, self.board);
        let mut can_move = vec![false; people.mentees()];
        if self.exact_count {
            // A path would be one more pair.
            return CanMove { known: can_move, complete: true };
        }
        let all = people.mentees().saturating_mul(board.mentors.len());
        let mut left = all.saturating_mul(MOVE_LOOKS).max(MOVE_LEAST);
        let mut good: Vec<bool> =
            board.mentors.iter().map(|it| self.paired.mentor_is_free(people, *it)).collect();
        let mut mentors_of: Vec<Vec<u32>> = vec![Vec::new(); people.mentees()];
        for pair in self.paired.pairs {
            mentors_of[pair.mentee as usize].push(pair.mentor);
        }
        let mut allowed = Allowed::new(people, board, self.order);
        loop {
            let mut next = Left::new(board.mentors.len());
            for (place, _) in good.iter().enumerate().filter(|(_, good)| !**good) {
                next.take(place);
            }
            let mut moved = false;
            for &mentee in &self.order.mentees {
                if can_move[mentee as usize] {
                    continue;
                }
                if left == 0 {
                    return CanMove { known: can_move, complete: false };
                }
                allowed.go_to(mentee);
                // To go to a mentee is a look at all mentors, unless nothing but gates decides.
                left =
                    left.saturating_sub(if allowed.is_plain() { 1 } else { board.mentors.len() });
                let can = allowed.sweep.runs.clone().into_iter().any(|run| {
                    let mut place = next.next(run.start);
                    while place < run.end && !allowed.anew(place, &self.paired) {
                        left = left.saturating_sub(1);
                        place = next.next(place + 1);
                    }
                    place < run.end
                });
                if can {
                    can_move[mentee as usize] = true;
                    for mentor in &mentors_of[mentee as usize] {
                        let place = board.places[*mentor as usize] as usize;
                        moved |= !std::mem::replace(&mut good[place], true);
                    }
                }
            }
            if !moved {
                return CanMove { known: can_move, complete: true };
            }
        }
    }

    fn mentors(&self, reasons: &mut Reasons) {
        let people = self.people;
        let unmatched = self.board.mentors.iter().copied();
        let mut unmatched: Vec<u32> =
            unmatched.filter(|it| self.paired.mentees_of[*it as usize].is_empty()).collect();
        if unmatched.is_empty() {
            return;
        }
        unmatched.sort_unstable();
        // Mentors whom a mentee with a place left could have, if others moved.
        let mut search = Search::new(people, self.board, self.order);
        let free = self.order.mentees.iter().copied();
        let free = free.filter(|it| self.paired.mentee_is_free(people, *it)).collect();
        let _ = search.from(&self.paired, free);
        let single = people.mentee_capacity.iter().all(|it| *it <= 1);
        let mut short = false;
        for mentor in unmatched {
            let why = if let Some(reason) = self.no_mentee(mentor) {
                reason
            } else if search.has_reached(mentor) {
                self.otherwise
            } else {
                short |= single;
                let shortage = single.then_some(reasons.shortages.len());
                WhyUnmatched::PlacesTaken { shortage }
            };
            reasons.mentors.push(Unmatched { person: mentor, why });
        }
        if short {
            // Nobody whom these mentors may have was reached, or they would have been.
            let mentees = self.order.mentees.iter().copied();
            let mut mentees: Vec<u32> =
                mentees.filter(|it| !search.mentee_reached[*it as usize]).collect();
            let mentors = self.board.mentors.iter().copied();
            let mut mentors: Vec<u32> = mentors.filter(|it| !search.has_reached(*it)).collect();
            mentees.sort_unstable();
            mentors.sort_unstable();
            reasons.shortages.push(self.shortage(ShortOf::Mentees, mentees, mentors));
        }
    }

    /// Why no mentee with a place is allowed; `None` if somebody is.
    fn no_mentee(&self, mentor: u32) -> Option<WhyUnmatched> {
        let capacity = &self.people.mentee_capacity;
        let allowed = |mentee: &u32| {
            capacity[*mentee as usize] > 0 && self.obstacle(*mentee, mentor).is_none()
        };
        let everybody = || (0..).take(self.people.mentees());
        if everybody().any(|mentee| allowed(&mentee)) {
            return None;
        }
        Some(nearest(everybody().map(|mentee| self.obstacle(mentee, mentor))))
    }
}

/// The obstacle that is nearest to a pair; of nobody, the rules. If somebody is allowed, they have no places,
/// and those are what is missing.
fn nearest(obstacles: impl Iterator<Item = Option<(u8, WhyUnmatched)>>) -> WhyUnmatched {
    let mut nearest = (0, WhyUnmatched::Rules);
    for obstacle in obstacles {
        let Some(obstacle) = obstacle else {
            return WhyUnmatched::PlacesTaken { shortage: None };
        };
        if obstacle.0 > nearest.0 {
            nearest = obstacle;
        }
    }
    nearest.1
}

/// Sets of mentees and the mentors they reached, merged where a set may have mentors of an earlier one.
struct Groups {
    /// Of each place, the group that reached it.
    of: Vec<Option<usize>>,
    /// The group that a group was merged into.
    into: Vec<usize>,
    members: Vec<(Vec<u32>, Vec<u32>)>,
}

impl Groups {
    fn new(places: usize) -> Self {
        Self { of: vec![None; places], into: Vec::new(), members: Vec::new() }
    }

    fn root(&self, mut group: usize) -> usize {
        while self.into[group] != group {
            group = self.into[group];
        }
        group
    }

    /// Adds what a search reached. It stepped over what earlier ones had reached, so whoever could have had
    /// somebody there belongs to that group too. To merge more than is needed is no harm: two shortages
    /// together are one.
    fn add(
        &mut self,
        run: &Run<'_>,
        allowed: &mut Allowed<'_>,
        mentees: Vec<u32>,
        mentors: &[u32],
    ) {
        let group = self.into.len();
        self.into.push(group);
        let mut touched: BTreeSet<usize> = BTreeSet::new();
        let mut classes: BTreeSet<u32> = BTreeSet::new();
        for &mentee in &mentees {
            if classes.insert(run.order.classes[mentee as usize]) {
                allowed.go_to(mentee);
                let places = allowed.sweep.runs.iter().cloned().flatten();
                touched.extend(places.filter_map(|place| self.of[place]));
            }
        }
        for earlier in touched {
            let root = self.root(earlier);
            self.into[root] = group;
        }
        for mentor in mentors {
            self.of[run.board.places[*mentor as usize] as usize] = Some(group);
        }
        self.members.push((mentees, mentors.to_vec()));
    }

    fn merged(self) -> Vec<(Vec<u32>, Vec<u32>)> {
        let mut merged: BTreeMap<usize, (Vec<u32>, Vec<u32>)> = BTreeMap::new();
        for (group, (mentees, mentors)) in self.members.iter().enumerate() {
            let all = merged.entry(self.root(group)).or_default();
            all.0.extend(mentees);
            all.1.extend(mentors);
        }
        let mut groups: Vec<(Vec<u32>, Vec<u32>)> = merged.into_values().collect();
        for (mentees, mentors) in &mut groups {
            mentees.sort_unstable();
            mentors.sort_unstable();
        }
        groups.sort_unstable();
        groups
    }
}
