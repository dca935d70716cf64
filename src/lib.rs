//! Footpath.
#![deny(unsafe_code)]
