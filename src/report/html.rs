//! x
pub fn html(_d: &super::Document) -> String { String::new() }
