use chrono::DateTime;
use proptest::prelude::*;

use super::*;
use crate::{CursorKind, KeyPlan, MacroSet, PlanErrors, RunValues, Span};

const LOADED: &str = "2025-04-14T11:23:45.678901Z";

fn values() -> RunValues {
    RunValues::new(DateTime::parse_from_rfc3339(LOADED).unwrap())
        .extension("csv.gz")
        .namespace(Some("public"))
        .stream_name("users")
        .connection_run_id("fad1983d")
        .sync_id("42")
}

fn plan(template: &Template, values: RunValues) -> Result<KeyPlan, PlanErrors> {
    KeyPlan::new(template, values, CursorKind::None)
}

/// The keys of the first two objects.
fn keys(template: &Template, values: RunValues) -> [String; 2] {
    let plan = plan(template, values).unwrap();
    let route = plan.route_key(None).unwrap();
    [1, 2].map(|number| String::from(plan.object_key(&route, number).unwrap()))
}

fn first_key(text: &str, values: RunValues) -> String {
    let [first, _] = keys(&Template::parse_airbyte(text).unwrap(), values);
    first
}

#[test]
fn golden_of_each_placeholder() {
    let golden = [
        ("${NAMESPACE}", "public"),
        ("${STREAM_NAME}", "users"),
        ("${YEAR}", "2025"),
        ("${MONTH}", "04"),
        ("${DAY}", "14"),
        ("${HOUR}", "11"),
        ("${MINUTE}", "23"),
        ("${SECOND}", "45"),
        ("${MILLISECOND}", "0678"),
        ("${EPOCH}", "1744629825678"),
        ("${UUID}", "a9051826-b89a-56f0-9301-36fc812935b4"),
        ("{date}", "2025_04_14"),
        ("{timestamp}", "1744629825678"),
        ("{timestamp:millis}", "1744629825678"),
        ("{timestamp:micros}", "1744629825678901"),
        ("{timestamp:micro}", "1744629825678901"),
        ("{part_number}", "0"),
        ("{sync_id}", "42"),
        ("{format_extension}", ".csv.gz"),
    ];
    assert_eq!(
        golden.map(|(written, _)| written),
        PLACEHOLDERS.each_ref().map(|known| known.written)
    );
    for (written, expect) in golden {
        assert_eq!(first_key(written, values()), expect, "{written}");
    }
}

#[test]
fn every_placeholder_stands_for_macros() {
    for known in &PLACEHOLDERS {
        Template::parse(known.own, &MacroSet::standard()).unwrap();
    }
}

#[test]
fn the_key_is_the_path_and_the_file_name() {
    assert_eq!(KEY, format!("{PATH_FORMAT}{FILE_NAME_PATTERN}"));
}

#[test]
fn whole_formats_render_keys() {
    let check = |path: &str, file: &str, expect: [&str; 2]| {
        let text = format!("{path}{file}");
        let template = Template::parse_airbyte(&text).unwrap();
        assert_eq!(keys(&template, values()), expect, "{text}");
    };
    check(
        PATH_FORMAT,
        FILE_NAME_PATTERN,
        [
            "public/users/2025_04_14_1744629825678_0.csv.gz",
            "public/users/2025_04_14_1744629825678_1.csv.gz",
        ],
    );
    check(
        "${NAMESPACE}/${STREAM_NAME}/${YEAR}/${MONTH}/${DAY}/${HOUR}/${MINUTE}/${SECOND}/${MILLISECOND}/${EPOCH}/",
        "{date}-{date:yyyy_MM}-{timestamp}-{part_number}-{sync_id}{format_extension}",
        [
            "public/users/2025/04/14/11/23/45/0678/1744629825678/2025_04_14-2025_04-1744629825678-0-42.csv.gz",
            "public/users/2025/04/14/11/23/45/0678/1744629825678/2025_04_14-2025_04-1744629825678-1-42.csv.gz",
        ],
    );
    check(
        "raw/${STREAM_NAME}/year=${YEAR}/",
        "{date:yyyy-MM-dd'T'HHmmss.SSS}{format_extension}",
        [
            "raw/users/year=2025/2025-04-14T112345.678.csv.gz",
            "raw/users/year=2025/2025-04-14T112345.678-00002.csv.gz",
        ],
    );
    check(
        "$x/${STREAM_NAME}$",
        "-{part_number}",
        ["$x/users$-0", "$x/users$-1"],
    );
}

