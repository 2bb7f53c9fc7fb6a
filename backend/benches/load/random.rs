//! Chance that repeats itself: the same seed gives the same requests.

/// A xorshift64* generator: small, fast, and good enough to choose words.
pub struct Random(u64);

impl Random {
    /// Any seed will do.
    pub const fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    const fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number from 0 to `end`, which is left out. 0 where `end` is 0.
    pub fn below(&mut self, end: usize) -> usize {
        // The multiplication keeps the upper, better bits; it cannot exceed `end`.
        let scaled = (u128::from(self.next()) * u128::try_from(end).unwrap_or_default()) >> 64;
        usize::try_from(scaled).unwrap_or_default()
    }

    /// A number from 0 to `end`, small ones far more often: a few applicants file a lot, most file little.
    pub fn skewed_below(&mut self, end: usize) -> usize {
        let side = 1 << 20;
        let one = self.below(side);
        usize::try_from((one as u128 * one as u128 * end as u128) >> 40).unwrap_or_default()
    }

    /// `true` so many times out of a hundred.
    pub fn percent(&mut self, times: usize) -> bool {
        self.below(100) < times
    }

    /// One of them.
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        let index = self.below(list.len());
        #[expect(clippy::indexing_slicing, reason = "the index is below the length; every list has something in it")]
        &list[index]
    }

    /// One of them, in proportion to its weight.
    pub fn weighted<T: Copy>(&mut self, list: &[(T, usize)], otherwise: T) -> T {
        let mut left = self.below(list.iter().map(|(_, weight)| weight).sum());
        for (value, weight) in list {
            if left < *weight {
                return *value;
            }
            left -= weight;
        }
        otherwise
    }
}
