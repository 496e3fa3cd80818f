use proptest::prelude::*;

use crate::testing::{Strict, batches, drain, gzip, json_texts, read, rejected, stdin};
use crate::{InputConfig, InputFormat, open_with};

fn config() -> InputConfig {
    stdin(InputFormat::Jsonl)
}

#[test]
fn each_line_is_a_record() {
    let check = |input: &str, expect: &[&str]| {
        let (batches, error) = read(&config(), input.as_bytes());
        assert_eq!(
            (json_texts(&batches), error),
            (expect.iter().map(ToString::to_string).collect(), None)
        );
    };
    check("", &[]);
    check("\n \n\r\n", &[]);
    check("{}\n", &["{}"]);
    check("{}", &["{}"]);
    check("{\"a\":1}\r\n\t{\"a\":2} \r\n", &["{\"a\":1}", "{\"a\":2}"]);
    check("\n\n{}\n\n{}\n\n", &["{}", "{}"]);
    check("\u{FEFF}{}\n{}", &["{}", "{}"]);
    check("\u{FEFF}", &[]);
}

#[test]
fn the_text_of_a_record_is_never_changed() {
    let record =
        r#"{ "big":18446744073709551616123, "n":1.10, "e":1e400, "u":"\u00e9é", "d":0, "d":1 }"#;
    let (batches, error) = read(&config(), record.as_bytes());
    assert_eq!(
        (json_texts(&batches), error),
        (vec![record.to_owned()], None)
    );
}

#[test]
fn a_bad_record_is_told_after_the_ones_before_it_and_the_rest_can_be_read() {
    let input = "{\"n\":1}\n\n{\"n\":}\n{\"n\":3}\n[]\n";
    let inputs = open_with(&config(), input.as_bytes()).unwrap();
    let mut source = Strict::new(inputs.into_source());
    let mut next = || {
        let (batches, error) = drain(&mut source);
        (json_texts(&batches), error.unwrap_or_default())
    };
    let (records, error) = next();
    assert_eq!(records, ["{\"n\":1}"]);
    assert!(
        error.starts_with("read the record at line 3 of stdin: "),
        "{error}"
    );
    let (records, error) = next();
    assert_eq!(records, ["{\"n\":3}"]);
    assert!(
        error.starts_with("read the record at line 5 of stdin: "),
        "{error}"
    );
    assert_eq!(next(), (vec![], String::new()));
}

#[test]
fn bad_lines_stand_beside_good_ones() {
    let input = b"\n{\"n\":1}\n{\"n\":}\r\n \n[]\n{\"n\":2}\n{\"n\":\"\xFF\"}\n{\"n\":3}\n{\n";
    let batches = batches(&config(), input);
    assert_eq!(batches.len(), 1, "a bad line ends no batch");
    assert_eq!(
        json_texts(&batches),
        ["{\"n\":1}", "{\"n\":2}", "{\"n\":3}"]
    );
    let lines = (0..3).map(|at| batches[0].position_of(at).number);
    assert_eq!(lines.collect::<Vec<_>>(), [2, 6, 8]);
    let bad = rejected(&batches);
    let told: Vec<_> = bad
        .iter()
        .map(|(before, line, _, text)| (*before, *line, text.as_str()))
        .collect();
    let expect = [
        (1, 3, "{\"n\":}"),
        (1, 5, "[]"),
        (2, 7, "{\"n\":\"\u{FFFD}\"}"),
        (3, 9, "{"),
    ];
    assert_eq!(told, expect);
    assert_eq!(&batches[0].rejected[2].text[..], b"{\"n\":\"\xFF\"}");
}

