//! Numbers as they are written.

use serde::{Deserialize, Serialize, Serializer};

/// Rounds to 9 significant digits: enough for any reader, few enough that a difference in the last bit of a
/// sum never shows.
pub fn round9(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return if value == 0.0 { 0.0 } else { value };
    }
    format!("{value:.8e}").parse().expect("a number written by Rust can be read by Rust")
}

/// A number that is written with 9 significant digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Deserialize)]
#[serde(transparent)]
pub struct Rounded(pub f64);

impl Serialize for Rounded {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(round9(self.0))
    }
}

impl From<f64> for Rounded {
    fn from(value: f64) -> Self {
        Rounded(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_digits_remain() {
        assert_eq!(round9(1.0 / 3.0), 0.333333333);
        assert_eq!(round9(1234567891234.0), 1234567890000.0);
        assert_eq!(round9(-0.0).to_string(), "0");
        assert_eq!(serde_json::to_string(&Rounded(2.0 / 3.0)).unwrap(), "0.666666667");
    }
}
