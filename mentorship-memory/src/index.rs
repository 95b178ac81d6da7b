//! Ordered sets that answer one question each in logarithmic time.

use std::{collections::BTreeSet, ops::Bound};

/// Entries of the form (what is asked, place in the order). Ranges over one first part are one page.
#[derive(Clone, Debug)]
pub(crate) struct Index<A, B>(BTreeSet<(A, B)>);

impl<A, B> Default for Index<A, B> {
    fn default() -> Self {
        Self(BTreeSet::new())
    }
}

impl<A: Ord + Clone, B: Ord + Clone> Index<A, B> {
    /// Adds or takes out an entry.
    pub(crate) fn set(&mut self, asked: A, place: B, present: bool) {
        if present {
            self.0.insert((asked, place));
        } else {
            self.0.remove(&(asked, place));
        }
    }

    /// The places of `asked` in order, strictly after `after`; `first` is at or before every place.
    pub(crate) fn after<'a>(
        &'a self,
        asked: &A,
        after: Option<&B>,
        first: &B,
    ) -> impl Iterator<Item = &'a B> + use<'a, A, B> {
        let from = match after {
            Some(after) => Bound::Excluded((asked.clone(), after.clone())),
            None => Bound::Included((asked.clone(), first.clone())),
        };
        let asked = asked.clone();
        self.0
            .range((from, Bound::Unbounded))
            .take_while(move |(this, _)| *this == asked)
            .map(|(_, place)| place)
    }

    /// The first that is asked for after `after`; `least` is the first of all places.
    pub(crate) fn next_asked(&self, after: Option<&A>, least: &B) -> Option<&A> {
        let from =
            after.map_or(Bound::Unbounded, |after| Bound::Included((after.clone(), least.clone())));
        let mut next = self.0.range((from, Bound::Unbounded)).map(|(asked, _)| asked);
        next.find(|asked| Some(*asked) != after)
    }
}
