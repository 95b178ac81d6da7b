//! The mentors in the order in which they are looked at: those whom the required rules cannot tell apart lie
//! next to each other, so that they are let in or left out together, and every weighted rule reads a column
//! of small codes from one end to the other.
#![expect(clippy::indexing_slicing, reason = "places, codes and rules are made here")]

use std::{collections::HashMap, ops::Range};

use super::{
    compiled::People,
    rules::{Compiled, LeftOut},
    values::{MISSING, Value},
};
use crate::model::rule::Comparison;

/// Different answers of mentors up to which the points of a rule are looked up by answer; but no more than one
/// for so many mentors, or measuring each pair would be no more work.
const CODED_MAX: usize = 1024;
const CODED_SHARE: usize = 4;
/// The same for rules that compare choices, which can be counted choice by choice instead.
const CODED_CHOICES_MAX: usize = 64;
/// Codes up to which rules are looked up together.
const JOINT_MAX: usize = 1024;
/// Pairs of answers up to which a required rule is decided beforehand.
const GATED_MAX: usize = 1 << 22;
/// A required rule splits the mentors into segments while those are not many more than one for so many
/// mentors.
const SEGMENT: usize = 4;

/// Not a place: beyond all of them.
pub(super) const NOWHERE: u32 = u32::MAX;

/// A required rule that holds for all mentors of a segment or for none.
#[derive(Debug)]
pub(super) struct Gate {
    rule: usize,
    /// The answer of each segment.
    codes: Vec<u32>,
    /// By the mentee's answer, then the mentor's; the last of each is the missing one.
    holds: Vec<bool>,
    width: usize,
}

/// How the points of a weighted rule are found.
#[derive(Debug)]
pub(super) enum Way {
    /// The codes are the mentors' answers; the last one is the missing answer.
    Coded,
    /// Choice by choice: the places of the mentors who chose it. The codes say whether an answer is missing.
    Counted(Lists),
    /// Pair by pair. The codes say whether an answer is missing.
    Measured,
}

/// For each choice, the places of the mentors who have it, ascending.
#[derive(Debug)]
pub(super) struct Lists {
    starts: Vec<usize>,
    places: Vec<u32>,
}

impl Lists {
    fn new(rule: &Compiled, mentors: &[u32]) -> Self {
        let tags = |mentor: u32| match rule.mentors.value(mentor) {
            Some(Value::Tags(tags)) => &**tags,
            _ => &[],
        };
        let most = mentors.iter().flat_map(|it| tags(*it)).max().map_or(0, |it| *it as usize + 1);
        let mut starts = vec![0; most + 1];
        for tag in mentors.iter().flat_map(|it| tags(*it)) {
            starts[*tag as usize + 1] += 1;
        }
        for tag in 0..most {
            starts[tag + 1] += starts[tag];
        }
        let mut places = vec![0; starts[most]];
        let mut next = starts.clone();
        for (place, mentor) in (0..).zip(mentors) {
            for tag in tags(*mentor) {
                let at = &mut next[*tag as usize];
                places[*at] = place;
                *at += 1;
            }
        }
        Self { starts, places }
    }

    /// The places of those who chose `tag`.
    pub(super) fn of(&self, tag: u32) -> &[u32] {
        let tag = tag as usize;
        if tag + 1 < self.starts.len() {
            &self.places[self.starts[tag]..self.starts[tag + 1]]
        } else {
            &[]
        }
    }
}

/// A weighted rule as a column.
#[derive(Debug)]
pub(super) struct Weighted {
    pub(super) rule: usize,
    pub(super) way: Way,
    /// Of each place.
    pub(super) codes: Vec<u16>,
}

/// Weighted rules whose points are added up by one look at one code: that of the answers to all of them.
#[derive(Debug)]
pub(super) struct Joint {
    /// Which of [`Board::weighted`], and how many codes each has.
    members: Vec<(usize, usize)>,
    /// Of each place; the code of the last member changes fastest.
    pub(super) codes: Vec<u16>,
}

impl Joint {
    /// The points of each code, from those of each member.
    pub(super) fn table(&self, of: impl Fn(usize) -> Vec<i16>) -> Vec<i16> {
        let mut sums = vec![0];
        for (member, _) in &self.members {
            let table = of(*member);
            let both = |sum: i16| table.iter().map(move |points| sum + points);
            sums = sums.into_iter().flat_map(both).collect();
        }
        sums
    }

