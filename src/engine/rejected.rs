//! The rejected lines themselves, for whoever repairs them: the file is read once more.

use std::io::{self, Read};

use crate::ingest::event::Decoder;
use crate::ingest::form::Container;
use crate::ingest::lines::{ChunkLines, Line};
use crate::settings::Settings;

const READ_BYTES: usize = 1 << 20;

/// Hands out the rejected lines of a file, each with its line end and in their order; of a table first the line that names
/// its columns, so that they are one again. Lines that are whole and tell of no action are left out, and so are those that
/// are too long to be held. Files of columns have no lines.
pub fn rejected_lines(
    mut file: impl Read,
    container: &Container,
    settings: &Settings,
    each: &mut dyn FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    if matches!(container, Container::Columns(_)) {
        return Ok(());
    }
    let mut decoder = Decoder::of(container, &settings.mapping);
    let mut header = container.has_header();
    let mut result = Ok(());
    let mut take = |line: Line| {
        let (Line::Whole(bytes) | Line::Unended(bytes)) = line else { return };
        if bytes.trim_ascii().is_empty() || result.is_err() {
            return;
        }
        let rejected = std::mem::take(&mut header)
            || match decoder.decode(bytes, &mut |_| {}) {
                Ok(event) => event.salvaged.is_some() && !settings.salvage,
                Err(reason) => !reason.is_set_aside(),
            };
        if rejected {
            result = each(bytes).and_then(|()| each(b"\n"));
        }
    };
    let mut lines = ChunkLines::new(0, u64::MAX);
    let mut buffer = vec![0; READ_BYTES];
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            read => {
                lines.push(&buffer[..read], &mut take);
            }
        }
    }
    lines.end_of_file(&mut take);
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::form::recognise;

    fn rejected(file: &str, settings: &Settings) -> String {
        let container = Container::recognise(file.as_bytes()).unwrap();
        let mut settings = settings.clone();
        if let Some(recognised) = recognise(file.as_bytes(), &settings).unwrap() {
            recognised.take_over(&mut settings);
        }
        let mut found = Vec::new();
        rejected_lines(file.as_bytes(), &container, &settings, &mut |bytes| {
            found.extend_from_slice(bytes);
            Ok(())
        })
        .unwrap();
        String::from_utf8(found).unwrap()
    }

    #[test]
    fn lines_come_out_as_they_stand() {
        let good = r#"{"session_id":"s","user_id":1,"event_time":"2025-02-06 09:00:04","path":"/","css":""}"#;
        let damaged = r#"{"session_id":"s","user_id":1,"event_time":null,"path":"/","css":"","text":"a\",\"2025-02-06 09:00:15\""}"#;
        let file = format!("{good}\n\nno json\r\n{damaged}\n{good}\n{{\"session_id\":1}}");
        assert_eq!(rejected(&file, &Settings::default()), "no json\n{\"session_id\":1}\n");
        let without = Settings { salvage: false, ..Settings::default() };
        assert_eq!(rejected(&file, &without), format!("no json\n{damaged}\n{{\"session_id\":1}}\n"));
    }

    #[test]
    fn a_table_keeps_the_names_of_its_columns() {
        let file = "user_id,timestamp,event\n1,2025-01-01,a\n2,soon,b\n3,2025-01-01,c\n";
        assert_eq!(rejected(file, &Settings::default()), "user_id,timestamp,event\n2,soon,b\n");
    }
}
