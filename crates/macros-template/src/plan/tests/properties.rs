//! What holds for any template and any value.

use proptest::prelude::*;

use super::*;
use crate::{PlanErrorKind, strategies};

proptest! {
    /// Whatever the values, what keeps a key from being one is its length or an empty value.
    #[test]
    fn every_key_is_a_key(
        text in strategies::template(),
        value in strategies::value(),
        number in 1..=u32::MAX,
    ) {
        let values = samples().stream_name(&value).namespace(Some(&value)).custom("tenant", &value);
        let values = values.stream_id(&value).connection_run_id(&value);
        let plan = match try_plan(&text, values, CursorKind::Time) {
            Ok(plan) => plan,
            Err(errors) => {
                let long = errors.errors().iter().all(|error| {
                    matches!(error.kind, PlanErrorKind::Key(KeyError::TooLong { .. }))
                });
                prop_assert!(long, "{errors}");
                return Ok(());
            }
        };
        let cursor = CursorValue { raw: &value, time: Some(time(RAW)) };
        let route = plan.route_key(Some(&cursor)).unwrap();
        match plan.object_key(&route, number) {
            Ok(key) => prop_assert!(ObjectKey::new(key.as_str()).is_ok()),
            Err(error) => prop_assert!(matches!(error, KeyError::TooLong { .. }), "{error}"),
        }
    }

    #[test]
    fn distinct_numbers_have_distinct_keys(
        text in strategies::template(),
        numbers in prop::collection::hash_set(1..200_000_u32, 2..8),
    ) {
        let plan = plan(&text);
        let route = plan.route_key(Some(&cursor(RAW))).unwrap();
        let keys: Vec<_> = numbers.iter().map(|n| plan.object_key(&route, *n).unwrap()).collect();
        prop_assert_eq!(keys.iter().collect::<HashSet<_>>().len(), numbers.len());
    }

    /// A value never meets another one in a key, nor reaches the segments around it.
    #[test]
    fn distinct_values_have_distinct_keys(
        one in strategies::value(),
        other in strategies::value(),
        (before, after) in ("[a.%]{0,2}", "[a.%]{0,2}"),
    ) {
        let plan = plan(&format!("raw/{before}{{cursor}}{after}/x"));
        let route = |raw: &str| plan.route_key(Some(&cursor(raw))).unwrap();
        prop_assert_eq!(route(&one) == route(&other), one == other);
        let text = route(&one).to_string();
        prop_assert_eq!(text.split('/').count(), 3);
        prop_assert!(text.starts_with("raw/") && text.ends_with("/x"));
    }

    /// What the fuzz target asserts, on a toolchain without a fuzzer.
    #[test]
    fn any_text_is_planned_or_refused(
        text in prop_oneof![strategies::template(), strategies::broken_template(), "[{}a-z?/.é]*"],
        value in prop_oneof![Just(String::new()), strategies::value()],
    ) {
        let template = match Template::parse(&text, &macros()) {
            Ok(template) => template,
            Err(errors) => {
                let rendered = errors.render();
                prop_assert_eq!(rendered.lines().count(), 1 + errors.errors().len());
                return Ok(());
            }
        };
        prop_assert_eq!(template.to_string(), text.as_str());
        let values = RunValues::new(time(RAW)).namespace(Some(&value)).connection_run_id("run");
        let Ok(plan) = KeyPlan::new(&template, values, CursorKind::Time) else { return Ok(()) };
        let cursor = CursorValue { raw: &value, time: Some(time(RAW)) };
        let Ok(route) = plan.route_key(Some(&cursor)) else { return Ok(()) };
        match plan.object_key(&route, 1) {
            Ok(key) => prop_assert_ne!(Ok(key), plan.object_key(&route, 2)),
            // An optional macro may leave nothing, or nothing behind a slash.
            Err(KeyError::TooLong { .. } | KeyError::TrailingSlash { .. } | KeyError::Empty) => {}
            Err(error) => prop_assert!(false, "{}", error),
        }
    }
}
