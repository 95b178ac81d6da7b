//! What proves that a pairing is the best one: numbers that anybody can check in one pass over the edges.
//!
//! A certificate gives every mentee a *profit* and every mentor a *price*, so that no allowed pair is worth
//! more than its mentee's profit and its mentor's price together. Then no pairing at all can be worth more
//! than all profits and all prices times the capacities (this is weak duality), and a pairing that reaches
//! that sum is proven best. How the numbers were found does not matter.

use serde::{Deserialize, Serialize};

/// What "best" means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Objective {
    /// As many pairs as possible, and among those pairings the highest total of points. Where every mentee
    /// has at most one mentor, pairs are people.
    #[default]
    MostPeople,
    /// The highest total of points; nobody has to be paired, and no pair is worth 0.
    BestTotal,
}

/// A pair of a pairing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Pair {
    /// The mentee's number.
    pub mentee: u32,
    /// The mentor's number.
    pub mentor: u32,
}

/// Profits, prices and, for most people, a cover.
///
/// Everything is in whole points. An optimal certificate in whole points always exists, since the scores are
/// whole points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// What was asked for.
    pub objective: Objective,
    /// Points that every pair is worth on top of its score, from 0; 0 for [`Objective::BestTotal`].
    ///
    /// With [`Objective::MostPeople`] the profits and prices prove that no pairing has a higher score plus
    /// bonus, and the cover proves that no pairing has more pairs. Both together prove the objective:
    /// another pairing with as many pairs gets the same bonus, so its score is not higher. How large the
    /// bonus is has no part in the proof.
    pub bonus: i64,
    /// Of each mentee, from 0: what having this mentee is worth.
    pub profits: Vec<i64>,
    /// Of each mentor, from 0: what one place with this mentor is worth.
    pub prices: Vec<i64>,
    /// Proves the number of pairs; only for [`Objective::MostPeople`], and only when it is proven.
    pub cover: Option<Cover>,
}

/// People through whom every pair goes, save some pairs that are counted on their own.
///
/// No pairing has more pairs than the capacities of these people together, plus one for each allowed pair
/// with neither of the two among them (there are such pairs only where mentees may have several mentors).
/// This is the theorem of König.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cover {
    /// Numbers of mentees, ascending.
    pub mentees: Vec<u32>,
    /// Numbers of mentors, ascending.
    pub mentors: Vec<u32>,
}

/// What proves a pairing the fairest: of those with the most pairs, the one with fewest pairs at the lowest
/// score, then fewest at the next, and so on.
///
/// That is the highest total of points that are not numbers but lists: a pair is worth 1 in the first place,
/// and -1 in the place of its own score; lists are compared from their beginning. Profits and prices are such
/// lists too, and prove what they always prove. The first place is that of the cover: 1 for whoever is in it.
/// Only the scores at which the pairing has a pair it could have exchanged have a place here; in all others
/// everything is 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FairCertificate {
    /// Proves the number of pairs.
    pub cover: Cover,
    /// By points, ascending.
    pub levels: Vec<Level>,
}

/// Profits and prices in the place of one score. Negative ones are allowed for whoever has a positive one in
/// an earlier place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    /// The score.
    pub points: i32,
    /// Mentees whose profit is not 0, by number, and the profit.
    pub mentees: Vec<(u32, i64)>,
    /// Mentors whose price is not 0, by number, and the price.
    pub mentors: Vec<(u32, i64)>,
}
