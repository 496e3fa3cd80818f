use std::collections::HashSet;

use chrono::DateTime;

use super::*;
use crate::{Macro, MacroSet};

mod golden;
mod properties;
mod refusals;

const RAW: &str = "2025-04-14T11:23:45Z";

fn time(text: &str) -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339(text).unwrap()
}

fn macros() -> MacroSet {
    MacroSet::standard()
        .with(Macro::custom("tenant", "the customer", "acme"))
        .unwrap()
}

/// The values of the sample column of the reference.
fn samples() -> RunValues {
    RunValues::new(time(RAW))
        .extension("csv")
        .namespace(Some("public"))
        .stream_id("deadbeef-2359-567a-f5e8-83c536cb4de8")
        .stream_name("sales_summary_daily")
        .connection_id("f52c7268-2359-567a-f5e8-83c536cb4de8")
        .connection_run_id("fad1983d-7446-e5c4-bb46-4578affe02d5")
        .stream_run_id("8e28c4bf-11aa-20aa-0ecf-d23c21c73285")
        .sync_id("42")
        .custom("tenant", "acme")
}

fn try_plan(text: &str, values: RunValues, kind: CursorKind) -> Result<KeyPlan, PlanErrors> {
    KeyPlan::new(&Template::parse(text, &macros()).unwrap(), values, kind)
}

fn plan(text: &str) -> KeyPlan {
    try_plan(text, samples(), CursorKind::Time).unwrap()
}

fn cursor(raw: &str) -> CursorValue<'_> {
    CursorValue {
        raw,
        time: DateTime::parse_from_rfc3339(raw).ok(),
    }
}

/// The key of the first object of `text`, or why there is none.
fn first_key(text: &str, values: RunValues, raw: &str) -> String {
    let plan = try_plan(text, values, CursorKind::Time).unwrap();
    let key = plan
        .route_key(Some(&cursor(raw)))
        .and_then(|route| plan.object_key(&route, 1));
    key.map_or_else(|error| error.to_string(), String::from)
}

#[track_caller]
fn check(text: &str, expect: &str) {
    assert_eq!(first_key(text, samples(), RAW), expect, "{text}");
}

#[test]
fn a_cursor_is_optional_where_all_its_macros_are() {
    let check = |text, expect| assert_eq!(plan(text).cursor_is_optional(), expect, "{text}");
    check("{cursor_year?}/{cursor_month?}/{year}", true);
    check("{cursor?}x", true);
    check("{cursor_year?}/{cursor_month}", false);
    check("{namespace?}/{year}", false);
}

#[test]
fn load_and_cursor_keep_their_times_apart() {
    let later = RunValues::new(time("2026-01-02T03:04:05.678-04:00"));
    let text = "{year}/{iso_date_time}/{millisecond}/{epoch_ms}/{cursor_year}/{cursor}";
    assert_eq!(
        first_key(text, later, RAW),
        "2026/2026-01-02T03:04:05-04:00/678/1767337445678/2025/2025-04-14T11:23:45Z"
    );
}

#[test]
fn an_empty_optional_macro_takes_its_slash_along() {
    let check = |text: &str, expect: &str| {
        let values = RunValues::new(time(RAW)).stream_name("s");
        let plan = try_plan(text, values, CursorKind::Time).unwrap();
        let route = plan.route_key(None).unwrap();
        assert_eq!(
            plan.object_key(&route, 1).unwrap().as_str(),
            expect,
            "{text}"
        );
    };
    check("{namespace?}/{stream_name}", "s");
    check("a/{namespace?}/b", "a/b");
    check("a/{namespace?}.csv", "a/.csv");
    check("{namespace?}/{connection_id?}/{stream_name?}/b", "s/b");
    check("a/{namespace?}{stream_id?}/b", "a/b");
    check("{cursor_year?}/{cursor?}/{stream_name}", "s");
    check("{cursor?}{namespace?}/b", "b");
    check("a-{cursor?}/{cursor?}b", "a-b");
}

#[test]
fn a_present_optional_macro_is_like_any_other() {
    check("{namespace?}/{cursor_year?}/{part?}", "public/2025/00001");
}

#[test]
fn values_stay_in_their_segment() {
    let check = |text: &str, value: &str, expect: &str| {
        let values = RunValues::new(time(RAW))
            .stream_name(value)
            .extension("csv");
        assert_eq!(
            first_key(text, values, value),
            expect,
            "{text} of {value:?}"
        );
    };
    check("raw/{stream_name}/x", "../../etc", "raw/..%2F..%2Fetc/x");
    check("raw/{stream_name}/x", "..", "raw/%2E%2E/x");
    check("raw/{stream_name}", ".", "raw/%2E");
    check("raw/{cursor}{stream_name}/x", ".", "raw/%2E%2E/x");
    check("raw/.{cursor}/x", ".", "raw/%2E%2E/x");
    check("raw/{stream_name}.csv", "..", "raw/...csv");
    check("raw/{stream_name}{part}", "..", "raw/..00001");
    check("{cursor}", "100%\n", "100%25%0A");
    check("{stream_name}", "a{part}b", "a{part}b");
    check("{{{stream_name}}}", "a", "{a}");
}

