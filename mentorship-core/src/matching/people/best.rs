//! The best so many of each person.
#![expect(clippy::indexing_slicing, reason = "people are those the lists were made for")]

/// A candidate as one number, the better one higher: more points, then the lower number.
pub(super) fn packed(points: u32, person: u32) -> u64 {
    u64::from(points) << 32 | u64::from(u32::MAX - person)
}

/// Points and person.
pub(super) fn unpacked(candidate: u64) -> (u32, u32) {
    let low = u32::try_from(candidate & u64::from(u32::MAX)).unwrap_or(0);
    (u32::try_from(candidate >> 32).unwrap_or(0), u32::MAX - low)
}

/// Lists of bounded length, each a heap with the worst candidate first once it is full.
#[derive(Debug)]
pub(super) struct Lists {
    starts: Vec<usize>,
    lengths: Vec<u32>,
    items: Vec<u64>,
}

impl Lists {
    /// Of each list, how long it may be.
    pub(super) fn new(most: impl Iterator<Item = usize>) -> Self {
        let mut starts = vec![0];
        let mut end = 0;
        starts.extend(most.map(|most| {
            end += most;
            end
        }));
        let lengths = vec![0; starts.len() - 1];
        Self { starts, lengths, items: vec![0; end] }
    }

    fn most(&self, list: usize) -> usize {
        self.starts[list + 1] - self.starts[list]
    }

    /// Takes a candidate if it is among the best. Afterwards: the worst of a full list.
    pub(super) fn offer(&mut self, list: usize, candidate: u64) -> Option<u64> {
        let (start, most) = (self.starts[list], self.most(list));
        let length = self.lengths[list] as usize;
        let heap = &mut self.items[start..start + most];
        if length < most {
            heap[length] = candidate;
            self.lengths[list] += 1;
            if length + 1 == most {
                heapify(heap);
            }
        } else {
            replace_worst(heap, candidate);
        }
        self.worst(list)
    }

    /// The worst of a full list.
    pub(super) fn worst(&self, list: usize) -> Option<u64> {
        let full = self.lengths[list] as usize == self.most(list);
        self.of(list).first().copied().filter(|_| full)
    }

    /// What is on a list, in no order.
    pub(super) fn of(&self, list: usize) -> &[u64] {
        let start = self.starts[list];
        &self.items[start..start + self.lengths[list] as usize]
    }

    /// Each list, the best first.
    pub(super) fn sort(&mut self) {
        for list in 0..self.lengths.len() {
            let start = self.starts[list];
            self.items[start..start + self.lengths[list] as usize]
                .sort_unstable_by(|a, b| b.cmp(a));
        }
    }
}

/// One such list, for whoever is at hand.
#[derive(Debug, Default)]
pub(super) struct List {
    most: usize,
    items: Vec<u64>,
}

impl List {
    /// Empties the list; it may become so long.
    pub(super) fn begin(&mut self, most: usize) {
        self.most = most;
        self.items.clear();
    }

    /// Takes a candidate if it is among the best. Afterwards: the worst of a full list.
    pub(super) fn offer(&mut self, candidate: u64) -> Option<u64> {
        if self.items.len() < self.most {
            self.items.push(candidate);
            if self.items.len() == self.most {
                heapify(&mut self.items);
            }
        } else {
            replace_worst(&mut self.items, candidate);
        }
        self.items.first().copied().filter(|_| self.items.len() == self.most)
    }

    /// What is on the list, in no order.
    pub(super) fn items(&self) -> &[u64] {
        &self.items
    }
}

fn heapify(heap: &mut [u64]) {
    for at in (0..heap.len() / 2).rev() {
        sink(heap, at);
    }
}

fn replace_worst(heap: &mut [u64], candidate: u64) {
    if heap.first().is_some_and(|worst| candidate > *worst) {
        heap[0] = candidate;
        sink(heap, 0);
    }
}

fn sink(heap: &mut [u64], mut at: usize) {
    loop {
        let left = 2 * at + 1;
        if left >= heap.len() {
            return;
        }
        let right = left + 1;
        let low = if right < heap.len() && heap[right] < heap[left] { right } else { left };
        if heap[at] <= heap[low] {
            return;
        }
        heap.swap(at, low);
        at = low;
    }
}
