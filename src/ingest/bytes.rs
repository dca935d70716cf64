//! Comparing bytes. In WebAssembly the usual comparison goes byte by byte.

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
        fn one_other_byte_is_seen(a in prop::collection::vec(any::<u8>(), 1..40), at in any::<prop::sample::Index>()) {
            let mut b = a.clone();
            let at = at.index(a.len());
            b[at] ^= 1;
            prop_assert!(!same(&a, &b));
            prop_assert_eq!(begins_with(&a, &b[..at]), true);
        }
    }
}
