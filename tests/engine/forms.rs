//! Every form of a file in every packing comes to the same, and what cannot be read is told of in one sentence.

use std::io::{Cursor, Write};
use std::path::Path;

use footpath::engine::Export;
use footpath::engine::native::{Input, analyse};
use footpath::engine::opened::Opened;
use footpath::ingest::FileProblem;
use footpath::report::Document;
use footpath::settings::Settings;

use crate::support::options;

/// Three events of two users in each form in which records may stand.
fn containers() -> Vec<(&'static str, Vec<u8>)> {
    let rows =
        [("u1", "/a", "2025-03-01 10:00:00"), ("u1", "/é", "2025-03-01 10:01:00"), ("u2", "/a", "2025-03-01 10:02:00")];
    let json = rows.map(|(user, page, time)| {
        format!(r#"{{"user_id":"{user}","session_id":"{user}","path":"{page}","event_time":"{time}","css":""}}"#)
    });
    let table = |between: char, quote: &str| {
        let line = |fields: [&str; 4]| fields.map(|field| format!("{quote}{field}{quote}")).join(&between.to_string());
        let lines = rows.map(|(user, page, time)| line([user, user, page, time]));
        format!("{}\n{}\n", line(["user_id", "session_id", "path", "event_time"]), lines.join("\n"))
    };
    let log = rows.map(|(user, page, time)| {
        format!("1.2.3.4 - {user} [01/Mar/2025:{} +0000] \"GET {page} HTTP/1.1\" 200 5\n", &time[11..])
    });
    let extended = rows.map(|(user, page, time)| format!("{time} {user} 1.2.3.4 GET {page} 200\n"));
    let xes = rows.map(|(user, page, time)| {
        format!(
            "<trace><string key=\"concept:name\" value=\"{user}\"/><event><string key=\"concept:name\" value=\"{page}\"/>\
             <date key=\"time:timestamp\" value=\"{time}\"/></event></trace>"
        )
    });
    let recording = rows.map(|(_, page, time)| {
        let ms = footpath::ingest::time::parse(time).unwrap().us / 1000;
        format!(r#"{{"type":4,"data":{{"href":"{page}"}},"timestamp":{ms}}}"#)
    });
    let utf_16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let without_names = rows.map(|(user, page, time)| format!("{user},{page},{time}\n")).concat();
    let windows = encoding_rs::WINDOWS_1252.encode(&table(';', "")).0.into_owned();
    vec![
        ("lines of JSON", json.join("\n").into()),
        ("lines of JSON with CRLF and a byte order mark", format!("\u{feff}{}\r\n", json.join("\r\n")).into()),
        ("a list of JSON", format!("[\n{}\n]", json.join(",\n")).into()),
        ("JSON under a key", format!("{{\"events\": [{}]}}", json.join(",")).into()),
        ("glued JSON", json.concat().into()),
        ("a table with commas", table(',', "").into()),
        ("a table with tabs and CRLF", table('\t', "").replace('\n', "\r\n").into()),
        ("a table with bars and quotes", table('|', "\"").into()),
        ("a table whose rows end with a delimiter", table(';', "").replace(":00\n", ":00;\n").into()),
        ("a table with long records", table(',', "\"").replace("\"u2\",\"/a\"", "\"u2\",\"/a\n\"").into()),
        ("a table without names", without_names.clone().into()),
        ("a table without names in UTF-16", utf_16(&format!("\u{feff}{without_names}"))),
        ("an access log", log.concat().into()),
        (
            "an extended log",
            format!("#Fields: date time cs-username c-ip cs-method cs-uri-stem sc-status\n{}", extended.concat())
                .into(),
        ),
        ("XES", format!("<?xml version=\"1.0\"?><log>{}</log>", xes.concat()).into()),
        ("rrweb", format!("[{}]", recording.join(",")).into()),
        ("UTF-16", utf_16(&format!("\u{feff}{}", table(',', "")))),
        ("UTF-16 without a mark", utf_16(&table(',', ""))),
        ("Windows-1252", windows),
    ]
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zip(files: &[(&str, &[u8])], method: zip::CompressionMethod) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, zip::write::SimpleFileOptions::default().compression_method(method)).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        builder.append_data(&mut header, name, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

fn packings(bytes: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    use zip::CompressionMethod::{Deflated, Stored};
    let zstandard =
        |bytes: &[u8]| ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest);
    vec![
        ("as it stands", bytes.to_vec()),
        ("gzip", gzip(bytes)),
        ("Zstandard", zstandard(bytes)),
        ("zip, stored", zip(&[("a", bytes)], Stored)),
        ("zip, deflated", zip(&[("__MACOSX/a", b"no"), ("folder/a", bytes), (".DS_Store", b"no")], Deflated)),
        ("tar", tar(&[("a", bytes)])),
        ("tar.gz", gzip(&tar(&[("a", bytes)]))),
        ("zip of gzip", zip(&[("a.gz", &gzip(bytes))], Stored)),
    ]
}

fn opened(path: &Path) -> Result<Box<Document>, FileProblem> {
    let files = Opened::File(path.into()).unpacked(false)?;
    let inputs: Vec<Input> = files.iter().map(Opened::input).collect();
    Ok(analyse(&inputs, &options(&Settings::default()), Export::Json, &mut |_| {})?.0)
}

fn opened_bytes(bytes: &[u8]) -> Result<Box<Document>, FileProblem> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    opened(file.path())
}

#[test]
fn every_form_opens_in_every_packing() {
    for (container, bytes) in containers() {
        for (packing, packed) in packings(&bytes) {
            let document = opened_bytes(&packed).unwrap_or_else(|problem| panic!("{container}, {packing}: {problem}"));
            let totals = &document.totals;
            let sessions = if container == "rrweb" { 1 } else { 2 };
            assert_eq!((totals.events, totals.sessions), (3, sessions), "{container}, {packing}");
            let visits: Vec<(&str, u64)> =
                document.pages.iter().map(|page| (page.page.as_str(), page.events)).collect();
            assert_eq!(visits, [("/a", 2), ("/é", 1)], "{container}, {packing}");
            assert_eq!(
                totals.first_event.as_deref().map(|time| &time[..19]),
                Some("2025-03-01T10:00:00"),
                "{container}, {packing}"
            );
        }
    }
}

#[test]
fn files_of_an_archive_are_one_data_set() {
    let table = |user: &str| format!("user_id,event,timestamp\n{user},main,2025-03-01 10:00:00\n").into_bytes();
    let (first, second) = (table("u1"), gzip(&table("u2")));
    let files: [(&str, &[u8]); 3] = [("2/b.csv.gz", &second), ("1/a.csv", &first), ("empty.csv", b"")];
    for packed in [zip(&files, zip::CompressionMethod::Deflated), tar(&files)] {
        let document = opened_bytes(&packed).unwrap();
        let names: Vec<&str> = document.source.files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["a.csv", "b.csv"]);
        assert_eq!((document.totals.events, document.totals.users, document.totals.headers), (2, 2, 2));
    }
}

