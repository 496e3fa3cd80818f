use proptest::prelude::*;

use crate::testing::{Strict, batches, drain, read, rejected, rows, stdin, table};
use crate::{CsvInputConfig, InputConfig, InputFormat, open_with};

fn config() -> InputConfig {
    stdin(InputFormat::Csv)
}

fn with(csv: CsvInputConfig) -> InputConfig {
    InputConfig { csv, ..config() }
}

/// Cells of all rows, `~` where null.
fn cells(config: &InputConfig, input: &str) -> Result<Vec<String>, String> {
    let (batches, error) = read(config, input.as_bytes());
    let cells = rows(&batches).into_iter().flatten();
    let cells = cells
        .map(|cell| cell.unwrap_or_else(|| "~".to_owned()))
        .collect();
    error.map_or(Ok(cells), Err)
}

fn check(config: &InputConfig, input: &str, expect: &[&str]) {
    let expect = expect.iter().map(ToString::to_string).collect();
    assert_eq!(cells(config, input), Ok(expect), "{input:?}");
}

#[test]
fn a_bare_empty_field_is_null_and_a_quoted_one_is_empty() {
    check(&config(), "a,b\n,\"\"\n1,\"x\"\n", &["~", "", "1", "x"]);
    check(&config(), "a\n\n\"\"\n", &["~", ""]);
}

#[test]
fn quotes_may_hold_anything() {
    check(
        &config(),
        "a,b\r\n\"1,\r\n2\",\"say \"\"hi\"\"\"\r\n",
        &["1,\r\n2", "say \"hi\""],
    );
    check(&config(), "\"a\nb\",\"c\"\"d\"\n1,2\n", &["1", "2"]);
    check(&config(), "a,b\n\"é\",ü", &["é", "ü"]);
}

#[test]
fn the_dialect_can_be_set() {
    let csv = CsvInputConfig::default;
    let semicolon = CsvInputConfig {
        delimiter: Some(b';'),
        quote: Some(b'\''),
        ..csv()
    };
    check(&with(semicolon), "a;b\n'x;''y''';\"z\n", &["x;'y'", "\"z"]);
    let unquoted = CsvInputConfig {
        quote: None,
        ..csv()
    };
    check(&with(unquoted), "a,b\n\"x,y\"\n", &["\"x", "y\""]);
    let nulls = CsvInputConfig {
        null: vec!["NA".into(), "-".into()],
        ..csv()
    };
    check(
        &with(nulls),
        "a,b,c,d\nNA,\"NA\",,-\n",
        &["~", "NA", "", "~"],
    );
    let tsv = InputConfig {
        format: Some(InputFormat::Tsv),
        ..config()
    };
    check(&tsv, "a\tb\n1,5\t2\n", &["1,5", "2"]);
}

#[test]
fn without_a_header_columns_are_numbered() {
    let config = with(CsvInputConfig {
        header: false,
        ..CsvInputConfig::default()
    });
    check(&config, "1,2\n3,4\n", &["1", "2", "3", "4"]);
    check(&config, "\n1\n", &["~", "1"]);
    let (batches, _) = read(&config, b"1,2\n");
    assert_eq!(table(&batches[0]).schema().field(1).name(), "column_2");
}

#[test]
fn blank_lines_are_skipped() {
    check(
        &config(),
        "\n\na,b\n\n1,2\n\r\n\n3,4\n\n",
        &["1", "2", "3", "4"],
    );
    check(&config(), "", &[]);
    check(&config(), "a,b\n", &[]);
    check(&config(), "\u{FEFF}a,b\n1,2", &["1", "2"]);
}

#[test]
fn what_is_not_csv_is_told_by_its_line() {
    let check = |input: &str, expect: &str| {
        assert_eq!(cells(&config(), input).unwrap_err(), expect, "{input:?}");
    };
    let set = "set `csv.quote` if quotes are written otherwise";
    check(
        "a,b\n1,2\n\"x\ny\",3\n\n1\n",
        "read the record at line 6 of stdin: it has 1 field, the header has 2",
    );
    check(
        "a,b\n1,2,3\n",
        "read the record at line 2 of stdin: it has 3 fields, the header has 2",
    );
    check(
        "a,b\n1,2\n3,\"x\n\n",
        "read stdin as csv: the \" that opens on line 3 is never closed",
    );
    check(
        "a,b\n\"x\"y,2\n",
        &format!("read stdin as csv: text follows a closing \" on line 2; {set}"),
    );
    check(
        "a,b\n1,x\"y\n",
        &format!("read stdin as csv: a \" stands inside of an unquoted field on line 2; {set}"),
    );
    check(
        "a,\"b\n",
        "read stdin as csv: the \" that opens on line 1 is never closed",
    );
    check(
        "a,,b\n",
        "read stdin as csv: column 2 has no name in the header",
    );
    check(
        "a,b,a\n",
        "read stdin as csv: the header names column `a` twice",
    );
    check(
        "a;b\n1;2\n",
        "read stdin as csv: the header has no ',' and seems to be delimited by ';': set \
         `csv.delimiter`",
    );
    check(
        "a\r1\r",
        "read stdin as csv: lines end with a carriage return alone, not with a line feed",
    );
}

