//! Many tests at once.

/// q-values by Benjamini and Hochberg (1995): for each test the smallest false discovery rate at which it
/// would still stand. In the order of the input.
pub fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    let mut q = vec![1.0; p.len()];
    let mut least = 1.0f64;
    for (rank, test) in order.iter().enumerate().rev() {
        least = least.min(p[*test] * p.len() as f64 / (rank + 1) as f64);
        q[*test] = least;
    }
    q
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values computed with an independent program (scipy, `false_discovery_control`).
    #[test]
    fn q_values_agree_with_others() {
        let q = benjamini_hochberg(&[0.01, 0.02, 0.03, 0.04, 0.5]);
        let expected = [0.05, 0.05, 0.05, 0.05, 0.5];
        assert!(q.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{q:?}");
        let q = benjamini_hochberg(&[0.2, 0.001, 0.04, 0.03, 0.9, 0.012]);
        let expected = [0.24, 0.006, 0.06, 0.06, 0.9, 0.036];
        assert!(q.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{q:?}");
        assert_eq!(benjamini_hochberg(&[]), Vec::<f64>::new());
        assert_eq!(benjamini_hochberg(&[0.9, 0.8]), [0.9, 0.9]);
    }
}
