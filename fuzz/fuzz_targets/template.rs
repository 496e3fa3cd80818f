//! Any text is parsed or refused, and what it renders is a key. The property tests of the crate
//! assert the same.

#![no_main]

use chrono::DateTime;
use libfuzzer_sys::fuzz_target;
use spile_macros_template::{
    CursorKind, CursorValue, KeyError, KeyPlan, MacroSet, ObjectKey, RunValues, Template,
};

fuzz_target!(|input: (&str, &str)| {
    let (text, value) = input;
    let macros = MacroSet::standard();
    let template = match Template::parse(text, &macros) {
        Ok(template) => template,
        Err(errors) => {
            assert!(
                errors
                    .errors()
                    .iter()
                    .all(|error| text.get(error.span.start..error.span.end).is_some())
            );
            assert_eq!(errors.render().lines().count(), 1 + errors.errors().len());
            return;
        }
    };
    assert_eq!(template.to_string(), text);
    assert_eq!(
        Template::parse(&template.to_string(), &macros).as_ref(),
        Ok(&template)
    );

    let time = DateTime::UNIX_EPOCH.fixed_offset();
    let values = RunValues::new(time)
        .extension("csv")
        .namespace(Some(value))
        .stream_name(value)
        .connection_run_id("run");
    let Ok(plan) = KeyPlan::new(&template, values, CursorKind::Time) else {
        return;
    };
    let Ok(route) = plan.route_key(Some(&CursorValue {
        raw: value,
        time: Some(time),
    })) else {
        return;
    };
    let (first, second) = (plan.object_key(&route, 1), plan.object_key(&route, 2));
    match &first {
        Ok(key) => assert!(ObjectKey::new(key.as_str()).is_ok()),
        // An optional macro may leave nothing behind it.
        Err(KeyError::TooLong { .. } | KeyError::TrailingSlash { .. } | KeyError::Empty) => {}
        Err(error) => panic!("{text:?} with {value:?}: {error}"),
    }
    if first.is_ok() {
        assert_ne!(first, second);
    }
});