#[test]
fn rows_around_a_bad_one_are_read() {
    let input = b"a,b\n1,2\n3\n4,5\n6,\"\xFF\nx\"\n7,8\n\xC3,9\n";
    let inputs = open_with(&config(), &input[..]).unwrap();
    let mut source = Strict::new(inputs.into_source());
    let mut next = || {
        let (batches, error) = drain(&mut source);
        let numbers: Vec<u64> = batches.iter().map(|batch| batch.position.number).collect();
        let cells = rows(&batches)
            .into_iter()
            .flatten()
            .flatten()
            .collect::<Vec<_>>();
        (cells.concat(), numbers, error.unwrap_or_default())
    };
    let record = "read the record at line";
    let expect = format!("{record} 3 of stdin: it has 1 field, the header has 2");
    assert_eq!(next(), ("12".to_owned(), vec![1], expect));
    let expect = format!("{record} 5 of stdin: column `b` isn't UTF-8");
    assert_eq!(next(), ("45".to_owned(), vec![3], expect));
    let expect = format!("{record} 8 of stdin: column `a` isn't UTF-8");
    assert_eq!(next(), ("78".to_owned(), vec![5], expect));
    assert_eq!(next(), (String::new(), vec![], String::new()));
}

#[test]
fn bad_rows_stand_beside_good_ones() {
    let input = b"a,b\n1\n1,2\n\n\"3\n\"\r\n4,5\n6,7,8\n\"9\n9\",\xC3\n1,1\n\xFF\n2,2\n3";
    let batches = batches(&config(), input);
    let cells: Vec<_> = rows(&batches).into_iter().flatten().flatten().collect();
    assert_eq!(cells.concat(), "12451122");
    let numbers = batches
        .iter()
        .flat_map(|batch| (0..batch.records.len()).map(|at| batch.position_of(at).number));
    assert_eq!(numbers.collect::<Vec<_>>(), [2, 4, 7, 9]);
    let of_header = |count: &str| format!("it has {count}, the header has 2");
    let expect = [
        (0, 2, of_header("1 field"), "1"),
        (1, 5, of_header("1 field"), "\"3\n\""),
        (2, 8, of_header("3 fields"), "6,7,8"),
        (
            2,
            9,
            "column `b` isn't UTF-8".to_owned(),
            "\"9\n9\",\u{FFFD}",
        ),
        (3, 12, of_header("1 field"), "\u{FFFD}"),
        (4, 14, of_header("1 field"), "3"),
    ];
    let expect = expect.map(|(before, line, cause, text)| (before, line, cause, text.to_owned()));
    assert_eq!(rejected(&batches), expect);
}

#[test]
fn a_row_is_no_longer_than_the_limit() {
    let config = InputConfig {
        record_bytes_max: 1000,
        batch_bytes: 100,
        ..config()
    };
    check(
        &config,
        &format!("a,b\n1,{}\n", "x".repeat(900)),
        &["1", &"x".repeat(900)],
    );
    let error = cells(&config, &format!("a,b\n1,2\n3,\"{}", "\n".repeat(9000))).unwrap_err();
    assert_eq!(
        error,
        "read stdin as csv: the row on line 3 is longer than 1000 bytes; perhaps a quote is never \
         closed"
    );
}

#[test]
fn contradicting_settings_are_refused() {
    let error = |csv| read(&with(csv), b"a\n").1.unwrap();
    let csv = CsvInputConfig::default;
    assert_eq!(
        error(CsvInputConfig {
            delimiter: Some(b'"'),
            ..csv()
        }),
        "read csv by these settings: the delimiter and the quote are the same character"
    );
    let error = error(CsvInputConfig {
        delimiter: Some(0xE9),
        ..csv()
    });
    assert!(error.ends_with("the delimiter must be one ASCII character and no line break"));
}

/// Writes cells as RFC 4180 has it; a cell that may be bare is quoted if `quoted` says so.
fn write(table: &[Vec<(Option<String>, bool)>], end: &str) -> String {
    let cell = |(cell, quoted): &(Option<String>, bool)| match cell {
        None => String::new(),
        Some(text) if *quoted || text.is_empty() || text.contains([',', '"', '\n', '\r']) => {
            format!("\"{}\"", text.replace('"', "\"\""))
        }
        Some(text) => text.clone(),
    };
    let row = |row: &Vec<_>| row.iter().map(cell).collect::<Vec<_>>().join(",") + end;
    table.iter().map(row).collect()
}

fn table_of_cells() -> impl Strategy<Value = Vec<Vec<(Option<String>, bool)>>> {
    let cell = (
        prop::option::weighted(0.8, "[ab,\"\n\ré ]{0,6}"),
        any::<bool>(),
    );
    (2..6_usize).prop_flat_map(move |width| {
        prop::collection::vec(prop::collection::vec(cell.clone(), width), 0..20)
    })
}

proptest! {
    #[test]
    fn what_was_written_is_read(
        table in table_of_cells(),
        end in prop_oneof![Just("\n"), Just("\r\n")],
        batch_bytes in 1..300_usize,
    ) {
        let csv = CsvInputConfig { header: false, ..CsvInputConfig::default() };
        let input = write(&table, end);
        let (batches, error) = read(&InputConfig { batch_bytes, ..with(csv) }, input.as_bytes());
        let expect: Vec<Vec<Option<String>>> =
            table.into_iter().map(|row| row.into_iter().map(|(cell, _)| cell).collect()).collect();
        prop_assert_eq!((rows(&batches), error), (expect, None), "{:?}", input);
    }

    #[test]
    fn any_size_of_batch_gives_the_same_rows_and_the_same_fault(
        input in "[ab,\"\n\ré]{0,60}",
        batch_bytes in 1..80_usize,
    ) {
        let (whole, fault) = read(&config(), input.as_bytes());
        let (parts, same) = read(&InputConfig { batch_bytes, ..config() }, input.as_bytes());
        prop_assert_eq!((rows(&whole), fault), (rows(&parts), same));
    }

    #[test]
    fn no_input_is_met_by_a_panic(input in prop::collection::vec(any::<u8>(), 0..300)) {
        read(&config(), &input);
    }
}
