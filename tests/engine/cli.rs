//! The command line program as a user calls it.

use std::io::Write;
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};

use crate::support::miniature;

fn footpath(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_footpath")).args(arguments).output().unwrap()
}

fn path() -> String {
    miniature().to_str().unwrap().into()
}

fn says(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn json(output: &Output) -> serde_json::Value {
    assert!(output.status.success(), "{}", says(output));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_file_is_analysed_in_each_format() {
    let text = footpath(&["analyze", &path()]);
    assert!(String::from_utf8_lossy(&text.stdout).starts_with("1 of 4 sessions reached the goal"));
    let html = footpath(&["analyze", &path(), "--format", "html"]);
    assert!(html.stdout.starts_with(b"<!DOCTYPE html>"));
    let json = json(&footpath(&["analyze", &path(), "--format", "json"]));
    assert_eq!(json["schema"], 1);
    assert_eq!(json["totals"]["events"], 10);
    assert_eq!(json["source"]["name"], "miniature.jsonl");
    let hash = blake3::hash(&std::fs::read(miniature()).unwrap()).to_hex();
    assert_eq!(json["source"]["blake3"], hash.as_str());
}

#[test]
fn standard_input_gives_the_same() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_footpath"))
        .args(["analyze", "-", "--format", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&std::fs::read(miniature()).unwrap()).unwrap();
    let mut piped = json(&child.wait_with_output().unwrap());
    let mut named = json(&footpath(&["analyze", &path(), "--format", "json"]));
    assert_eq!(piped["source"]["name"], "standard input");
    piped["source"]["name"].take();
    named["source"]["name"].take();
    assert_eq!(piped, named);
}

#[test]
fn json_that_is_not_lines_gives_the_same() {
    let whole = std::fs::read_to_string(miniature()).unwrap();
    // Each record by itself: what is damaged would end a list.
    let records: Vec<&str> =
        whole.lines().filter(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()).collect();
    let list = records.join(",\n");
    let pretty: Vec<String> = records
        .iter()
        .map(|record| {
            serde_json::to_string_pretty(&serde_json::from_str::<serde_json::Value>(record).unwrap()).unwrap()
        })
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let analysed = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let mut json = json(&footpath(&["analyze", path.to_str().unwrap(), "--format", "json"]));
        // The order of a record's fields, and so the file's hash, may differ.
        json["source"].take();
        json["totals"]["blank"].take();
        json["quality"].take();
        json["findings"].take();
        json
    };
    let expected = analysed("lines.json", records.join("\n").as_bytes());
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    for (name, document) in [
        ("list.json", format!("[{list}]")),
        ("nested.json", format!("{{\"count\": 3, \"events\": [{list}]}}")),
        ("glued.json", records.concat()),
        ("pretty.json", format!("[{}]", pretty.join(", "))),
        ("pretty-glued.json", pretty.join("\n")),
    ] {
        assert_eq!(analysed(name, document.as_bytes()), expected, "{name}");
        assert_eq!(analysed(&format!("{name}.gz"), &gzip(document.as_bytes())), expected, "{name}.gz");
    }
}

#[test]
fn several_files_are_one_data_set() {
    let whole = std::fs::read(miniature()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    // Cut behind the fifth line; the first file's last line has no line end.
    let cut = whole.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(4).unwrap().0;
    let (first, second) = (folder.path().join("a.jsonl"), folder.path().join("b.jsonl"));
    std::fs::write(&first, &whole[..cut]).unwrap();
    std::fs::write(&second, &whole[cut + 1..]).unwrap();
    let names = [first.to_str().unwrap(), second.to_str().unwrap()];
    let mut several = json(&footpath(&["analyze", names[0], names[1], "--format", "json", "--threads", "3"]));
    let mut one = json(&footpath(&["analyze", &path(), "--format", "json"]));
    assert_eq!(several["source"]["name"], "a.jsonl and b.jsonl");
    assert_eq!(
        (&several["source"]["files"][0]["lines"], &several["source"]["files"][1]["lines"]),
        (&5.into(), &10.into())
    );
    let both = [&whole[..cut], &whole[cut + 1..]].concat();
    assert_eq!(several["source"]["blake3"], blake3::hash(&both).to_hex().as_str());
    for line in several["quality"]["rejected_lines"].as_array().unwrap() {
        assert_eq!(line["file"], "b.jsonl");
    }
    let lines = |json: &serde_json::Value, before: u64| -> Vec<u64> {
        let lines = json["quality"]["rejected_lines"].as_array().unwrap();
        lines.iter().map(|line| line["line"].as_u64().unwrap() + before).collect()
    };
    assert_eq!(lines(&several, 5), lines(&one, 0));
    // Apart from where things stand, all is the same.
    for json in [&mut several, &mut one] {
        json["source"].take();
        json["quality"].take();
        json["findings"].take();
    }
    assert_eq!(several, one);

    std::fs::write(&second, "<!DOCTYPE html>").unwrap();
    let mixed = footpath(&["analyze", names[0], names[1]]);
    assert_eq!(mixed.status.code(), Some(0));
    assert!(says(&mixed).contains("left out b.jsonl: This is a web page"), "{}", says(&mixed));
    // In whatever order they are named.
    let swapped = footpath(&["analyze", names[1], names[0], "--format", "json"]);
    assert_eq!(swapped.stdout, footpath(&["analyze", names[0], names[1], "--format", "json"]).stdout);
}

#[test]
fn an_address_is_fetched() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/exports/events.jsonl?key=1", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        let _ = std::io::Read::read(&mut stream, &mut request).unwrap();
        let body = std::fs::read(miniature()).unwrap();
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len()).unwrap();
        stream.write_all(&body).unwrap();
    });
    let json = json(&footpath(&["analyze", &address, "--format", "json"]));
    server.join().unwrap();
    assert_eq!((&json["source"]["name"], &json["totals"]["sessions"]), (&"events.jsonl".into(), &4.into()));
}

