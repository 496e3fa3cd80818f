//! A thousand cursor periods in one run, in little memory: each record is there once.

use std::collections::BTreeMap;

use crate::kit::Desk;

const PERIODS: usize = 1_000;
const ROUNDS: usize = 20;

/// Records that jump from day to day, so that all periods are open at once.
fn records() -> String {
    let record = |id: usize| {
        let day = id * 7 % PERIODS;
        let (month, day) = (day / 28, day % 28 + 1);
        let (year, month) = (2020 + month / 12, month % 12 + 1);
        format!("{{\"id\":{id},\"at\":\"{year}-{month:02}-{day:02}\",\"pad\":\"{id:0>300}\"}}\n")
    };
    (0..PERIODS * ROUNDS).map(record).collect()
}

/// Loads them by the day, in the least memory there is, and returns each object's lines.
fn load(format: &str) -> (Desk, BTreeMap<String, String>) {
    let desk = Desk::new();
    desk.write("s.jsonl", records());
    let ran = desk.ok(&format!(
        "spile load s.jsonl --cursor-field at --to 'out/{{cursor_iso_date}}.{{extension}}' \
         --format {format} --memory 40MiB --output-format json"
    ));
    assert_eq!(ran.json()["rows"], PERIODS * ROUNDS);
    let files = desk.files("out").into_iter();
    let text = |bytes| String::from_utf8(bytes).expect("text");
    let texts = files.map(|(name, bytes)| (name, text(bytes))).collect();
    (desk, texts)
}

#[test]
fn as_jsonl() {
    let (desk, objects) = load("jsonl");
    let mut lines = Vec::new();
    for (name, text) in &objects {
        let day = format!("\"at\":\"{}\"", &name[..10]);
        assert!(text.lines().all(|line| line.contains(&day)), "{name}");
        lines.extend(text.lines());
    }
    let records = desk.read("s.jsonl");
    let mut expected: Vec<_> = records.lines().collect();
    lines.sort_unstable();
    expected.sort_unstable();
    assert!(lines == expected, "every record is there once");
    let days = objects.keys().map(|name| &name[..10]);
    assert_eq!(
        days.collect::<std::collections::BTreeSet<_>>().len(),
        PERIODS
    );
}

#[test]
fn as_csv() {
    let (_desk, objects) = load("csv");
    let mut ids = Vec::new();
    for (name, text) in &objects {
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("id,at,pad"), "{name}");
        for line in lines {
            let cells: Vec<_> = line.split(',').collect();
            assert_eq!(cells[1], &name[..10]);
            ids.push(cells[0].parse::<usize>().expect("a number"));
        }
    }
    ids.sort_unstable();
    assert!(
        ids.into_iter().eq(0..PERIODS * ROUNDS),
        "every record is there once"
    );
}
