//! What people do: always the same for the same person and occasion.

/// A number drawn for a person and an occasion.
pub(crate) fn chance(who: &str, occasion: &str) -> u64 {
    let bytes = who.bytes().chain(occasion.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    }) >> 7
        & 0xffff_ffff
}

/// The same, from 0 to 99.
pub(crate) fn percent(who: &str, occasion: &str) -> u64 {
    chance(who, occasion) % 100
}