    /// Puts rules together as long as their codes are few enough.
    fn all(people: &People, weighted: &[Weighted]) -> Vec<Self> {
        let mut joints: Vec<Self> = Vec::new();
        let mut size = usize::MAX;
        for (at, one) in weighted.iter().enumerate() {
            let width = match one.way {
                Way::Coded => people.rules.0[one.rule].mentors.values.len() + 1,
                Way::Counted(_) | Way::Measured => 2,
            };
            match joints.last_mut() {
                Some(joint) if size.saturating_mul(width) <= JOINT_MAX => {
                    size *= width;
                    joint.members.push((at, width));
                }
                _ => {
                    size = width;
                    joints.push(Self { members: vec![(at, width)], codes: Vec::new() });
                }
            }
        }
        for joint in &mut joints {
            let places = weighted.first().map_or(0, |it| it.codes.len());
            let code = |place: usize| {
                let step = |code: usize, (member, width): &(usize, usize)| {
                    code * width + usize::from(weighted[*member].codes[place])
                };
                u16::try_from(joint.members.iter().fold(0, step)).unwrap_or(u16::MAX)
            };
            joint.codes = (0..places).map(code).collect();
        }
        joints
    }
}

#[derive(Debug)]
pub(super) struct Board {
    /// The mentor of each place. Who takes nobody has none.
    pub(super) mentors: Vec<u32>,
    /// The place of each mentor, or [`NOWHERE`].
    pub(super) places: Vec<u32>,
    /// Where each segment begins, and the end of the last.
    segments: Vec<usize>,
    gates: Vec<Gate>,
    /// Required rules that have to be looked at pair by pair.
    pub(super) open: Vec<usize>,
    pub(super) weighted: Vec<Weighted>,
    pub(super) joints: Vec<Joint>,
    /// Places whose mentors leave out the same rules.
    pub(super) left_out: Vec<(LeftOut, Range<usize>)>,
}

/// The code of an answer, with the missing one last.
fn code(column: &super::values::Column, person: u32) -> usize {
    match column.codes[person as usize] {
        MISSING => column.values.len(),
        code => code as usize,
    }
}

impl Gate {
    fn new(rule: usize, compiled: &Compiled) -> Self {
        let width = compiled.mentors.values.len() + 1;
        let mut holds = Vec::with_capacity(width * (compiled.mentees.values.len() + 1));
        for mentee in compiled.mentees.values.iter().map(Some).chain([None]) {
            for mentor in compiled.mentors.values.iter().map(Some).chain([None]) {
                holds.push(compiled.allows(mentor, mentee));
            }
        }
        Self { rule, codes: Vec::new(), holds, width }
    }
}

impl Board {
    pub(super) fn new(people: &People) -> Self {
        let rules = &people.rules.0;
        let all: Vec<u32> = (0..).take(people.mentors()).collect();
        // The rules that split the mentors, the one with the fewest answers first: long runs of segments are
        // then let in or left out together.
        let mut required: Vec<usize> =
            (0..rules.len()).filter(|rule| rules[*rule].points.is_none()).collect();
        required.sort_by_key(|rule| rules[*rule].mentors.values.len());
        let left_out: Vec<LeftOut> =
            all.iter().map(|it| people.rules.left_out_for_mentor(*it)).collect();
        let mut keys: Vec<u32> = numbered(left_out.iter().copied());
        let (mut gates, mut open) = (Vec::new(), Vec::new());
        for rule in required {
            let (ours, theirs) = (&rules[rule].mentors, &rules[rule].mentees);
            let answers = (ours.values.len() + 1) * (theirs.values.len() + 1);
            let split = numbered(all.iter().map(|it| (keys[*it as usize], code(ours, *it))));
            let segments = split.iter().max().map_or(0, |it| *it as usize + 1);
            if answers <= GATED_MAX && segments <= all.len() / SEGMENT + 64 {
                keys = split;
                gates.push(Gate::new(rule, &rules[rule]));
            } else {
                open.push(rule);
            }
        }
        let key_of = |mentor: u32| {
            let codes = gates.iter().map(|gate| code(&rules[gate.rule].mentors, mentor));
            (left_out[mentor as usize], codes.collect::<Vec<usize>>(), mentor)
        };
        let mut places = vec![NOWHERE; all.len()];
        let mut mentors = all;
        mentors.retain(|mentor| people.mentor_capacity[*mentor as usize] > 0);
        mentors.sort_by_cached_key(|mentor| key_of(*mentor));
        for (place, mentor) in (0..).zip(&mentors) {
            places[*mentor as usize] = place;
        }
        let weighted: Vec<Weighted> = (0..rules.len())
            .filter(|rule| rules[*rule].points.is_some())
            .map(|rule| Weighted::new(rule, &rules[rule], &mentors))
            .collect();
        let mut board = Self {
            segments: Vec::new(),
            joints: Joint::all(people, &weighted),
            weighted,
            left_out: Vec::new(),
            mentors,
            places,
            gates,
            open,
        };
        board.cut(people, &keys, &left_out);
        board
    }

