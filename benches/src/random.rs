//! The random numbers that instances are made of: the same in every program that follows the same words.

/// `SplitMix64`.
#[derive(Debug)]
pub struct SplitMix(u64);

impl SplitMix {
    /// Draws that follow from a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next one.
    #[expect(clippy::should_implement_trait, reason = "it never ends")]
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        finalise(self.0)
    }

    /// Below `limit`: the high 64 bits of the 128-bit product.
    pub fn below(&mut self, limit: u64) -> u64 {
        let product = u128::from(self.next()) * u128::from(limit);
        u64::try_from(product >> 64).unwrap_or(0)
    }

    /// From 0 up to but not 1: the top 53 bits over 2^53.
    #[expect(clippy::cast_precision_loss, reason = "53 bits are exact")]
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn finalise(mut mixed: u64) -> u64 {
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// The finaliser of `SplitMix64` of `seed` alone.
#[must_use]
pub fn mix(seed: u64) -> u64 {
    finalise(seed)
}

/// Draws `0..n` where `k` has a weight of `(k + 1)^-exponent`: the first `k` whose cumulative share exceeds a
/// unit draw.
#[derive(Debug)]
pub struct Zipf(Vec<f64>);

impl Zipf {
    /// For `n` with this exponent.
    #[must_use]
    pub fn new(n: u32, exponent: f64) -> Self {
        let mut sum = 0.0;
        let mut cumulative: Vec<f64> = (1..=n)
            .map(|k| {
                sum += f64::from(k).powf(-exponent);
                sum
            })
            .collect();
        for it in &mut cumulative {
            *it /= sum;
        }
        Self(cumulative)
    }

    /// One of `0..n`.
    pub fn draw(&self, random: &mut SplitMix) -> usize {
        let unit = random.unit();
        self.0.partition_point(|share| *share < unit).min(self.0.len() - 1)
    }
}
