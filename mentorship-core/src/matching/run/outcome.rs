//! What came out of a run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Goal, InfeasiblePin, PreparedRun, RunReport, prepared::Seat, report};
use crate::{
    base::{
        id::{EnrollmentId, ProgramId},
        text::Slug,
        time::Timestamp,
    },
    matching::{
        certificate::Pair,
        check::Value,
        explain::score_for_admin,
        fit::Fit,
        people::{
            Candidates, FairPairing, Options, Pairing, People, Reasons, ShortOf, Shortage,
            StablePairing, Unmatched, WhyUnmatched,
        },
        score::{Part, Score},
    },
    model::{
        enrollment::Role,
        proposal::ProposedPair,
        run::{LeftOut, RunFigures, RunTerms},
    },
};

/// How many of a mentee's best mentors are told apart.
const CHOICES: usize = 3;

/// A pair of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunPair {
    /// The two.
    #[serde(flatten)]
    pub pair: ProposedPair,
    /// Why: exactly the parts of the score. Special-category rules are one part, `private` (D34); points for
    /// waiting are the part `waiting`, those for wishes the part `wish`.
    pub score: Score,
    /// Whether it was pinned.
    pub pinned: bool,
    /// 1 to 3 if the mentor is the best, second or third best for this mentee of all whom they may have,
    /// full or not; equally good ones share a place. Nothing is told where a run of many people was not proven
    /// best: telling takes as long as the search that was ended.
    pub choice: Option<u8>,
}

/// Somebody without a partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunUnmatched {
    /// Their enrolment.
    pub enrollment: EnrollmentId,
    /// As what they take part.
    pub role: Role,
    /// Why. A block, a wish, a pair of before and age are one reason, `excluded` (D5).
    #[serde(flatten)]
    pub why: WhyUnmatched,
}

/// Some people, and all whom they may have, who have fewer places.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunShortage {
    /// Whose places are short.
    pub of: ShortOf,
    /// The mentees, by enrolment.
    pub mentees: Vec<EnrollmentId>,
    /// The mentors, by enrolment.
    pub mentors: Vec<EnrollmentId>,
    /// Places that the side which is short needs.
    pub needed: u64,
    /// Places that the other has.
    pub places: u64,
}

/// What came out of a run. Plain data, which a host may keep: it holds ids and points, and nothing that
/// anybody answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunOutcome {
    /// The program.
    pub program: ProgramId,
    /// Digest of the input.
    pub digest: [u8; 32],
    /// The instant of the input.
    pub at: Timestamp,
    /// What was looked for.
    pub objective: Goal,
    /// All that was asked, as it goes on record.
    pub terms: RunTerms,
    /// The pairs, by mentee and then by mentor.
    pub pairs: Vec<RunPair>,
    /// Everybody with places and without a partner: mentees first, by enrolment.
    pub unmatched: Vec<RunUnmatched>,
    /// What proves that places are short; `places_taken` says which.
    pub shortages: Vec<RunShortage>,
    /// Pins that cannot be.
    pub infeasible_pins: Vec<InfeasiblePin>,
    /// Whether no pairing that keeps the rules and the pins is better: proven, not believed. Of a stable one: whether
    /// no stable pairing of those who are not pinned has more pairs.
    pub optimal: bool,
    /// If not: no pairing has more than this many points more, with the bonus for each pair that the
    /// objective gives. Of the fairest: so many of its pairs, the best ones, might be exchanged for better
    /// ones. Of a stable one: so many more pairs another stable one might have.
    pub gap: u64,
    /// How good it is for people.
    pub report: RunReport,
    /// Share in percent that was asked for, if it was missed.
    pub missed_share: Option<u8>,
}

impl RunOutcome {
    /// The name under which the run stands in the audit log: `run-` and the first 60 hexadecimal digits of
    /// the digest.
    #[must_use]
    pub fn name(&self) -> Slug {
        Slug::of_bytes("run-", &self.digest)
    }

    /// How it came out, in numbers alone, as it goes on record.
    #[must_use]
    pub fn figures(&self) -> RunFigures {
        let mut people: BTreeMap<(Role, &'static str), u64> = BTreeMap::new();
        for it in &self.unmatched {
            *people.entry((it.role, it.why.code())).or_default() += 1;
        }
        let left_out = people.into_iter().map(|((role, why), people)| LeftOut {
            role,
            why: Slug::from_static(why),
            people,
        });
        RunFigures {
            report: self.report,
            optimal: self.optimal,
            gap: self.gap,
            infeasible_pins: u32::try_from(self.infeasible_pins.len()).unwrap_or(u32::MAX),
            left_out: left_out.collect(),
        }
    }
}

/// The parts as an admin may see them, with those of the run itself.
fn score(run: &PreparedRun, pair: Pair, mentor: &Seat, mentee: &Seat) -> Score {
    let Fit::Possible(score) = run.fit(mentor, mentee) else { return Score::default() };
    let mut score = score_for_admin(&run.form, &score);
    for (name, points) in [("waiting", run.waiting(mentee)), ("wish", run.wish(pair))] {
        if points > 0 {
            let rule = Slug::from_static(name);
            score.parts.push(Part { rule, points, most: points, missing: false });
        }
    }
    score
}

/// The place of so many points among those of a mentee's best mentors.
fn choice(best: &[u32], points: u32) -> Option<u8> {
    let better = best.iter().filter(|it| **it > points).count();
    if better < CHOICES { u8::try_from(better + 1).ok() } else { None }
}

/// What was found, whatever was looked for.
pub(super) struct Found {
    pairs: Vec<Pair>,
    optimal: bool,
    gap: u64,
    reasons: Reasons,
}

/// Pairs of a mentee and a mentor up to which everything is told of a run that was ended early.
const TOLD_UNPROVEN: usize = 1 << 24;

impl Found {
    /// Whether to look at all pairs once more to tell about them, or time is up.
    pub(super) fn looks_further(&self, people: &People) -> bool {
        looks_further(people, self.optimal)
    }