#[test]
fn later_objects_have_a_number() {
    let check = |text: &str, extension: &str, expect: &str| {
        let plan = try_plan(text, samples().extension(extension), CursorKind::None).unwrap();
        let key = plan.object_key(&plan.route_key(None).unwrap(), 2).unwrap();
        assert_eq!(key.as_str(), expect, "{text}");
    };
    check("a.{extension}", "csv", "a-00002.csv");
    check("a.{extension}", "csv.gz", "a-00002.csv.gz");
    check("a.csv.gz", "csv.gz", "a-00002.csv.gz");
    check("a.csv.gz", "csv", "a.csv.gz-00002");
    check("a.csv/b", "csv", "a.csv/b-00002");
    check("a/{extension}", "csv", "a/csv-00002");
    check("a", "", "a-00002");
    check("a.", "", "a.-00002");
    check(".csv", "csv", "-00002.csv");
    check("{part}.csv", "csv", "00002.csv");
    check("{part_index}.csv", "csv", "1.csv");
    check(
        "{part}/{part}-{uuid}.csv",
        "csv",
        "00002/00002-4c900478-c6f2-5980-a8d5-fd38e8f45fcd.csv",
    );
}

#[test]
fn a_uuid_separates_objects_runs_streams_and_routes() {
    let uuid = |values: RunValues, text: &str, number: u32| {
        let plan = try_plan(text, values, CursorKind::Time).unwrap();
        let route = plan.route_key(Some(&cursor(RAW))).unwrap();
        plan.object_key(&route, number).unwrap()
    };
    assert_eq!(uuid(samples(), "{uuid}", 1), uuid(samples(), "{uuid}", 1));
    let all = [
        uuid(samples(), "{uuid}", 1),
        uuid(samples(), "{uuid}", 2),
        uuid(samples().connection_run_id("other"), "{uuid}", 1),
        uuid(samples().stream_run_id("other"), "{uuid}", 1),
        uuid(samples().stream_name("other"), "{uuid}", 1),
    ];
    assert_eq!(HashSet::from(all).len(), 5);
}

#[test]
fn granularity_is_that_of_the_finest_cursor_macro() {
    for (text, expect) in [
        ("{year}", Granularity::None),
        ("{cursor_year}", Granularity::Year),
        ("{cursor_year}{cursor_month}", Granularity::Month),
        ("{cursor_day}{cursor_year}", Granularity::Day),
        ("{cursor_date}", Granularity::Day),
        ("{cursor_iso_date}", Granularity::Day),
        ("{cursor_iso_date}{cursor_hour}", Granularity::Hour),
        ("{cursor_date_time}", Granularity::Second),
        ("{cursor_iso_date_time}", Granularity::Second),
        ("{cursor_singular_date_time}", Granularity::Second),
        ("{cursor_year}{cursor}", Granularity::Raw),
    ] {
        assert_eq!(plan(text).granularity(), expect, "{text}");
    }
}

#[test]
fn keys_repeat_within_what_is_told_of_the_load_time() {
    use Repeats::{Always, Never, Within};
    let check = |text: &str, expect: Repeats| {
        assert_eq!(plan(text).repeats(), expect, "{text}");
    };
    check("{stream_name}/{cursor_date}-{part}.{extension}", Always);
    check("{stream_name}/{year}.csv", Within(Granularity::Year));
    check("{month}/{year}", Within(Granularity::Month));
    check("{iso_date}", Within(Granularity::Day));
    check("{year}{month}{day}", Within(Granularity::Day));
    check("{date}/{hour}", Within(Granularity::Hour));
    check("{date}/{hour}{minute}", Within(Granularity::Minute));
    check("{date}/{minute}", Within(Granularity::Day));
    check("{year}/{day}", Within(Granularity::Year));
    check("{month}-{day}", Always);
    check("{date}/{hour}{minute}{second}", Never);
    check("{epoch_s}", Never);
    check("{epoch_us}", Never);
    check("{millisecond}", Always);
    for text in ["{date_time}", "{timestamp}", "{iso_date_time}"] {
        check(text, Never);
    }
    for text in [
        "{connection_run_id}",
        "{stream_run_id}",
        "{sync_id}",
        "{uuid}",
    ] {
        check(text, Never);
        check(&format!("{text}/{{year}}"), Never);
    }
}

#[test]
fn a_vanished_run_id_makes_no_difference() {
    let values = RunValues::new(time(RAW));
    let plan = try_plan("a{stream_run_id?}", values, CursorKind::None).unwrap();
    assert_eq!(plan.repeats(), Repeats::Always);
}

#[test]
fn a_route_prints_what_is_open() {
    let text = "{{x}}/{year}-{part}.{part_index}.{uuid}";
    let route = plan(text).route_key(None).unwrap();
    let expect = "{{x}}/2025-{part}.{part_index}.{uuid}";
    assert_eq!(route.to_string(), expect);
    assert_eq!(format!("{route:?}"), format!("RouteKey({expect:?})"));
}

#[test]
fn routes_are_equal_when_they_render_the_same() {
    let plan = plan("{cursor_date}-{part}");
    let route = |raw: &str| plan.route_key(Some(&cursor(raw))).unwrap();
    assert_eq!(route("2025-04-14T00:00:00Z"), route("2025-04-14T23:59:59Z"));
    assert_ne!(route("2025-04-14T00:00:00Z"), route("2025-04-15T00:00:00Z"));
}

#[test]
fn warnings_are_those_of_the_sample() {
    let warnings: Vec<_> = plan("_x/{iso_date_time}").warnings();
    assert!(matches!(
        warnings.as_slice(),
        [KeyWarning::Colon { .. }, KeyWarning::Hidden { .. }]
    ));
    assert_eq!(plan("{date}").warnings(), []);
}
