//! Made-up people, who may be paired with whom, and how well they fit. Everything follows from a seed.
//!
//! 512 tags, 64 clusters of people with 24 core tags each. Of every person, drawn in this order: cluster,
//! tags, languages, time zone, level, industry, years of work, format. A pair needs a common language, time
//! zones at most four hours apart (around the clock), and no block.
#![expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "draws are below the lengths they were made for, and small"
)]

use mentorship_benches::random::{SplitMix, Zipf, mix};

const TAGS: u32 = 512;
const CLUSTERS: u32 = 64;
const CORE_TAGS: u32 = 24;

/// What everybody shares.
#[derive(Debug)]
pub(crate) struct World {
    seed: u64,
    core: Vec<Vec<u16>>,
    clusters: Zipf,
    of_core: Zipf,
    of_all: Zipf,
    languages: Zipf,
    industries: Zipf,
}

/// A mentor or mentee.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) cluster: u8,
    pub(crate) tags: [u64; 8],
    tag_count: u8,
    pub(crate) languages: u16,
    pub(crate) zone: i8,
    pub(crate) level: i8,
    pub(crate) industry: u8,
    pub(crate) years: i8,
    pub(crate) format: u8,
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let mut random = SplitMix::new(mix(seed ^ 0xC0_FFEE));
        let mut tags = || (0..CORE_TAGS).map(|_| random.below(u64::from(TAGS)) as u16).collect();
        Self {
            seed,
            core: (0..CLUSTERS).map(|_| tags()).collect(),
            clusters: Zipf::new(CLUSTERS, 0.8),
            of_core: Zipf::new(CORE_TAGS, 0.7),
            of_all: Zipf::new(TAGS, 1.1),
            languages: Zipf::new(12, 1.0),
            industries: Zipf::new(20, 0.9),
        }
    }

    pub(crate) fn person(&self, id: u32, is_mentor: bool) -> Person {
        let number = 2 * u64::from(id) + u64::from(is_mentor);
        let mut random = SplitMix::new(mix(self.seed.wrapping_mul(0x9E37) ^ mix(number)));
        let cluster = self.clusters.draw(&mut random);
        let draws = if is_mentor { 4 + random.below(9) } else { 3 + random.below(6) };
        let mut tags = [0_u64; 8];
        for _ in 0..draws {
            let tag = if random.unit() < 0.7 {
                usize::from(self.core[cluster][self.of_core.draw(&mut random)])
            } else {
                self.of_all.draw(&mut random)
            };
            tags[tag / 64] |= 1 << (tag % 64);
        }
        let mut languages = u16::from(random.unit() < 0.85);
        languages |= 1 << self.languages.draw(&mut random);
        if random.unit() < 0.25 {
            languages |= 1 << self.languages.draw(&mut random);
        }
        let base = match random.unit() {
            share if share < 0.45 => 1,
            share if share < 0.75 => -6,
            share if share < 0.90 => 5,
            _ => 9,
        };
        let zone = base + random.below(5) as i8 - 2;
        let level = if is_mentor { 2 + random.below(5) } else { random.below(5) } as i8;
        let industry = self.industries.draw(&mut random) as u8;
        let years = if is_mentor { 3 + random.below(25) } else { random.below(12) } as i8;
        let format = random.below(3) as u8;
        Person {
            cluster: cluster as u8,
            tags,
            tag_count: tags.iter().map(|it| it.count_ones()).sum::<u32>() as u8,
            languages,
            zone,
            level,
            industry,
            years,
            format,
        }
    }

    /// A number that the pair of mentee `i` and mentor `j` has.
    pub(crate) fn hash(&self, i: u32, j: u32) -> u64 {
        mix(mix(self.seed ^ (u64::from(i) << 32 | u64::from(j))))
    }

    pub(crate) fn allowed(&self, (i, mentee): (u32, &Person), (j, mentor): (u32, &Person)) -> bool {
        let apart = (mentee.zone - mentor.zone).rem_euclid(24);
        mentee.languages & mentor.languages != 0
            && apart.min(24 - apart) <= 4
            && !self.hash(i, j).is_multiple_of(1000)
    }

    /// The score as `int` and as `flt`.
    #[expect(clippy::cast_precision_loss, reason = "53 bits are exact")]
    pub(crate) fn weights(
        &self,
        (i, mentee): (u32, &Person),
        (j, mentor): (u32, &Person),
    ) -> (i32, i32) {
        let common: u32 =
            mentee.tags.iter().zip(&mentor.tags).map(|(a, b)| (a & b).count_ones()).sum();
        let level = f64::from((mentor.level - mentee.level - 2).abs().min(4));
        let more = i32::from(mentor.years) - i32::from(mentee.years);
        let outside = (5 - more).max(more - 15).max(0);
        let mut score = 450.0 * f64::from(common) / f64::from(mentee.tag_count);
        score += 200.0 * (1.0 - level / 4.0);
        score += if mentor.industry == mentee.industry { 150.0 } else { 0.0 };
        score += f64::from((100 - 10 * outside).max(0));
        score += if mentor.format == 0 || mentor.format == mentee.format { 100.0 } else { 0.0 };
        let uniform = (self.hash(i, j) >> 11) as f64 / (1_u64 << 53) as f64;
        let fine = 950.0 * score + 50_000.0 * uniform;
        ((score.round() as i32).max(1), (fine.round() as i32).max(1))
    }
}
