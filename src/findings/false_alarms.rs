//! How often a class that infers finds something where there is nothing.

use crate::findings::Class;

/// Sessions of the simulated files.
pub const SESSIONS: [u64; 3] = [30, 300, 3_000];

/// Of a thousand healthy files with so many sessions, those with a supported finding, by what
/// `cargo bench --bench calibration` printed, see docs/method.md. Files of fewer than 100 sessions have their flows ranked
/// only.
pub const MEASURED: [(Class, [u32; 3]); 9] = [
    (Class::LongGap, [12, 31, 2]),
    (Class::SessionDuration, [36, 3, 3]),
    (Class::PageErrorRate, [0, 7, 18]),
    (Class::ErrorSpike, [0, 73, 110]),
    (Class::HighActivity, [17, 32, 54]),
    (Class::UnusualNavigation, [0, 37, 41]),
    (Class::UnansweredClick, [0, 40, 16]),
    (Class::ErrorImpact, [0, 1, 32]),
    (Class::DropOffDriver, [0, 0, 0]),
];

/// The share of healthy files of about as many sessions that show a supported finding of the class; none for a class that only
/// counts. Of larger files it is that of the largest that were simulated.
pub fn share(class: Class, sessions: u64) -> Option<f64> {
    let (_, of_a_thousand) = MEASURED.iter().find(|(measured, _)| *measured == class)?;
    // The nearest by ratio.
    let size = SESSIONS.windows(2).take_while(|sizes| sessions * sessions > sizes[0] * sizes[1]).count();
    Some(f64::from(of_a_thousand[size]) / 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_size_counts() {
        let at = |sessions| share(Class::SessionDuration, sessions).unwrap();
        assert_eq!([0, 30, 94, 95, 940, 10_000_000].map(at), [at(30), at(30), at(30), at(300), at(300), at(3_000)]);
        assert_eq!(share(Class::RageClick, 30), None);
    }
}