    pub(super) fn best(people: &People, pairing: Pairing) -> Self {
        let reasons = if looks_further(people, pairing.optimal) {
            people.reasons(&pairing)
        } else {
            people.unproven(&pairing.pairs)
        };
        Self { pairs: pairing.pairs, optimal: pairing.optimal, gap: pairing.gap, reasons }
    }

    pub(super) fn fairest(people: &People, pairing: FairPairing) -> Self {
        let reasons = people.reasons_of_fairest(&pairing);
        Self { pairs: pairing.pairs, optimal: pairing.optimal, gap: pairing.unproven, reasons }
    }

    pub(super) fn stable(people: &People, pairing: StablePairing) -> Self {
        // Stopped before there was anything.
        let none = pairing.pairs.is_empty() && !pairing.largest;
        let reasons = if none { people.unproven(&[]) } else { people.reasons_of_stable(&pairing) };
        Self { pairs: pairing.pairs, optimal: pairing.largest, gap: pairing.more, reasons }
    }
}

fn looks_further(people: &People, optimal: bool) -> bool {
    optimal || people.mentees().saturating_mul(people.mentors()) <= TOLD_UNPROVEN
}

/// `choosing` are the same people with whomever they may have.
pub(super) fn told(
    run: &PreparedRun,
    people: &People,
    choosing: &People,
    found: &Found,
    how: &Options,
) -> RunOutcome {
    let best =
        found.looks_further(people).then(|| choosing.candidates(CHOICES, how.most_threads()));
    let mut all: Vec<(Pair, bool)> = found.pairs.iter().map(|it| (*it, false)).collect();
    all.extend(run.pinned.iter().map(|it| (*it, true)));
    all.sort_unstable();
    let mut pairs = Vec::with_capacity(all.len());
    let mut paired = [vec![false; run.mentors.len()], vec![false; run.mentees.len()]];
    let [of_mentors, of_mentees] = &mut paired;
    for (pair, pinned) in all {
        let Some((mentor, mentee)) = run.seats(pair) else { continue };
        let score = score(run, pair, mentor, mentee);
        let points = |best: &Candidates| -> Vec<u32> {
            best.of_mentee(pair.mentee).map(|it| it.points).collect()
        };
        pairs.push(RunPair {
            pair: ProposedPair { mentor: mentor.enrollment, mentee: mentee.enrollment },
            choice: best.as_ref().and_then(|best| choice(&points(best), score.total())),
            score,
            pinned,
        });
        for (paired, number) in [(&mut *of_mentors, pair.mentor), (&mut *of_mentees, pair.mentee)] {
            if let Some(paired) = paired.get_mut(number as usize) {
                *paired = true;
            }
        }
    }
    let reasons = &found.reasons;
    let mut unmatched = Vec::new();
    let sides = [
        (Role::Mentee, &run.mentees, &*of_mentees, &reasons.mentees),
        (Role::Mentor, &run.mentors, &*of_mentors, &reasons.mentors),
    ];
    for (role, seats, paired, reasons) in sides {
        unmatched.extend(left(role, seats, paired, reasons));
    }
    let named = |seats: &[Seat], numbers: &[u32]| -> Vec<EnrollmentId> {
        let name = |number: &u32| seats.get(*number as usize).map(|seat| seat.enrollment);
        numbers.iter().filter_map(name).collect()
    };
    let shortage = |it: &Shortage| RunShortage {
        of: it.of,
        mentees: named(&run.mentees, &it.mentees),
        mentors: named(&run.mentors, &it.mentors),
        needed: it.needed,
        places: it.places,
    };
    let total = pairs.iter().map(|it| i64::from(it.score.total())).sum();
    let value = Value { matched: pairs.len() as u64, total };
    let report = report::report(run, value, &pairs, of_mentees);
    let least = u64::from(run.options.minimum_share);
    let missed = report.mentees_paired * 100 < report.mentees * least;
    RunOutcome {
        program: run.program,
        digest: run.digest(),
        at: run.at,
        objective: run.options.objective,
        terms: run.options.terms(how.chosen_seed()),
        pairs,
        unmatched,
        shortages: reasons.shortages.iter().map(shortage).collect(),
        infeasible_pins: run.infeasible.clone(),
        optimal: found.optimal,
        gap: found.gap,
        report,
        missed_share: missed.then_some(run.options.minimum_share),
    }
}

/// Those of one role who have no partner.
fn left(role: Role, seats: &[Seat], paired: &[bool], reasons: &[Unmatched]) -> Vec<RunUnmatched> {
    let reasons: BTreeMap<u32, WhyUnmatched> =
        reasons.iter().map(|it| (it.person, it.why)).collect();
    let mut left = Vec::new();
    for ((number, seat), paired) in (0..).zip(seats).zip(paired) {
        let why =
            if seat.barred { Some(WhyUnmatched::Excluded) } else { reasons.get(&number).copied() };
        if let (Some(why), false) = (why, *paired) {
            left.push(RunUnmatched { enrollment: seat.enrollment, role, why });
        }
    }
    left
}