#[test]
fn of_a_line_that_is_too_long_the_beginning_is_kept() {
    let check = |batch_bytes: usize| {
        let config = InputConfig {
            record_bytes_max: 100_000,
            batch_bytes,
            ..config()
        };
        let long = format!("{{\"a\":\"{}\"}}", "x".repeat(200_000));
        let input = format!("{{}}\n{long}\n{{}}\n{{\n");
        let batches = batches(&config, input.as_bytes());
        assert_eq!(json_texts(&batches), ["{}", "{}"]);
        let expect = "it is longer than 100000 bytes".to_owned();
        let bad = rejected(&batches);
        let told = (bad[0].0, bad[0].1, bad[0].2.clone(), bad[0].3.as_str());
        assert_eq!(told, (1, 2, expect, &long[..64 << 10]));
        let cut: Vec<_> = batches.iter().flat_map(|it| &it.rejected).collect();
        assert_eq!(
            cut.iter().map(|bad| bad.is_cut).collect::<Vec<_>>(),
            [true, false]
        );
        assert_eq!((bad[1].0, bad[1].1, bad[1].3.as_str()), (2, 4, "{"));
    };
    check(10_000);
    check(1 << 20);
}

#[test]
fn many_bad_lines_come_in_many_batches() {
    let input = "{1\n".repeat(2_500) + "{}\n";
    let batches = batches(&config(), input.as_bytes());
    let sizes: Vec<_> = batches.iter().map(|it| it.rejected.len()).collect();
    assert_eq!(sizes, [1_000, 1_000, 500]);
    assert_eq!(batches[2].position_of(0).number, 2_501);
    assert_eq!(batches[1].position.number, 1_001);
}

