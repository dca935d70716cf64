//! Decoding of damaged lines: what the reader finds does not depend on the lines before, and is what serde_json finds.

use footpath::engine::Export;
use footpath::engine::native::{Input, Options, analyse};
use footpath::settings::Settings;
use proptest::prelude::*;

use crate::oracle::assert_read_as_alone;
use crate::support::{cases, options};

/// What is damaged: whole records in several layouts, with everything that JSON has.
const LINES: [&str; 10] = [
    r#"{"uuid":"5f0c","user_id":"u1","session_id":"s1","path":"/","css":"a","text":"A","value":"","event_time":"2025-01-01 00:00:01"}"#,
    r#"{"uuid":"5f0d","user_id":"u1","session_id":"s1","path":"/cart","css":"b","text":"12\" screen","value":"7","event_time":"2025-01-01 00:00:09"}"#,
    r#"{"uuid":"5f0e","user_id":"u2","session_id":"s2","path":"/caf\u00e9","css":"c","text":"\ud83d\ude00 \\ \/","value":"","event_time":"2025-01-01T00:01:00Z"}"#,
    r#"{"uuid":"","user_id":17,"session_id":18446744073709551615,"path":"/n","css":null,"text":true,"value":-0.50,"event_time":1735689600}"#,
    r#"{ "session_id" : "s3" , "user_id" : "u3" , "path" : "/é/😀" , "event_time" : "2025-01-01 00:02:00" }"#,
    r#"{"session_id":"s3","path":"/a","path":"/b","event_time":"2025-01-01 00:02:05","event_time":null}"#,
    r#"{"session_id":"s4","path":"/x","other":[1,{"a":"}\""},[[]]],"more":{"path":"/no"},"event_time":"2025-01-01 00:03:00"}"#,
    r#"{"p\u0061th":"/y","session_id":"s4","event_time":"2025-01-01 00:03:07","value":1e3,"text":""}"#,
    r#"{"session_id":"s5","path":"/z","text":"TV 55\\\",\",2025-02-06 09:55:15\"","event_time":""}"#,
    "{}",
];

/// One damage to a file's bytes.
#[derive(Clone, Debug)]
struct Damage {
    kind: u8,
    at: prop::sample::Index,
    from: prop::sample::Index,
    length: usize,
    byte: u8,
}

impl Damage {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let at = self.at.index(bytes.len() + 1);
        let span = |at: usize| at..(at + self.length).min(bytes.len());
        match self.kind {
            0 => bytes.insert(at, self.byte),
            1 => drop(bytes.drain(span(at))),
            // A piece of another place: put in, or in the place of what is there.
            2 | 3 => {
                let from = span(self.from.index(bytes.len() + 1));
                let piece = bytes[from].to_vec();
                let replaced = if self.kind == 2 { at..at } else { span(at) };
                bytes.splice(replaced, piece);
            }
            // Twice.
            4 => {
                let piece = bytes[span(at)].to_vec();
                bytes.splice(at..at, piece);
            }
            5 => bytes.truncate(bytes.len() - bytes.len().min(self.length)),
            other => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = if other == 6 { *byte ^ 1 << (self.byte % 8) } else { self.byte };
                }
            }
        }
    }
}

fn damage() -> impl Strategy<Value = Damage> {
    let signs = b"\"\\{}[]:,.+-eE0n/u \t\r\n\0\x1f\x7f\x80\xc3\xa9\xed\xa0\xf0\xff".to_vec();
    let byte = prop_oneof![2 => prop::sample::select(signs), 1 => any::<u8>()];
    let length = prop_oneof![4 => 0usize..8, 1 => 0usize..200];
    (0u8..8, any::<prop::sample::Index>(), any::<prop::sample::Index>(), length, byte)
        .prop_map(|(kind, at, from, length, byte)| Damage { kind, at, from, length, byte })
}

/// The bytes of a file, damaged in several places.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let lines = prop::collection::vec(prop::sample::select(LINES.to_vec()), 1..10);
    (lines, any::<bool>(), prop::collection::vec(damage(), 0..8)).prop_map(|(lines, twice, damages)| {
        // Twice, so that damaged lines follow whole ones of their own layout.
        let mut bytes = if twice { lines.join("\n") + "\n" } else { String::new() }.into_bytes();
        bytes.extend(lines.join("\n").bytes());
        damages.iter().for_each(|damage| damage.apply(&mut bytes));
        bytes
    })
}

/// The results of a file as text, or why there are none.
fn results(path: &std::path::Path, workers: usize, chunk_bytes: u64) -> String {
    let options = Options { workers, chunk_bytes, ..options(&Settings::default()) };
    match analyse(&[Input::new(path)], &options, Export::Json, &mut |_| {}) {
        Ok((_, bytes)) => String::from_utf8(bytes).expect("JSON is UTF-8"),
        Err(problem) => problem.to_string(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(2000)))]

    /// A reader that has learnt the layouts of the lines before finds what one finds that begins with the line.
    #[test]
    fn damaged_lines_are_read_as_if_they_stood_alone(bytes in damaged()) {
        assert_read_as_alone(&bytes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(100)))]

    #[test]
    fn a_damaged_file_gives_the_same_however_it_is_cut(bytes in damaged(), workers in 2usize..5, chunk in 1u64..600) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &bytes).unwrap();
        prop_assert_eq!(results(file.path(), 1, 1 << 30), results(file.path(), workers, chunk));
    }
}
