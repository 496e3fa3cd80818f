//! Configurations of Airbyte, as Spile's own.

use insta::assert_snapshot;

use crate::kit::{Desk, Ran};

const SECRETS: [&str; 2] = ["AKIAHUSHHUSH", "hush/hush+hush"];

/// A desk with a configuration of Airbyte, none of whose secrets may be printed.
fn desk(config: &str) -> Desk {
    let [id, secret] = SECRETS;
    let desk = Desk::new().hush(id).hush(secret);
    let config = config.replace("$ID", id).replace("$SECRET", secret);
    desk.write("airbyte.json", config);
    desk
}

fn imported(config: &str) -> Ran {
    desk(config).run("spile import airbyte airbyte.json")
}

/// As Airbyte's form makes it, whose empty fields are empty texts.
const CSV: &str = r#"{
    "access_key_id": "$ID", "secret_access_key": "$SECRET", "role_arn": "",
    "s3_bucket_name": "acme-landing", "s3_bucket_path": "/data_sync//test/",
    "s3_bucket_region": "eu-central-1", "s3_endpoint": "", "s3_path_format": "",
    "format": {
        "format_type": "CSV", "flattening": "Root level flattening",
        "compression": {"compression_type": "GZIP"}
    }
}"#;

#[test]
fn keys_stay_as_they_are() {
    assert_snapshot!(imported(CSV), @r#"
    exit 0
    # Made by `spile import airbyte` of the configuration of an S3 destination of Airbyte.
    #
    # The first two objects of a stream `users` in the namespace `public`, loaded at
    # 2025-04-14T11:23:45.678Z:
    #
    #   Airbyte  data_sync/test/public/users/2025_04_14_1744629825678_0.csv.gz
    #   Spile    data_sync/test/public/users/2025_04_14_1744629825678_0.csv.gz
    #
    #   Airbyte  data_sync/test/public/users/2025_04_14_1744629825678_1.csv.gz
    #   Spile    data_sync/test/public/users/2025_04_14_1744629825678_1.csv.gz

    [destination]
    url = "s3://acme-landing/data_sync/test"
    key_syntax = "airbyte"
    key = "${NAMESPACE}/${STREAM_NAME}/${YEAR}_${MONTH}_${DAY}_${EPOCH}_{part_number}{format_extension}"
    # The same in Spile's own syntax, for which key_syntax has to go:
    # key = "{namespace?}/{stream_name}/{year}_{month}_{day}_{epoch_ms}_{part_index}.{extension}"
    format = "csv.gz"
    region = "eu-central-1"

    [destination.auth]
    # Secrets aren't copied: set SPILE_DESTINATION__AUTH__ACCESS_KEY_ID and
    # SPILE_DESTINATION__AUTH__SECRET_ACCESS_KEY in the environment.
    method = "access_key"

    # What is different from Airbyte, as of version 1.5 of its destination:
    # - Rows have none of Airbyte's own columns, such as `_airbyte_raw_id`. From a source that speaks
    #   Airbyte's protocol, `airbyte.envelope` adds them.
    # - In names of streams and namespaces, Airbyte writes `_` for many characters. Spile keeps them,
    #   but for `/`, `\`, `%` and control characters, which become %2F and so on.
    # - Spile keeps records of its runs below `_spile/` in the destination.
    "#);
}

#[test]
fn what_has_no_counterpart_is_told() {
    let parquet = r#"{
        "role_arn": "arn:aws:iam::222222222222:role/x", "s3_staging_prefix": "tmp",
        "s3_bucket_name": "acme", "s3_bucket_path": "raw/${NAMESPACE}/x.csv",
        "s3_bucket_region": "", "s3_endpoint": "http://localhost:9000",
        "s3_path_format": "x${NAMESPACE}/${STREAM_NAME}/",
        "file_name_pattern": "{date:yyyy_MM_dd}-{sync_id}{format_extension}",
        "format": {"format_type": "Parquet", "compression_codec": "BROTLI", "page_size_kb": 1024}
    }"#;
    assert_snapshot!(imported(parquet), @r#"
    exit 0
    # Made by `spile import airbyte` of the configuration of an S3 destination of Airbyte.
    #
    # The first two objects of a stream `users` in the namespace `public`, loaded at
    # 2025-04-14T11:23:45.678Z:
    #
    #   Airbyte  raw/public/x.csv/xpublic/users/{date:yyyy_MM_dd}-42.parquet
    #   Spile    raw/public/x.csv/xpublic/users/2025_04_14-42.parquet
    #
    #   Airbyte  raw/public/x.csv/xpublic/users/{date:yyyy_MM_dd}-42.parquet-1
    #   Spile    raw/public/x.csv/xpublic/users/2025_04_14-42-00002.parquet

    [destination]
    url = "s3://acme/raw"
    key_syntax = "airbyte"
    key = "${NAMESPACE}/x.csv/x${NAMESPACE}/${STREAM_NAME}/{date:yyyy_MM_dd}-{sync_id}{format_extension}"
    # Can't write `${NAMESPACE}` in Spile's own syntax: where it is empty, the `/` behind it would
    # vanish too.
    format = "parquet"
    endpoint = "http://localhost:9000"
    allow_http = true

    [destination.parquet]
    compression = "zstd"

    [destination.auth]
    # Secrets aren't copied: set SPILE_DESTINATION__AUTH__EXTERNAL_ID in the environment. Airbyte has
    # the External ID in AWS_ASSUME_ROLE_EXTERNAL_ID; in its cloud, it is the workspace's id.
    method = "cross_account_role"
    role_arn = "arn:aws:iam::222222222222:role/x"

    # What is different from Airbyte, as of version 1.5 of its destination:
    # - Spile doesn't compress parquet by BROTLI. The configuration says zstd; snappy, gzip, lz4 and
    #   none are the others.
    # - `{sync_id}` has no value in `spile load`, which refuses it: take it out of the key, or write the
    #   key in Spile's own syntax, with {connection_run_id}.
    # - The keys aren't quite Airbyte's: compare the samples. docs/reference/macros.md lists what can
    #   differ.
    # - Left out, since no counterpart is known: s3_staging_prefix.
    # - Left out of the format, without a counterpart: page_size_kb.
    # - Rows have none of Airbyte's own columns, such as `_airbyte_raw_id`. From a source that speaks
    #   Airbyte's protocol, `airbyte.envelope` adds them.
    # - In names of streams and namespaces, Airbyte writes `_` for many characters. Spile keeps them,
    #   but for `/`, `\`, `%` and control characters, which become %2F and so on.
    # - Spile keeps records of its runs below `_spile/` in the destination.
    --- stderr
    warning: Spile doesn't compress parquet by BROTLI. The configuration says zstd; snappy, gzip, lz4 and none are the others.
    warning: `{sync_id}` has no value in `spile load`, which refuses it: take it out of the key, or write the key in Spile's own syntax, with {connection_run_id}.
    warning: The keys aren't quite Airbyte's: compare the samples. docs/reference/macros.md lists what can differ.
    warning: Left out, since no counterpart is known: s3_staging_prefix.
    "#);
    let avro = r#"{
        "s3_bucket_name": "acme", "s3_bucket_path": "raw/all.csv", "s3_endpoint": "minio:9000",
        "s3_path_format": "${STREAM_NAME}/${UUID}",
        "format": {"format_type": "Avro", "compression_codec": {"codec": "snappy"}}
    }"#;
    assert_snapshot!(imported(avro), @r#"
    exit 0
    # Made by `spile import airbyte` of the configuration of an S3 destination of Airbyte.
    #
    # The first two objects of a stream `users` in the namespace `public`, loaded at
    # 2025-04-14T11:23:45.678Z:
    #
    #   Airbyte  raw/all.csv/users/3f0c6a52-8a3b-4c8e-9d0b-5a1f6f0e7c210.avro
    #   Spile    raw/all.csv/users/9bedf92b-6c8d-5a2d-b897-02cf601a0df60.parquet
    #
    #   Airbyte  raw/all.csv/users/b7d1e4f0-2c59-4f7a-8e36-0d9c4b2a6e131.avro
    #   Spile    raw/all.csv/users/4473a0fd-7c8e-5707-957f-a62205077af01.parquet

    [destination]
    url = "s3://acme/raw"
    key_syntax = "airbyte"
    key = "all.csv/${STREAM_NAME}/${UUID}{part_number}{format_extension}"
    # The same in Spile's own syntax, for which key_syntax has to go:
    # key = "all.csv/{stream_name}/{uuid}{part_index}.{extension}"
    format = "parquet"
    endpoint = "https://minio:9000"

    [destination.auth]
    method = "default_chain"

    # What is different from Airbyte, as of version 1.5 of its destination:
    # - Spile doesn't write Avro. The configuration says parquet, which has typed columns too; csv and
    #   jsonl are the others.
    # - The keys aren't quite Airbyte's: compare the samples. docs/reference/macros.md lists what can
    #   differ.
    # - Left out of the format, without a counterpart: compression_codec.
    # - Rows have none of Airbyte's own columns, such as `_airbyte_raw_id`. From a source that speaks
    #   Airbyte's protocol, `airbyte.envelope` adds them.
    # - In names of streams and namespaces, Airbyte writes `_` for many characters. Spile keeps them,
    #   but for `/`, `\`, `%` and control characters, which become %2F and so on.
    # - Spile keeps records of its runs below `_spile/` in the destination.
    --- stderr
    warning: Spile doesn't write Avro. The configuration says parquet, which has typed columns too; csv and jsonl are the others.
    warning: The keys aren't quite Airbyte's: compare the samples. docs/reference/macros.md lists what can differ.
    "#);
}

#[test]
fn what_can_not_be_used_is_refused() {
    let format = r#""format": {"format_type": "JSONL"}"#;
    let refused = |start: &str| imported(&format!("{{{start}, {format}}}"));
    let unknown = r#""s3_bucket_name": "acme", "s3_path_format": "${STREAM}/${YEAR}/{part}""#;
    assert_snapshot!(refused(unknown), @r"
    exit 3
    error: s3_path_format and file_name_pattern in airbyte.json: the template can't be used:
      ${STREAM}/${YEAR}/{part}{part_number}{format_extension}
      ^^^^^^^^^ unknown placeholder `${STREAM}`, did you mean `${STREAM_NAME}`?
                        ^^^^^^ unknown placeholder `{part}`, did you mean `{part_number}`?
      hint: only Airbyte's placeholders stand in braces; write without them what Airbyte would leave as text
    ");
    assert_snapshot!(refused(r#""s3_bucket_name": "a/b""#), @r"
    exit 3
    error: s3_bucket_name in airbyte.json: `a/b` is no name of a bucket
    ");
    assert_snapshot!(refused(r#""access_key_id": "$ID""#), @r"
    exit 3
    error: airbyte.json: this isn't the configuration of an S3 destination: missing field `s3_bucket_name` at line 1 column 69
      hint: give the object that has s3_bucket_name and format
    ");
    assert_snapshot!(refused(r#""s3_bucket_name": "$ID, "#), @r"
    exit 3
    error: airbyte.json: this isn't the configuration of an S3 destination: expected `,` or `}` at line 1 column 38
      hint: give the object that has s3_bucket_name and format
    ");
    assert_snapshot!(imported(r#"{"s3_bucket_name": "acme", "format": {"format_type": "XML"}}"#), @r"
    exit 3
    error: airbyte.json: this isn't the configuration of an S3 destination: unknown variant `XML`, expected one of `CSV`, `JSONL`, `Avro`, `Parquet` at line 1 column 58
      hint: give the object that has s3_bucket_name and format
    ");
    assert_snapshot!(Desk::new().run("spile import airbyte none.json"), @r"
    exit 3
    error: none.json: the configuration can't be read: No such file or directory (os error 2)
    ");
}

/// The configuration that is printed loads, and the keys are those of the comments.
#[test]
fn what_is_printed_is_a_configuration() {
    let [id, secret] = SECRETS;
    let desk = desk(CSV)
        .set("SPILE_DESTINATION__AUTH__ACCESS_KEY_ID", id)
        .set("SPILE_DESTINATION__AUTH__SECRET_ACCESS_KEY", secret);
    desk.write("users.csv", "id\n1\n2\n");
    desk.ok("spile import airbyte - < airbyte.json > spile.toml");
    let flags = "--config spile.toml --object-rows 1 --load-time 2025-04-14T11:23:45.678Z";
    assert_snapshot!(desk.run(&format!("spile plan users.csv {flags}")), @r"
    exit 0
      data_sync/test/users/2025_04_14_1744629825678_0.csv.gz  (1 record, 31 B)
      data_sync/test/users/2025_04_14_1744629825678_1.csv.gz  (1 record, 31 B)
    2 records of 1 period: 2 objects, 2 keys
    ");

    // The same with the template in Spile's own syntax, as the comment says.
    let printed = desk.read("spile.toml");
    let own = printed
        .lines()
        .find_map(|line| line.strip_prefix("# key = "));
    let own = own.expect("a comment").trim_matches('"').to_owned();
    let desk = desk.set("SPILE_DESTINATION__KEY_SYNTAX", "spile");
    assert_snapshot!(desk.run(&format!("spile plan users.csv {flags} --key '{own}'")), @r"
    exit 0
      data_sync/test/users/2025_04_14_1744629825678_0.csv.gz  (1 record, 31 B)
      data_sync/test/users/2025_04_14_1744629825678_1.csv.gz  (1 record, 31 B)
    2 records of 1 period: 2 objects, 2 keys
    ");
}