#[test]
fn what_belongs_to_no_data_set_with_the_others_is_left_out() {
    let table = |user: &str| format!("timestamp,visitorid,event\n2025-03-01 10:00:00,{user},main\n").into_bytes();
    let (first, second) = (table("u1"), table("u2"));
    let files: [(&str, &[u8]); 6] = [
        ("README.txt", b"Some notes\nand more\n"),
        ("category_tree.csv", b"categoryid,parentid\n1,2\n2,3\n"),
        ("events_1.csv", &first),
        ("events_2.csv", &second),
        ("logo.png", b"\x89PNG and so on"),
        ("products.csv", b"timestamp,itemid,property,value\n1,2,3,4\n"),
    ];
    let document = opened_bytes(&zip(&files, zip::CompressionMethod::Stored)).unwrap();
    let names: Vec<&str> = document.source.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["events_1.csv", "events_2.csv"]);
    assert_eq!((document.totals.events, document.totals.users, document.totals.rejected), (2, 2, 0));
    let left_out: Vec<String> =
        document.source.left_out.iter().map(|file| format!("{}: {}", file.name, &file.reason[..20])).collect();
    assert_eq!(
        left_out,
        [
            "README.txt: This is no events fi",
            "category_tree.csv: Its records have oth",
            "logo.png: This is a picture, w",
            "products.csv: Its records have oth"
        ]
    );
    let said = document.findings.iter().find(|finding| finding.title.contains("left out")).unwrap();
    assert_eq!((said.title.as_str(), said.n), ("4 files were left out", 6));
    // Nothing is left out where nothing is certain.
    let strange: [(&str, &[u8]); 2] = [("logo.png", b"\x89PNG"), ("notes.txt", b"Some notes\nand more\n")];
    let said = opened_bytes(&zip(&strange, zip::CompressionMethod::Stored)).unwrap_err().to_string();
    assert!(said.starts_with("logo.png: This is a picture"), "{said}");
}

#[test]
fn a_damaged_file_among_several_is_left_out() {
    let table = |user: &str| format!("timestamp,visitorid,event\n2025-03-01 10:00:00,{user},main\n").into_bytes();
    let whole = gzip(&table("u1"));
    let cut = &whole[..whole.len() - 9];
    let inner = zip(&[("b.csv", &table("u2"))], zip::CompressionMethod::Stored);
    let files: [(&str, &[u8]); 3] = [("a.csv.gz", cut), ("b.zip", &inner), ("c.zip", &inner[..inner.len() - 30])];
    let document = opened_bytes(&tar(&files)).unwrap();
    assert_eq!((document.totals.events, document.source.name.as_str()), (1, "b.csv"));
    let left_out: Vec<&str> = document.source.left_out.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(left_out, ["a.csv.gz", "c.zip"]);
    let reason = &document.source.left_out[0].reason;
    assert!(reason.contains("gzip") && !reason.contains('\n'), "{reason}");
    // One that is alone, or several that are all damaged, cannot be opened.
    let alone = opened_bytes(cut).unwrap_err().to_string();
    assert!(alone.contains("gzip"), "{alone}");
    let all = opened_bytes(&tar(&[("a.csv.gz", cut), ("c.csv.gz", cut)])).unwrap_err().to_string();
    assert!(all.starts_with("a.csv.gz: ") && all.contains("gzip"), "{all}");
}

