//! The queue of a search along shortest paths, in which lengths never go back: who is put in is at least as
//! far as who was taken out last.
//!
//! Entries stand in buckets by the highest bit in which their length differs from the present one, so that each
//! of them moves at most once for each bit and mostly twice in all, where a heap compares it with a whole
//! branch of others, most of which are out of the cache. Where many lengths are the same, which is the rule
//! where scores tie, an entry costs next to nothing.
//!
//! Source: Ahuja, Mehlhorn, Orlin, Tarjan: Faster algorithms for the shortest path problem, Journal of the
//! ACM 37, 1990 (the radix heap, of one level).
#![expect(clippy::indexing_slicing, reason = "there is a bucket for each bit")]

use std::collections::VecDeque;

/// Buckets: one for entries of the present length, and one for each bit of a length.
const BUCKETS: usize = 65;

/// Who was reached, the nearest first; of those that are equally far, in an order that depends on nothing but
/// what was put in.
#[derive(Clone, Debug)]
pub(super) struct Queue<V> {
    buckets: Vec<Vec<(u64, V)>>,
    /// Which buckets are not empty, but for the first.
    filled: u64,
    /// The present length: nothing is nearer.
    length: u64,
}

impl<V> Default for Queue<V> {
    fn default() -> Self {
        Self { buckets: (0..BUCKETS).map(|_| Vec::new()).collect(), filled: 0, length: 0 }
    }
}

impl<V: Copy> Queue<V> {
    /// Empties it; lengths begin at 0 again.
    pub(super) fn clear(&mut self) {
        self.buckets[0].clear();
        while self.filled > 0 {
            let bucket = self.filled.trailing_zeros() as usize + 1;
            self.buckets[bucket].clear();
            self.filled &= self.filled - 1;
        }
        self.length = 0;
    }

    /// Puts somebody in who is at least as far as whoever was taken out last.
    #[inline]
    pub(super) fn push(&mut self, length: u64, value: V) {
        debug_assert!(length >= self.length, "{length} is before {}", self.length);
        let differs = length ^ self.length;
        let bucket = (u64::BITS - differs.leading_zeros()) as usize;
        if bucket > 0 {
            self.filled |= 1 << (bucket - 1);
        }
        self.buckets[bucket].push((length, value));
    }

    /// Takes out the nearest, with the length with which they were put in.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<(u64, V)> {
        if self.buckets[0].is_empty() {
            self.advance()?;
        }
        self.buckets[0].pop()
    }

    /// Takes out all that are nearest, in the order in which they were put in, and tells how far they are.
    pub(super) fn pop_level(&mut self, into: &mut VecDeque<V>) -> Option<u64> {
        if self.buckets[0].is_empty() {
            self.advance()?;
        }
        into.extend(self.buckets[0].drain(..).map(|(_, value)| value));
        Some(self.length)
    }

    /// Goes on to the next length: the nearest bucket is spread over those before it.
    fn advance(&mut self) -> Option<()> {
        if self.filled == 0 {
            return None;
        }
        let bucket = self.filled.trailing_zeros() as usize + 1;
        self.filled &= self.filled - 1;
        let mut entries = std::mem::take(&mut self.buckets[bucket]);
        self.length = entries.iter().map(|entry| entry.0).min()?;
        for (length, value) in entries.drain(..) {
            self.push(length, value);
        }
        // Keeps its memory for later.
        self.buckets[bucket] = entries;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn levels_come_in_order_and_so_do_those_of_one(
            beyond in prop::collection::vec(prop_oneof![0..3_u64, 0..100_u64], 0..200),
            taken in prop::collection::vec(prop::bool::weighted(0.2), 200),
        ) {
            let mut queue = Queue::default();
            let mut waiting: Vec<(u64, usize)> = Vec::new();
            let mut now = 0;
            for (number, beyond) in beyond.into_iter().enumerate() {
                queue.push(now + beyond, number);
                waiting.push((now + beyond, number));
                if !taken[number] {
                    continue;
                }
                let mut level = VecDeque::new();
                now = queue.pop_level(&mut level).unwrap();
                prop_assert_eq!(Some(now), waiting.iter().map(|it| it.0).min());
                let nearest: Vec<usize> =
                    waiting.iter().filter(|it| it.0 == now).map(|it| it.1).collect();
                prop_assert_eq!(Vec::from(level), nearest);
                waiting.retain(|it| it.0 != now);
            }
        }

        #[test]
        fn the_nearest_comes_first(
            // How far each is beyond the last one taken out, and how many are taken out after it.
            steps in prop::collection::vec(
                (prop_oneof![0..4_u64, 0..1000_u64, 0..u64::MAX / 1024], 0..3_usize),
                0..200,
            ),
            again in 0..200_usize,
        ) {
            let mut queue = Queue::default();
            let mut sorted: Vec<(u64, usize)> = Vec::new();
            let mut now = 0;
            for (number, (beyond, taken)) in steps.into_iter().enumerate() {
                if number == again {
                    queue.clear();
                    sorted.clear();
                    now = 0;
                }
                queue.push(now + beyond, number);
                sorted.push((now + beyond, number));
                for _ in 0..taken {
                    let Some((length, value)) = queue.pop() else {
                        prop_assert!(sorted.is_empty());
                        break;
                    };
                    prop_assert_eq!(Some(length), sorted.iter().map(|it| it.0).min());
                    let at = sorted.iter().position(|it| *it == (length, value)).unwrap();
                    sorted.swap_remove(at);
                    now = length;
                }
            }
            while let Some(taken) = queue.pop() {
                prop_assert_eq!(Some(taken.0), sorted.iter().map(|it| it.0).min());
                sorted.retain(|it| *it != taken);
            }
            prop_assert!(sorted.is_empty());
        }
    }
}