#[test]
fn times_are_of_the_zone_of_the_load() {
    let values = RunValues::new(DateTime::parse_from_rfc3339("2025-04-15T01:30:00+02:00").unwrap());
    let text = "{date:yyyy-MM-dd HH} ${DAY} ${EPOCH}";
    assert_eq!(first_key(text, values), "2025-04-15 01 15 1744673400000");
}

#[test]
fn slashes_in_a_row_are_one() {
    let check = |text: &str, expect: [&str; 2]| {
        let bare = values().namespace(None);
        let found = [values(), bare].map(|values| first_key(text, values));
        assert_eq!(found, expect, "{text}");
    };
    check("${NAMESPACE}/x", ["public/x", "x"]);
    check("/${NAMESPACE}/x", ["public/x", "x"]);
    check("//a///${NAMESPACE}//x", ["a/public/x", "a/x"]);
    check(
        "a/${NAMESPACE}/${NAMESPACE}/x",
        ["a/public/public/x", "a/x"],
    );
    check("a/${NAMESPACE}${NAMESPACE}/x", ["a/publicpublic/x", "a/x"]);
    check("a/b${NAMESPACE}/x", ["a/bpublic/x", "a/b/x"]);
    check("a/${NAMESPACE}b//x", ["a/publicb/x", "a/b/x"]);
    check("a/{date:'/'yyyy//}/x", ["a/2025/x", "a/2025/x"]);
}

#[test]
fn a_slash_after_a_folder_is_kept_once() {
    let template = Template::parse_airbyte("/${NAMESPACE}/x").unwrap();
    let key = |values| keys(&template.under("raw/"), values);
    assert_eq!(key(values())[0], "raw/public/x");
    assert_eq!(key(values().namespace(None))[0], "raw/x");
}

#[test]
fn values_stay_in_their_segment() {
    let values = values().stream_name("a/b%").namespace(Some(".."));
    assert_eq!(
        first_key("${NAMESPACE}/${STREAM_NAME}", values),
        "%2E%2E/a%2Fb%25"
    );
}

