//! Comparing and finding bytes. In WebAssembly the usual comparison goes byte by byte.

/// Whether two texts are the same.
#[inline]
pub fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    // Word by word, the last one overlapping.
    if let (Some(a_last), Some(b_last)) = (a.last_chunk::<8>(), b.last_chunk::<8>()) {
        let (a, b) = (a.as_chunks::<8>().0, b.as_chunks::<8>().0);
        return word(a_last) == word(b_last) && a.iter().zip(b).all(|(a, b)| word(a) == word(b));
    }
    a.iter().zip(b).all(|(a, b)| a == b)
}

/// Whether `text` begins with `beginning`.
#[inline]
pub fn begins_with(text: &[u8], beginning: &[u8]) -> bool {
    text.get(..beginning.len()).is_some_and(|text| same(text, beginning))
}

/// Where the first such byte stands from `at` on: for what is near, where calling a library's search takes longer than the
/// search.
#[inline]
pub fn position(text: &[u8], at: usize, byte: u8) -> Option<usize> {
    position_by(text, at, |word| position_in(word, byte), |other| other == byte)
}

/// Where the first byte that is looked for stands from `at` on. `within` finds it in bytes that are looked at together.
#[inline]
pub fn position_by(
    text: &[u8],
    at: usize,
    within: impl Fn(&[u8; WIDE]) -> Option<usize>,
    is: impl Fn(u8) -> bool,
) -> Option<usize> {
    let rest = text.get(at..)?;
    let (words, tail) = rest.as_chunks::<WIDE>();
    for (index, word) in words.iter().enumerate() {
        if let Some(found) = within(word) {
            return Some(at + index * WIDE + found);
        }
    }
    tail.iter().position(|byte| is(*byte)).map(|index| at + words.len() * WIDE + index)
}

/// Bytes that are looked at together.
#[cfg(target_arch = "wasm32")]
pub const WIDE: usize = 16;
#[cfg(not(target_arch = "wasm32"))]
pub const WIDE: usize = 8;

/// Builds for browsers have `simd128` (scripts/lib.sh).
#[cfg(target_arch = "wasm32")]
#[inline]
fn position_in(word: &[u8; WIDE], byte: u8) -> Option<usize> {
    use std::arch::wasm32::{u8x16_bitmask, u8x16_eq, u8x16_splat, u64x2};
    let number = u128::from_le_bytes(*word);
    let found = u8x16_bitmask(u8x16_eq(u64x2(number as u64, (number >> 64) as u64), u8x16_splat(byte)));
    (found != 0).then(|| found.trailing_zeros() as usize)
}

#[cfg(not(target_arch = "wasm32"))]
#[inline]
fn position_in(word: &[u8; WIDE], byte: u8) -> Option<usize> {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    let other = self::word(word) ^ (ONES * u64::from(byte));
    // The lowest high bit is right; higher ones may be set by a borrow.
    let found = other.wrapping_sub(ONES) & !other & (ONES << 7);
    (found != 0).then(|| found.trailing_zeros() as usize / 8)
}

fn word(bytes: &[u8; 8]) -> u64 {
    u64::from_le_bytes(*bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_same_is_equal(a in prop::collection::vec(0u8..2, 0..20), b in prop::collection::vec(0u8..2, 0..20)) {
            prop_assert_eq!(same(&a, &b), a == b);
            prop_assert!(same(&a, &a.clone()));
            prop_assert_eq!(begins_with(&a, &b), a.starts_with(&b));
        }

        #[test]
        fn the_first_is_found(text in prop::collection::vec(any::<u8>(), 0..60), at in 0usize..70, byte in any::<u8>()) {
            let few: Vec<u8> = text.iter().map(|byte| byte & 0x81).collect();
            for (text, byte) in [(&text, byte), (&few, byte & 0x81)] {
                let expected = text.iter().skip(at).position(|other| *other == byte).map(|found| at + found);
                prop_assert_eq!(position(text, at, byte), expected);
            }
        }

        #[test]
        fn one_other_byte_is_seen(a in prop::collection::vec(any::<u8>(), 1..40), at in any::<prop::sample::Index>()) {
            let mut b = a.clone();
            let at = at.index(a.len());
            b[at] ^= 1;
            prop_assert!(!same(&a, &b));
            prop_assert_eq!(begins_with(&a, &b[..at]), true);
        }
    }
}
