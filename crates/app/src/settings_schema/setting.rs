//! What there is to know of a setting.

use serde_json::{Value, json};

/// A setting, as forms and their readers are told of it.
#[derive(Clone, Copy)]
pub(super) struct Setting {
    /// The last part of its path.
    pub(super) name: &'static str,
    /// What stands above its field in a form.
    pub(super) title: &'static str,
    /// One or two sentences.
    pub(super) description: &'static str,
    pub(super) kind: Kind,
    /// What holds where nothing is given. A form may fill it in, so that it has to mean the same
    /// as nothing, whatever else is given; where it wouldn't, the description says what holds.
    pub(super) default: Option<Sample>,
    pub(super) example: Option<Sample>,
    pub(super) is_required: bool,
    /// The one connector that has a use for it; none where all have.
    pub(super) only_for: Option<Connector>,
}

/// Who asks for the list of settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Connector {
    Airbyte,
    Singer,
}

/// What a setting holds.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Text,
    /// A text that no form shows. A file or a command in its place is for configurations that
    /// people write themselves.
    Secret,
    /// One of a few words.
    Choice(&'static [&'static str]),
    Flag,
    /// A whole number within bounds.
    Whole {
        min: u64,
        max: Option<u64>,
    },
    /// A number of bytes with its unit.
    Size,
    /// A span of time with its unit.
    Span,
    Texts,
    /// Texts by names that the user chooses.
    TextTable,
    Table(&'static [Setting]),
    /// Tables of the same settings by names that the user chooses.
    Named(&'static [Setting]),
    /// A table whose other settings depend on one of them.
    OneOf {
        by: &'static Setting,
        methods: &'static [Method],
    },
}

/// One of the ways of a [`Kind::OneOf`].
#[derive(Clone, Copy)]
pub(super) struct Method {
    /// What the setting that chooses it holds.
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) description: &'static str,
    pub(super) settings: &'static [Setting],
}

/// A value that a setting may have.
#[derive(Clone, Copy)]
pub(super) enum Sample {
    Text(&'static str),
    Flag(bool),
    Whole(u64),
    Texts(&'static [&'static str]),
    Entry(&'static str, &'static str),
}

impl Setting {
    pub(super) const fn new(
        name: &'static str,
        kind: Kind,
        title: &'static str,
        description: &'static str,
    ) -> Self {
        Self {
            name,
            title,
            description,
            kind,
            default: None,
            example: None,
            is_required: false,
            only_for: None,
        }
    }

    pub(super) const fn default(mut self, sample: Sample) -> Self {
        self.default = Some(sample);
        self
    }

    /// The same in a table for some streams. A default that a form fills in there would replace what
    /// is set for all.
    pub(super) const fn of_stream(mut self, description: &'static str) -> Self {
        self.default = None;
        self.description = description;
        self
    }

    pub(super) const fn example(mut self, sample: Sample) -> Self {
        self.example = Some(sample);
        self
    }

    pub(super) const fn required(mut self) -> Self {
        self.is_required = true;
        self
    }

    pub(super) const fn only_for(mut self, connector: Connector) -> Self {
        self.only_for = Some(connector);
        self
    }

    pub(super) fn is_for(&self, connector: Connector) -> bool {
        self.only_for.is_none_or(|only| only == connector)
    }
}

impl Sample {
    pub(super) fn to_json(self) -> Value {
        match self {
            Sample::Text(text) => json!(text),
            Sample::Flag(flag) => json!(flag),
            Sample::Whole(number) => json!(number),
            Sample::Texts(texts) => json!(texts),
            Sample::Entry(name, text) => json!({ name: text }),
        }
    }
}