#[test]
fn settings_come_from_a_file() {
    let preset = concat!(env!("CARGO_MANIFEST_DIR"), "/public/presets/reference.json");
    let json = json(&footpath(&["analyze", &path(), "--format", "json", "--settings", preset]));
    assert_eq!((&json["totals"]["salvaged"], &json["totals"]["rejected"]), (&0.into(), &4.into()));
}

#[test]
fn unusable_settings_are_bad_usage() {
    let settings = |json: &str| {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(json.as_bytes()).unwrap();
        let output = footpath(&["analyze", &path(), "--settings", file.path().to_str().unwrap()]);
        assert!(output.stdout.is_empty());
        (output.status.code(), says(&output))
    };
    let (code, said) = settings(r#"{"funnel": {"steps": "auto", "min_support": 20}}"#);
    assert_eq!(code, Some(2));
    assert!(said.contains("funnel.min_support is a share and must be between 0 and 1, not 20"), "{said}");
    let (code, said) = settings(r#"{"salvge": false}"#);
    assert_eq!(code, Some(2));
    assert!(said.contains("there is no setting `salvge`"), "{said}");

    let missing = footpath(&["analyze", &path(), "--settings", "no-such-settings.json"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(says(&missing).starts_with("footpath: cannot read no-such-settings.json"), "{}", says(&missing));
}

#[test]
fn exit_codes_tell_what_went_wrong() {
    let missing = footpath(&["analyze", "no-such-file.jsonl"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(says(&missing).starts_with("footpath: cannot read no-such-file.jsonl"), "{}", says(&missing));

    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"a,b\n1,2\n").unwrap();
    let csv = footpath(&["analyze", file.path().to_str().unwrap()]);
    assert_eq!(csv.status.code(), Some(1));
    assert!(says(&csv).contains("or none like a page or an event: “a”, “b”"), "{}", says(&csv));
    assert!(csv.stdout.is_empty());

    assert_eq!(footpath(&["analyze"]).status.code(), Some(2));
    assert_eq!(footpath(&["analyze", &path(), "--format", "xml"]).status.code(), Some(2));
    let output = footpath(&["analyze", &path(), "--output", "/no/such/folder/x"]);
    assert_eq!(output.status.code(), Some(1));

    file.as_file_mut().set_len(0).unwrap();
    assert!(
        says(&footpath(&["analyze", file.path().to_str().unwrap()]))
            .contains("The file is empty: it holds no records.")
    );
}

#[test]
fn the_input_is_never_overwritten() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let events = std::fs::read(miniature()).unwrap();
    file.write_all(&events).unwrap();
    let path = file.path().to_str().unwrap();
    let output = footpath(&["analyze", path, "--output", path]);
    assert_eq!(output.status.code(), Some(1));
    assert!(says(&output).contains("is the input itself"), "{}", says(&output));
    assert_eq!(std::fs::read(path).unwrap(), events);
    // By another name it is still the same file.
    let folder = tempfile::tempdir_in(file.path().parent().unwrap()).unwrap();
    let link = folder.path().join("link.jsonl");
    std::fs::hard_link(path, &link).unwrap();
    let output = footpath(&["analyze", path, "--output", link.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(std::fs::read(path).unwrap(), events);
}

#[test]
fn no_threads_are_bad_usage() {
    let output = footpath(&["analyze", &path(), "--threads", "0"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(says(&output).contains("--threads"), "{}", says(&output));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_names_the_file() {
    for arguments in [vec!["demo", "--output", "/dev/full"], vec!["analyze", &path(), "--output", "/dev/full"]] {
        let output = footpath(&arguments);
        assert_eq!(output.status.code(), Some(1));
        assert!(says(&output).starts_with("footpath: cannot write /dev/full: No space left"), "{}", says(&output));
    }
}

#[test]
fn all_sessions_are_named_when_asked_for() {
    let demo = footpath(&["demo", "--events", "3000", "--seed", "3"]);
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&demo.stdout).unwrap();
    let path = file.path().to_str().unwrap();
    let named = |json: &serde_json::Value| {
        let finding = &json["findings"][0];
        (finding["sessions"].as_array().unwrap().len() as u64, finding["session_count"].as_u64().unwrap())
    };
    let (first, count) = named(&json(&footpath(&["analyze", path, "--format", "json"])));
    assert!(first == 100 && count > 100, "{first} of {count}");
    let (all, count) = named(&json(&footpath(&["analyze", path, "--format", "json", "--all-sessions"])));
    assert_eq!(all, count);
}

const STRANGE: &str =
    "a,b,c,d\nu1,2025-03-01 10:00:00,/home,x\nu1,2025-03-01 10:00:09,/cart,y\nu2,2025-03-01 10:00:00,/home,z\n";

#[test]
fn what_fields_are_can_be_said() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("strange.csv");
    std::fs::write(&file, STRANGE).unwrap();
    let file = file.to_str().unwrap();
    let refused = footpath(&["analyze", file]);
    assert!(says(&refused).contains("on the command line with --map"), "{}", says(&refused));
    let said = json(&footpath(&[
        "analyze", file, "--map", "user=a", "--map", "time=b", "--map", "page=c", "--format", "json",
    ]));
    assert_eq!((&said["totals"]["events"], &said["totals"]["sessions"]), (&3.into(), &2.into()));
    assert_eq!(said["settings"]["mapping"]["session"], "@user");
    let wrong = footpath(&["analyze", file, "--map", "place=c"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(says(&wrong).contains("there is no role place, only id, user"), "{}", says(&wrong));
}

#[test]
fn a_layout_can_be_said() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "visitorid,timestamp,event,more\n1,1740823200000,view,x\n1,1740823260000,buy,x\n")
        .unwrap();
    let path = file.path().to_str().unwrap();
    let said =
        json(&footpath(&["analyze", path, "--layout", "retailrocket", "--map", "text=more", "--format", "json"]));
    assert_eq!((&said["totals"]["events"], &said["settings"]["mapping"]["text"]), (&2.into(), &"more".into()));
    let unknown = footpath(&["analyze", path, "--layout", "other"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(says(&unknown).contains("posthog"), "{}", says(&unknown));
}

#[test]
fn a_folder_and_a_pattern_are_the_files_in_them() {
    let folder = tempfile::tempdir().unwrap();
    let line =
        |session: u32| format!(r#"{{"session_id":"{session}","path":"/","event_time":"2025-01-01 00:00:0{session}"}}"#);
    std::fs::create_dir(folder.path().join("more")).unwrap();
    for (name, session) in [("b.jsonl", 1), ("a.jsonl", 2), ("more/c.jsonl", 3), (".hidden", 4)] {
        std::fs::write(folder.path().join(name), line(session)).unwrap();
    }
    let names = |input: &str| {
        let found = json(&footpath(&["analyze", input, "--format", "json"]));
        let files = found["source"]["files"].as_array().unwrap().clone();
        files.iter().map(|file| file["name"].as_str().unwrap().to_string()).collect::<Vec<_>>()
    };
    assert_eq!(names(folder.path().to_str().unwrap()), ["a.jsonl", "b.jsonl", "c.jsonl"]);
    assert_eq!(names(&format!("{}/*.jsonl", folder.path().display())), ["a.jsonl", "b.jsonl"]);
    let none = footpath(&["analyze", &format!("{}/*.csv", folder.path().display())]);
    assert!(says(&none).contains("names no files"), "{}", says(&none));
}