#[test]
fn a_table_may_have_ten_thousand_columns() {
    let names: Vec<String> = (0..10_000).map(|at| format!("c{at}")).collect();
    let mut text = format!("user_id,event,timestamp,{}\n", names.join(","));
    for minute in 10..30 {
        text.push_str(&format!("u{},main,2025-03-01 10:{minute}:00{}\n", minute % 3, ",x".repeat(10_000)));
    }
    let totals = opened_bytes(text.as_bytes()).unwrap().totals;
    assert_eq!((totals.events, totals.users, totals.rejected), (20, 3, 0));
}

#[test]
fn what_is_damaged_or_mixed_is_told_of_line_by_line() {
    let good = r#"{"user_id":"u","session_id":"s","path":"/","css":"","event_time":"2025-03-01 10:00:00"}"#;
    // NULs, a line of a table among those of JSON, and a file that ends in the middle of a record.
    let mixed = format!("{good}\nuser,page,time\n{good}\n{}\0{}\n{good}\n{}", &good[..30], &good[30..], &good[..40]);
    let document = opened_bytes(mixed.as_bytes()).unwrap();
    assert_eq!((document.totals.events + document.totals.duplicates, document.totals.rejected), (3, 3));
    assert!(document.quality.cut_off);
    let reasons: Vec<&str> = document.quality.rejected_lines.iter().map(|line| line.reason.as_str()).collect();
    assert_eq!(reasons, ["not valid JSON", "not valid JSON", "the record ends in its middle"]);
    // A line of an access log among those of a table, and a bad sign.
    let table = b"user_id,event,timestamp\nu,main,2025-03-01 10:00:00\nu,a,2025-03-01 10:00:02\n\
        1.2.3.4 - - [01/Mar/2025:10:00:00 +0000] \"GET / HTTP/1.1\" 200 5\nu,caf\xe9 \xc3\xa9,2025-03-01 10:00:01\n";
    let document = opened_bytes(table).unwrap();
    assert_eq!((document.totals.events, document.totals.rejected), (2, 2));
    let reasons: Vec<&str> = document.quality.rejected_lines.iter().map(|line| line.reason.as_str()).collect();
    assert_eq!(reasons, ["the field “timestamp” (time) is missing or empty", "not UTF-8 text"]);
    let with_nul = opened_bytes(b"user_id,event,timestamp\nu,ma\0in,2025-03-01 10:00:01\n");
    assert_eq!(with_nul.map(|document| document.totals.events), Err(FileProblem::Binary));
}

#[test]
fn what_cannot_be_read_is_told_of_in_one_sentence() {
    let table = b"user_id,event,timestamp\nu,main,2025-03-01 10:00:00\n".repeat(3000);
    let (zipped, gzipped) = (zip(&[("a.csv", &table)], zip::CompressionMethod::Deflated), gzip(&table));
    let tarred = tar(&[("a.csv", &table)]);
    let cases: [(&str, &[u8], &str); 11] = [
        ("a gzip that ends too early", &gzipped[..gzipped.len() / 2], "The gzip file is damaged or ends too early."),
        ("a zip that ends too early", &zipped[..zipped.len() / 2], "The zip file is damaged or ends too early."),
        ("a tar that ends too early", &tarred[..tarred.len() / 2], "The tar file is damaged or ends too early."),
        ("an XES that ends too early", b"<log><trace><event>", "The XML file is damaged or ends too early."),
        (
            "an XML of another kind",
            b"<?xml version=\"1.0\"?><rows/>",
            "This is an XML file, which Footpath cannot read yet.",
        ),
        ("gzip by its name only", b"\x1f\x8b not really", "The gzip file is damaged or ends too early."),
        (
            "an Office document",
            &zip(&[("[Content_Types].xml", b"<x/>")], zip::CompressionMethod::Stored),
            "This is an Office document",
        ),
        ("Parquet by its beginning only", b"PAR1 and more", "The Parquet file is damaged or ends too early."),
        (
            "a table without rows",
            b"user_id,event,timestamp\n",
            "No events found: the file holds nothing but the names of its columns.",
        ),
        (
            "a log of robots",
            b"1.2.3.4 - - [01/Mar/2025:10:00:00 +0000] \"GET /a.css HTTP/1.1\" 200 5\n",
            "No events found: the only line holds no action of a person (1: a file that belongs to a page, not a page).",
        ),
        ("a table of numbers", b"1,2,3\n4,5,6\n4,8,9\n", "This is no events file that Footpath can read"),
    ];
    for (what, bytes, sentence) in cases {
        let said = opened_bytes(bytes).map(|document| document.totals.events).unwrap_err().to_string();
        assert!(said.starts_with(sentence), "{what}: {said}");
    }
}
