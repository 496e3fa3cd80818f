//! Columns that are declared.

use insta::assert_snapshot;

use super::columns;
use crate::kit::Desk;

const SALES: &str = "\
[streams.sales]
schema = [
  'id int64', 'amount decimal(18, 2)', 'at timestamp_utc', 'day date', 'note text',
  'tags list(text)', '\"unit price\" float32',
]
";

#[test]
fn parquet_has_the_declared_types() {
    let desk = Desk::new();
    desk.write("spile.toml", SALES).write(
        "sales.jsonl",
        r#"{"amount":5,"id":1,"at":"2025-04-14T11:23:45+02:00","tags":["a","b"],"day":"2025-04-14"}
{"amount":1.10,"id":2,"unit price":0.1,"note":"5"}
"#,
    );
    desk.ok("spile load sales.jsonl --config spile.toml --to 'out/{stream_name}.parquet'");
    assert_snapshot!(columns(&desk, "out"), @r"
    sales.parquet: id BIGINT, amount DECIMAL(18,2), at TIMESTAMP WITH TIME ZONE, day DATE, note VARCHAR, tags VARCHAR[], unit price FLOAT
      1, 5.00, 2025-04-14 09:23:45+00:00, 2025-04-14, None, ['a', 'b'], None
      2, 1.10, None, None, 5, None, 0.10000000149011612
    ");
}

#[test]
fn texts_are_read_by_their_declared_types() {
    let desk = Desk::new();
    desk.write(
        "sales.csv",
        "amount,at,zip\n5,2025-04-14 11:23:45,00501\n1.10,,10001\n",
    );
    desk.ok("spile load sales.csv --to 'out/{stream_name}.parquet' \
         --schema 'zip text, amount decimal(18, 2), at timestamp'");
    assert_snapshot!(columns(&desk, "out"), @r"
    sales.parquet: zip VARCHAR, amount DECIMAL(18,2), at TIMESTAMP
      00501, 5.00, 2025-04-14 11:23:45
      10001, 1.10, None
    ");
    desk.ok("spile load sales.csv --to 'out/{stream_name}.csv' \
         --schema 'zip text, amount decimal(18, 2), at timestamp'");
    assert_snapshot!(desk.read("out/sales.csv"), @r"
    zip,amount,at
    00501,5,2025-04-14 11:23:45
    10001,1.10,
    ");
}

#[test]
fn a_record_that_does_not_fit_ends_the_run_at_its_place() {
    let check = |name: &str, format: &str| {
        let desk = Desk::new();
        desk.write(
            "sales.jsonl",
            "{\"id\":1,\"amount\":5}\n\n{\"id\":2,\"amount\":\"n/a\"}\n",
        );
        desk.write("sales.csv", "id,amount\n1,5\n2,n/a\n");
        let ran = desk.run(&format!(
            "spile load sales.{name} --schema 'amount decimal(18, 2)' --object-rows 1 \
             --to 'out/{{part}}.{format}'"
        ));
        assert_eq!(desk.names("out"), [format!("00001.{format}")], "{ran}");
        ran.to_string()
    };
    assert_snapshot!(check("jsonl", "parquet"), @r#"
    exit 4
      00001.parquet          1 record       819 B
    failed: loaded only 1 record in 1 object (819 B) into DIR/out in TIME, of 2 read
    error: failed to fit the record at line 3 of sales.jsonl into the declared schema: column amount is decimal(18, 2), found text "n/a"
      hint: mend the record or its declared type, and run again; what was sealed before it is in the bucket
    "#);
    assert_snapshot!(check("jsonl", "csv"), @r#"
    exit 4
      00001.csv          1 record        14 B
    failed: loaded only 1 record in 1 object (14 B) into DIR/out in TIME, of 2 read
    error: failed to fit the record at line 3 of sales.jsonl into the declared schema: column amount is decimal(18, 2), found text "n/a"
      hint: mend the record or its declared type, and run again; what was sealed before it is in the bucket
    "#);
    assert_snapshot!(check("csv", "csv"), @r#"
    exit 4
      00001.csv          1 record        14 B
    failed: loaded only 1 record in 1 object (14 B) into DIR/out in TIME, of 2 read
    error: failed to fit the record at row 2 of sales.csv into the declared schema: column amount is decimal(18, 2), found text "n/a"
      hint: mend the record or its declared type, and run again; what was sealed before it is in the bucket
    "#);
}

/// Records go to many objects, and wait there until they are encoded: their place is known still.
#[test]
fn a_misfit_is_found_among_many_periods() {
    let desk = Desk::new();
    let line = |id: usize| {
        let amount = if id == 777 {
            "\"x\"".to_owned()
        } else {
            id.to_string()
        };
        format!(
            "{{\"id\":{id},\"at\":\"2025-01-{:02}\",\"amount\":{amount}}}\n",
            id % 28 + 1
        )
    };
    desk.write("sales.jsonl", (1..=1_000).map(line).collect::<String>());
    let ran = desk.run(
        "spile load sales.jsonl --schema 'amount int32' --cursor-field at \
         --to 'out/{cursor_day}.parquet'",
    );
    assert_eq!(ran.code, 4, "{ran}");
    assert!(
        ran.stderr.contains("the record at line 777 of sales.jsonl"),
        "{ran}"
    );
}

#[test]
fn columns_that_are_not_declared_are_kept_or_refused() {
    let desk = Desk::new();
    desk.write("sales.jsonl", "{\"more\":0.5,\"id\":1}\n{\"id\":2}\n");
    let line = "spile load sales.jsonl --schema 'id int32' --to";
    desk.ok(&format!("{line} 'out/{{stream_name}}.parquet'"));
    assert_snapshot!(columns(&desk, "out"), @r"
    sales.parquet: id INTEGER, more DOUBLE
      1, 0.5
      2, None
    ");
    let refused = desk.run(&format!(
        "{line} 'no/{{stream_name}}.parquet' --schema-change fail"
    ));
    assert_snapshot!(refused, @r"
    exit 4
    failed: loaded only 0 records in 0 objects (0 B) into DIR/no in TIME, of 2 read
    error: failed to keep the columns of stream sales as they are: no column more yet, found number 0.5
      hint: with --schema-change widen, a further object with room for it begins
    ");
}

#[test]
fn what_is_wrong_with_a_declaration_is_told() {
    let desk = Desk::new();
    desk.write("a.csv", "id\n1\n");
    let check = |flags: &str| {
        desk.run(&format!("spile load a.csv --to out {flags}"))
            .to_string()
    };
    assert_snapshot!(check("--schema 'id integer'"), @r"
    exit 3
    error: --schema: can't find a column type called `integer`
      hint: did you mean `int64`?
    ");
    assert_snapshot!(check("--schema 'id'"), @r"
    exit 3
    error: --schema: can't read `id`: a column's type is expected, not the end
      hint: write columns like: id int64, amount decimal(18, 2), note text
    ");
    assert_snapshot!(check("--schema 'id int64' --format jsonl"), @r"
    exit 3
    error: --schema: jsonl has no columns that could be declared
      hint: leave it out, or choose csv or parquet
    ");
}
