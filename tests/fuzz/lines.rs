//! Fuzzing guided by coverage, by `scripts/fuzz`: any bytes are read as serde_json reads them, whatever came before.

#![no_main]

#[path = "../engine/oracle.rs"]
mod oracle;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| oracle::assert_read_as_alone(bytes));