#[test]
fn what_was_set_aside_is_unwrapped() {
    let line = |stream: &str, record: &str| {
        let record = serde_json::to_string(record).unwrap();
        format!(
            r#"{{"schema":"spile/quarantine/1","stream":"{stream}","line":7,"cause":"c","record":{record}}}"#
        )
    };
    let input = [
        line("s", r#" {"n":1} "#),
        line("s", r#"{"n":}"#),
        String::new(),
        r#"{"schema":"spile/quarantine/1","stream":"s","record_base64":"/2E="}"#.to_owned(),
        line("t", r#"{"n":2}"#),
        r#"{"n":3}"#.to_owned(),
        line("s", "1,2,3"),
        line("s", r#"{"n":4}"#).replace(
            r#"{"schema":"spile/quarantine/1","stream":"s""#,
            r#"{ "stream":"s", "schema": "spile/quarantine/1""#,
        ),
    ]
    .join("\n")
        + "\n";
    let own = InputConfig {
        stream: None,
        format: None,
        ..config()
    };
    let inputs = open_with(&own, std::io::Cursor::new(input.clone())).unwrap();
    assert_eq!(inputs.streams(), [spile_core::StreamName::new("s")]);
    let read = batches(&own, input.as_bytes());
    assert_eq!(
        json_texts(&read),
        [r#"{"n":1}"#, r#"{"n":3}"#, r#"{"n":4}"#]
    );
    assert_eq!(read[0].position_of(2).number, 8);
    let told: Vec<_> = rejected(&read)
        .into_iter()
        .map(|(before, line, cause, text)| format!("{before} {line} {text} {cause}"))
        .collect();
    assert_eq!(told.len(), 4, "{told:?}");
    assert!(
        told[0].starts_with(r#"1 2 {"n":} its text is no JSON object: "#),
        "{}",
        told[0]
    );
    assert!(
        told[1].starts_with("1 4 \u{FFFD}a its text is no JSON object: "),
        "{}",
        told[1]
    );
    let of_t = r#"1 5 {"n":2} it is of stream t, and the first of its input is of s"#;
    assert_eq!(told[2], of_t);
    assert!(
        told[3].starts_with("2 7 1,2,3 its text is no JSON object: "),
        "{}",
        told[3]
    );

    let given = batches(&config(), input.as_bytes());
    assert_eq!(
        json_texts(&given).len(),
        4,
        "whoever names the stream means all lines"
    );
}

#[test]
fn positions_count_lines() {
    let input = "\n{}\n\n\n{}\r\n{}\n";
    let (batches, _) = read(&config(), input.as_bytes());
    let lines: Vec<u64> = batches
        .iter()
        .flat_map(|batch| (0..batch.records.len()).map(|index| batch.position_of(index).number))
        .collect();
    assert_eq!(lines, [2, 5, 6]);
}

#[test]
fn a_record_may_be_larger_than_a_batch_but_not_than_the_limit() {
    let large = format!("{{\"a\":\"{}\"}}", "x".repeat(8 << 20));
    let input = format!("{{}}\n{large}\n{{}}\n");
    let (batches, error) = read(&config(), input.as_bytes());
    assert_eq!(
        (json_texts(&batches), error),
        (vec!["{}".to_owned(), large, "{}".into()], None)
    );

    let config = InputConfig {
        record_bytes_max: 1 << 20,
        ..config()
    };
    let inputs = open_with(&config, std::io::Cursor::new(input)).unwrap();
    let mut source = Strict::new(inputs.into_source());
    let (batches, error) = drain(&mut source);
    assert_eq!(json_texts(&batches), ["{}"]);
    let expect = "read the record at line 2 of stdin: it is longer than 1048576 bytes";
    assert_eq!(error.as_deref(), Some(expect));
    let after = source.next().unwrap().unwrap();
    assert_eq!(after.position.number, 3);
    assert_eq!(json_texts(&[after]), ["{}"]);
}

#[test]
fn an_object_over_several_lines_is_explained() {
    let error = |input: &str| read(&config(), input.as_bytes()).1.unwrap();
    assert_eq!(
        error("{\n\"a\": 1\n}\n"),
        "read stdin as JSON lines: an object takes several lines, and one object a line is \
         expected (`jq -c` writes that)"
    );
    let hint = "; one object a line is expected, and none over several";
    assert!(error("{\"a\": 1,\n\"b\": 2}\n").ends_with(hint));
}

#[test]
fn what_is_whole_before_a_truncation_is_read() {
    let input: String = (0..100_000).map(|n| format!("{{\"n\":{n}}}\n")).collect();
    let gz = gzip(input.as_bytes());
    let (batches, error) = read(&config(), &gz[..gz.len() / 2]);
    let texts = json_texts(&batches);
    assert!(texts.len() > 10_000, "{}", texts.len());
    assert_eq!(
        texts.last(),
        Some(&format!("{{\"n\":{}}}", texts.len() - 1))
    );
    assert_eq!(
        error.as_deref(),
        Some("read stdin as gzip: the compressed data ends early: the file is truncated")
    );
}

proptest! {
    #[test]
    fn any_size_of_batch_gives_the_same_records(
        lines in prop::collection::vec("[ \t]{0,2}(\\{\"a\":\"[a-zé,]{0,12}\"\\}|)[ \t\r]{0,2}", 0..40),
        batch_bytes in 1..200_usize,
        is_ended in any::<bool>(),
    ) {
        let end = if is_ended { "\n" } else { "" };
        let input = format!("{}{end}", lines.join("\n"));
        let expect: Vec<(u64, String)> = input
            .lines()
            .enumerate()
            .map(|(index, line)| (index as u64 + 1, line.trim().to_owned()))
            .filter(|(_, line)| !line.is_empty())
            .collect();
        let (batches, error) = read(&InputConfig { batch_bytes, ..config() }, input.as_bytes());
        let lines = batches.iter().flat_map(|batch| {
            (0..batch.records.len()).map(|index| batch.position_of(index).number)
        });
        let found: Vec<(u64, String)> = lines.zip(json_texts(&batches)).collect();
        prop_assert_eq!((found, error), (expect, None));
    }

    #[test]
    fn no_input_is_met_by_a_panic(input in prop::collection::vec(any::<u8>(), 0..300)) {
        read(&config(), &input);
    }
}