    /// Finds where segments begin and end.
    fn cut(&mut self, people: &People, keys: &[u32], left_out: &[LeftOut]) {
        for (place, &mentor) in self.mentors.iter().enumerate() {
            let before = place.checked_sub(1).map(|it| self.mentors[it] as usize);
            let mentor_at = mentor as usize;
            if before.is_none_or(|before| keys[before] != keys[mentor_at]) {
                self.segments.push(place);
                for gate in &mut self.gates {
                    let code = code(&people.rules.0[gate.rule].mentors, mentor);
                    gate.codes.push(u32::try_from(code).unwrap_or(MISSING));
                }
            }
            match self.left_out.last_mut() {
                Some((same, range)) if *same == left_out[mentor_at] => range.end = place + 1,
                _ => self.left_out.push((left_out[mentor_at], place..place + 1)),
            }
        }
        self.segments.push(self.mentors.len());
    }

    /// Mentees with the same number of this kind are let in by the same segments.
    pub(super) fn classes(&self, people: &People) -> Vec<u32> {
        numbered((0..).take(people.mentees()).map(|mentee| {
            let codes =
                self.gates.iter().map(|gate| code(&people.rules.0[gate.rule].mentees, mentee));
            codes.collect::<Vec<usize>>()
        }))
    }

    /// Mentees with the same number of this kind get the same points by all rules that are looked up.
    pub(super) fn groups(&self, people: &People) -> Vec<u32> {
        numbered((0..).take(people.mentees()).map(|mentee| {
            let codes = self.weighted.iter().map(|weighted| {
                let column = &people.rules.0[weighted.rule].mentees;
                match weighted.way {
                    Way::Coded => code(column, mentee),
                    Way::Counted(_) | Way::Measured => {
                        usize::from(column.codes[mentee as usize] == MISSING)
                    }
                }
            });
            (people.rules.left_out_for_mentee(mentee), codes.collect::<Vec<usize>>())
        }))
    }

    /// The places of the mentors whom all gates let in, as few and long runs as can be.
    pub(super) fn runs(&self, people: &People, mentee: u32, runs: &mut Vec<Range<usize>>) {
        runs.clear();
        let rows: Vec<(&[bool], &[u32])> = (self.gates.iter())
            .map(|gate| {
                let row = code(&people.rules.0[gate.rule].mentees, mentee) * gate.width;
                (&gate.holds[row..row + gate.width], &*gate.codes)
            })
            .collect();
        for (segment, ends) in self.segments.windows(2).enumerate() {
            if !rows.iter().all(|(holds, codes)| holds[codes[segment] as usize]) {
                continue;
            }
            match runs.last_mut() {
                Some(last) if last.end == ends[0] => last.end = ends[1],
                _ => runs.push(ends[0]..ends[1]),
            }
        }
    }
}

impl Weighted {
    fn new(rule: usize, compiled: &Compiled, mentors: &[u32]) -> Self {
        let column = &compiled.mentors;
        let answers = column.values.len();
        let counts =
            matches!(compiled.comparison, Comparison::Shared { .. } | Comparison::Ranked { .. });
        let most = CODED_MAX.min(mentors.len() / CODED_SHARE + CODED_CHOICES_MAX);
        let way = if answers <= if counts { CODED_CHOICES_MAX } else { most } {
            Way::Coded
        } else if counts {
            Way::Counted(Lists::new(compiled, mentors))
        } else {
            Way::Measured
        };
        let code = |mentor: &u32| match way {
            Way::Coded => code(column, *mentor),
            Way::Counted(_) | Way::Measured => {
                usize::from(column.codes[*mentor as usize] == MISSING)
            }
        };
        let codes = mentors.iter().map(|it| u16::try_from(code(it)).unwrap_or(u16::MAX)).collect();
        Self { rule, way, codes }
    }

    /// The points of each code for a mentee with this answer. Of rules that are not looked up, it is what the
    /// rule gives at least (counted) or at most (measured) where no answer is missing.
    pub(super) fn table(&self, rule: &Compiled, mentee: Option<&Value>, most: u32) -> Vec<i16> {
        let earned = |mentor: Option<&Value>| {
            let points = if most == 0 { 0 } else { rule.earned(mentor, mentee, most) };
            small(points)
        };
        match (&self.way, mentee) {
            (Way::Coded, _) => {
                rule.mentors.values.iter().map(Some).chain([None]).map(earned).collect()
            }
            (_, None) => vec![earned(None); 2],
            (Way::Counted(_), Some(_)) => vec![0, earned(None)],
            (Way::Measured, Some(_)) => vec![small(most), earned(None)],
        }
    }
}

/// Points of rules, which are at most 20,000.
pub(super) fn small(points: u32) -> i16 {
    i16::try_from(points).unwrap_or(i16::MAX)
}

/// Numbers things from 0, the same for equal ones.
fn numbered<T: Eq + std::hash::Hash>(things: impl Iterator<Item = T>) -> Vec<u32> {
    let mut known = HashMap::new();
    things
        .map(|it| {
            let next = u32::try_from(known.len()).unwrap_or(MISSING);
            *known.entry(it).or_insert(next)
        })
        .collect()
}
