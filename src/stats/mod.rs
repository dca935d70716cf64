//! Intervals, tests and corrections, over the statistics library `statrs`.
//!
//! Mathematical functions come from `libm` in every build, so that a browser and a command line give the
//! same digits. Nothing here knows of events or pages.

pub mod cluster;
pub mod correction;
pub mod counts;
pub mod markov;
pub mod mixture;
pub mod number;
pub mod proportion;
pub mod ranks;
pub mod robust;
pub mod two_by_two;

pub use counts::Counts;
pub use number::{Rounded, round9};
pub use proportion::{Rate, wilson};
pub use robust::Robust;
