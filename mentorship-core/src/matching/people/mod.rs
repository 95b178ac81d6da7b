//! From people to pairs: who may be paired with whom by a form's rules and by what stands between two people,
//! and how well each pair would do, without ever looking at one pair at a time where many can be looked at
//! together.
//!
//! A [`Crowd`] is what is asked about: a form, an instant, mentors, mentees, and what is known of single pairs.
//! [`Crowd::compile`] turns answers into columns of small numbers, once; the [`People`] that come out score
//! any pair exactly as [`fit`](super::fit::fit) does. [`People::candidates`] finds the best partners of everybody,
//! [`People::pair`] the best pairing of all allowed pairs, with a certificate that holds for all of them though
//! they were never listed, [`People::fairest`] the fairest one, [`People::stable`] a stable one, and
//! [`People::reasons`] says why somebody has no partner. What becomes of a pairing (proposals, offers) is not decided here.
//!
//! ```
//! use mentorship_core::{
//!     matching::{
//!         certificate::Objective,
//!         check::check,
//!         fit::Side,
//!         people::{Crowd, Mentee, Mentor, Options, Wish},
//!     },
//!     model::{answer::Answers, form::Form},
//! };
//!
//! // Nobody was asked anything: only the wish counts.
//! let form = Form { version: 1, questions: vec![], rules: vec![], eligibility: vec![] };
//! let answers = Answers::new();
//! let side = Side { answers: &answers, special_category: false };
//! let mentors = (0..2).map(|person| Mentor { side, person, capacity: 1 }).collect();
//! let mentees = (2..5).map(|person| Mentee { side, person, capacity: 1, waiting: 0 }).collect();
//! let now = "2027-03-01T09:00:00Z".parse()?;
//! let crowd = Crowd::new(&form, now, mentors, mentees)
//!     .wishes(vec![Wish { mentee: 2, mentor: 0, points: 50 }]);
//!
//! let people = crowd.compile()?;
//! let pairing = people.pair(Objective::MostPeople, &Options::default())?;
//! assert!(pairing.optimal);
//! assert_eq!((pairing.value.matched, pairing.value.total), (2, 50));
//!
//! // The proof holds for every allowed pair, each scored by itself.
//! assert_eq!(check(&crowd.every_pair()?, &pairing.pairs, &pairing.certificate), Ok(pairing.value));
//! let reasons = people.reasons(&pairing);
//! assert_eq!(reasons.mentees[0].why.code(), "places_taken");
//! assert_eq!((reasons.shortages[0].needed, reasons.shortages[0].places), (3, 2));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod best;
mod board;
pub mod candidates;
mod compiled;
pub mod crowd;
pub mod dense;
pub mod fairest;
mod most;
mod pricing;
mod reach;
pub mod reasons;
mod rules;
pub mod stable;
mod sweep;
mod values;
mod watch;

pub use self::{
    candidates::{Candidate, Candidates},
    compiled::{People, Points},
    crowd::{Crowd, Mentee, Mentor, Wish},
    dense::{Options, Pairing, Round},
    fairest::FairPairing,
    reasons::{Reasons, ShortOf, Shortage, Unmatched, WhyUnmatched},
    stable::StablePairing,
};
