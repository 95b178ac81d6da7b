//! Numbers out of bytes; without any left they are 0.

use mentorship_core::matching::problem::{Edge, Problem};

pub(crate) struct Bytes<'a>(pub(crate) &'a [u8]);

impl Bytes<'_> {
    pub(crate) fn more(&self) -> bool {
        !self.0.is_empty()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// From 0 up to but not `limit`.
    pub(crate) fn below(&mut self, limit: u8) -> u32 {
        u32::from(self.byte().checked_rem(limit).unwrap_or(0))
    }

    /// A score: on a scale of its own, so that there are ties as well as extremes.
    pub(crate) fn weight(&mut self) -> i32 {
        let byte = i32::from(self.byte());
        match byte % 4 {
            0 => byte / 4 % 3,
            1 => byte * 1_000,
            2 => (1 << 20) - byte / 4,
            _ => byte,
        }
    }

    /// Up to 12 on each side; a number may be nobody's and a pair be there twice, as in a bad file.
    pub(crate) fn problem(&mut self) -> Option<Problem> {
        let (mentees, mentors) = (self.below(13), self.below(13));
        let places = (0..mentors).map(|_| self.below(4)).collect();
        let several = self.below(4) == 0;
        let edges: Vec<Edge> = (0..self.byte())
            .map_while(|_| {
                let more = self.more();
                let (mentee, mentor) = (self.below(13), self.below(13));
                more.then(|| Edge { mentee, mentor, weight: self.weight() })
            })
            .collect();
        let strict = self.below(8) == 0;
        let kept = |it: &&Edge| strict || (it.mentee < mentees && it.mentor < mentors);
        let mut edges: Vec<Edge> = edges.iter().filter(kept).copied().collect();
        if !strict {
            edges.sort_by_key(|it| (it.mentee, it.mentor));
            edges.dedup_by_key(|it| (it.mentee, it.mentor));
        }
        let problem = Problem::new(mentees as usize, places, &edges);
        assert!(strict || problem.is_ok(), "{problem:?}");
        let problem = problem.ok()?;
        if !several {
            return Some(problem);
        }
        let places = (0..mentees).map(|_| self.below(4)).collect();
        Some(problem.mentee_capacity(places).unwrap())
    }
}
