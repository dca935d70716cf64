//! Sorting that is compiled once and not anew for each type, for what the page sorts: short lists, of which a page that
//! has to be fetched needs no fast code.

use std::cmp::Ordering;

/// Sorts; what is equal stays in its order.
pub fn sort_by<T>(items: &mut Vec<T>, compare: impl Fn(&T, &T) -> Ordering) {
    let mut places: Vec<usize> = (0..items.len()).collect();
    sort_places(&mut places, &|a, b| compare(&items[a], &items[b]));
    let mut taken: Vec<Option<T>> = items.drain(..).map(Some).collect();
    items.extend(places.into_iter().filter_map(|place| taken[place].take()));
}

/// As [`sort_by`], by a key.
pub fn sort_by_key<T, K: Ord>(items: &mut Vec<T>, key: impl Fn(&T) -> K) {
    sort_by(items, |a, b| key(a).cmp(&key(b)));
}

#[inline(never)]
fn sort_places(places: &mut [usize], compare: &dyn Fn(usize, usize) -> Ordering) {
    places.sort_by(|a, b| compare(*a, *b));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn as_the_library_sorts(numbers in prop::collection::vec(0u8..9, 0..40)) {
            let mut mine: Vec<(u8, usize)> = numbers.into_iter().zip(0..).collect();
            let mut library = mine.clone();
            sort_by_key(&mut mine, |(number, _)| *number);
            library.sort_by_key(|(number, _)| *number);
            prop_assert_eq!(mine, library);
        }
    }
}
