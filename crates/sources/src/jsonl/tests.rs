use proptest::prelude::*;
use spile_core::Source;

use crate::testing::{drain, gzip, json_texts, read, stdin};
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
    let mut source = inputs.into_source();
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
    let mut source = open_with(&config, std::io::Cursor::new(input))
        .unwrap()
        .into_source();
    let (batches, error) = drain(&mut source);
    assert_eq!(json_texts(&batches), ["{}"]);
    let expect = "read the record at line 2 of stdin: it is longer than 1048576 bytes";
    assert_eq!(error.as_deref(), Some(expect));
    let after = source.next_batch().unwrap().unwrap();
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