#[test]
fn faults_are_drawn_together() {
    let render = |text: &str| Template::parse_airbyte(text).unwrap_err().render();
    insta::assert_snapshot!(render("é/${STREAM}/${year}/{date:yyyy-ww}_{part}{extension}}/../${DAY"), @r"
    é/${STREAM}/${year}/{date:yyyy-ww}_{part}{extension}}/../${DAY
      ^^^^^^^^^ unknown placeholder `${STREAM}`, did you mean `${STREAM_NAME}`?
                ^^^^^^^ unknown placeholder `${year}`, did you mean `${YEAR}`?
                                   ^^ `ww` of a date can't be written (yyyy, MM, dd, HH, mm, ss, SSS and text in '…' can)
                                       ^^^^^^ unknown placeholder `{part}`, did you mean `{part_number}`?
                                             ^^^^^^^^^^^ unknown placeholder `{extension}`, did you mean `{format_extension}`?
                                                        ^ no placeholder begins before this brace, and a literal one can't be written
                                                          ^^ a key can't have a segment `.` or `..`
                                                             ^^^^^ this placeholder isn't closed by a `}`
    ");
    insta::assert_snapshot!(render("{namespace?}/{YEAR}/{timestamp:nanos}_{customer}"), @r"
    {namespace?}/{YEAR}/{timestamp:nanos}_{customer}
    ^^^^^^^^^^^^ unknown placeholder `{namespace?}`, did you mean `${NAMESPACE}`?
                 ^^^^^^ unknown placeholder `{YEAR}`, did you mean `${YEAR}`?
                        ^^^^^^^^^^^^^^^^^ unknown placeholder `{timestamp:nanos}`, did you mean `{timestamp:micros}`?
                                          ^^^^^^^^^^ unknown placeholder `{customer}`
    ");
    insta::assert_snapshot!(render("${YEAR/${MONTH}/{}{date:}$}"), @r"
    ${YEAR/${MONTH}/{}{date:}$}
    ^^^^^^ this placeholder isn't closed by a `}`
                    ^^ unknown placeholder `{}`
                      ^^^^^^^ unknown placeholder `{date:}`, did you mean `{date}`?
                              ^ no placeholder begins before this brace, and a literal one can't be written
    ");
    insta::assert_snapshot!(render(""), @r"

    ^ the template is empty
    ");
    insta::assert_snapshot!(render("${YEAR}/"), @r"
    ${YEAR}/
           ^ a key can't end with `/`
    ");
}

#[test]
fn an_empty_value_is_told_of_its_placeholder() {
    let template = Template::parse_airbyte("${STREAM_NAME}/${NAMESPACE}/{sync_id}.csv").unwrap();
    let bare = RunValues::new(DateTime::parse_from_rfc3339(LOADED).unwrap());
    insta::assert_snapshot!(plan(&template, bare).unwrap_err().render(), @r"
    ${STREAM_NAME}/${NAMESPACE}/{sync_id}.csv
    ^^^^^^^^^^^^^^ `${STREAM_NAME}` has no value
                                ^^^^^^^^^ `{sync_id}` has no value
    ");
}

#[test]
fn templates_have_their_counterparts() {
    let check = |path: &str, file: &str, expect: &str| {
        let own = in_own_syntax(path, file);
        let own = own.unwrap_or_else(|error| error.to_string());
        assert_eq!(own, expect, "{path}{file}");
    };
    check(
        PATH_FORMAT,
        FILE_NAME_PATTERN,
        "{namespace?}/{stream_name}/{year}_{month}_{day}_{epoch_ms}_{part_index}.{extension}",
    );
    check(
        "//raw/${NAMESPACE}${STREAM_NAME}//${MILLISECOND}/",
        "{date:yyyy_MM}",
        "raw/{namespace?}{stream_name}/0{millisecond}/{year}_{month}",
    );
    check(
        "raw-${NAMESPACE}/x${NAMESPACE}${UUID}/${NAMESPACE}/",
        "a",
        "write `${NAMESPACE}` in Spile's own syntax: where it is empty, the `/` behind it would vanish too",
    );
    check(
        "${TENANT}/",
        "a",
        "read the key template at 0..9: unknown placeholder `${TENANT}`",
    );
}

/// Texts of placeholders, pieces of them and what stands between.
fn text() -> impl Strategy<Value = String> {
    let known: Vec<_> = PLACEHOLDERS.iter().map(|known| known.written).collect();
    let odd = vec![
        "{", "}", "$", "${", "/", "//", ".", "..", "é", "\t", "{date:", "'", "{x}", "yyyy",
    ];
    let part = prop_oneof![
        4 => prop::sample::select(known).prop_map(str::to_owned),
        2 => "[a-z/_-]{1,3}",
        1 => "\\{date:[yMdHms'/_]{0,8}\\}",
        1 => prop::sample::select(odd).prop_map(str::to_owned),
    ];
    prop::collection::vec(part, 0..8).prop_map(|parts| parts.concat())
}

fn lies_in(span: Span, text: &str) -> bool {
    text.get(span.start..span.end).is_some()
}

proptest! {
    #[test]
    fn any_text_is_planned_or_refused(text in prop_oneof![text(), any::<String>()]) {
        let template = match Template::parse_airbyte(&text) {
            Ok(template) => template,
            Err(errors) => {
                prop_assert!(errors.errors().iter().all(|error| lies_in(error.span, &text)));
                prop_assert_eq!(errors.render().lines().count(), 1 + errors.errors().len());
                return Ok(());
            }
        };
        prop_assert!(template.nodes().iter().all(|node| lies_in(node.span(), &text)));
        for values in [values(), values().namespace(None)] {
            let Ok(plan) = plan(&template, values) else { continue };
            let route = plan.route_key(None).unwrap();
            prop_assert_ne!(plan.object_key(&route, 1), plan.object_key(&route, 2));
        }
    }

    #[test]
    fn the_counterpart_renders_the_same_keys(text in text()) {
        let Ok(own) = in_own_syntax(&text, "") else { return Ok(()) };
        let template = Template::parse_airbyte(&text).unwrap();
        let own = Template::parse(&own, &MacroSet::standard()).unwrap();
        for values in [values(), values().namespace(None)] {
            let found = [&template, &own].map(|template| {
                plan(template, values.clone()).ok().map(|_| keys(template, values.clone()))
            });
            // A `{uuid}` is made from the route, which is the same text.
            prop_assert_eq!(&found[0], &found[1]);
        }
    }
}
