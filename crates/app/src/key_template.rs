//! The templates of keys, of the settings.

use spile_macros_template::{KeySyntax, MacroSet, Template, TemplateErrors, airbyte};

use crate::config::{ConfigFault, DestinationSettings, nearest};
use crate::stream::drawn;

/// How keys are written.
pub(crate) fn key_syntax(settings: &DestinationSettings) -> Result<KeySyntax, ConfigFault> {
    let Some(name) = settings.key_syntax.as_deref() else {
        return Ok(KeySyntax::default());
    };
    let known = &KeySyntax::NAMES;
    KeySyntax::named(name).ok_or_else(|| {
        ConfigFault::unknown("destination.key_syntax", name, nearest(name, known), known)
    })
}

/// The template of keys where none is given.
pub(crate) fn default_key(syntax: KeySyntax) -> &'static str {
    match syntax {
        KeySyntax::Spile => {
            "{namespace?}/{stream_name}/{iso_date}/{connection_run_id}-{part}.{extension}"
        }
        KeySyntax::Airbyte => airbyte::KEY,
    }
}

/// The template of a key.
pub(crate) fn template(text: &str, syntax: KeySyntax) -> Result<Template, ConfigFault> {
    let parsed = match syntax {
        KeySyntax::Spile => Template::parse(text, &MacroSet::standard()),
        KeySyntax::Airbyte => Template::parse_airbyte(text),
    };
    parsed.map_err(|errors| {
        let drawn = drawn(&errors.render());
        let fault = ConfigFault::new("key", format!("the template can't be used:{drawn}"));
        fault.hint(hint(&errors, syntax))
    })
}

fn hint(errors: &TemplateErrors, syntax: KeySyntax) -> &'static str {
    match syntax {
        KeySyntax::Spile if errors.input().contains("${") => {
            "`spile macros` lists all macros; a path format of Airbyte needs \
             destination.key_syntax = \"airbyte\""
        }
        KeySyntax::Spile => "`spile macros` lists all macros",
        KeySyntax::Airbyte => {
            "only Airbyte's placeholders stand in braces; write without them what Airbyte would \
             leave as text"
        }
    }
}
