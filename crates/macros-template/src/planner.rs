//! Template and values to plan: each macro is checked, and what is fixed for the run is rendered.

use chrono::Datelike;

use crate::escape::escape;
use crate::instant::InstantFormat;
use crate::plan::{CursorField, Piece, Sample};
use crate::repeats::Differences;
use crate::route::{self, run_uuid};
use crate::standard::Source;
use crate::time::{TimeFormat, year_fits};
use crate::{
    CursorKind, Granularity, KeyPlan, KeySyntax, Node, PlanError, PlanErrorKind, PlanErrors,
    RunValues, Span, Template, segments,
};

pub(crate) struct Planner<'a> {
    template: &'a Template,
    values: RunValues,
    cursor: CursorKind,
    pieces: Vec<Piece>,
    granularity: Granularity,
    differences: Differences,
    /// The last macro has vanished, so a slash after it does too.
    vanished: bool,
    errors: Vec<PlanError>,
}

impl<'a> Planner<'a> {
    pub(crate) fn new(template: &'a Template, values: RunValues, cursor: CursorKind) -> Self {
        Self {
            template,
            values,
            cursor,
            pieces: Vec::new(),
            granularity: Granularity::None,
            differences: Differences::default(),
            vanished: false,
            errors: Vec::new(),
        }
    }

    pub(crate) fn plan(mut self) -> Result<KeyPlan, PlanErrors> {
        self.check_prefix();
        self.check_year();
        let template = self.template;
        for node in template.nodes() {
            self.node(node);
        }
        self.finish()
            .map_err(|errors| PlanErrors::new(template.source(), errors))
    }

    /// The text was checked when it was parsed; what was put before it since was not.
    fn check_prefix(&mut self) {
        let faults = segments::check(self.template.source(), self.template.nodes());
        self.errors
            .extend(faults.into_iter().map(|fault| PlanError {
                span: None,
                kind: PlanErrorKind::Prefix(fault.kind),
            }));
    }

    fn check_year(&mut self) {
        let time = &self.values.load_time;
        if !year_fits(time) {
            let kind = PlanErrorKind::YearOutOfRange { year: time.year() };
            self.errors.push(PlanError { span: None, kind });
        }
    }

    fn node(&mut self, node: &Node) {
        let slash = if std::mem::take(&mut self.vanished) {
            "/"
        } else {
            ""
        };
        match node {
            Node::Literal { text, .. } => self.push(text.strip_prefix(slash).unwrap_or(text)),
            Node::Macro {
                name,
                optional,
                span,
            } => {
                if let Err(kind) = self.read_macro(name, *optional) {
                    self.errors.push(PlanError {
                        span: Some(*span),
                        kind: self.as_written(kind, *span),
                    });
                }
            }
        }
    }

    /// A fault of a macro, told of what the user wrote for it.
    fn as_written(&self, kind: PlanErrorKind, span: Span) -> PlanErrorKind {
        match (self.template.syntax(), kind) {
            // There is no `?` that would allow it.
            (KeySyntax::Airbyte, PlanErrorKind::ValueEmpty { .. }) => {
                let written = span.of(self.template.source()).to_owned();
                PlanErrorKind::PlaceholderEmpty { written }
            }
            (_, kind) => kind,
        }
    }

    fn read_macro(&mut self, name: &str, optional: bool) -> Result<(), PlanErrorKind> {
        match Source::of(name) {
            Source::CursorTime(format) => self.cursor(name, CursorField::Time(format), optional),
            Source::CursorRaw => self.cursor(name, CursorField::Raw, optional),
            Source::Part => self.open(route::PART),
            Source::PartIndex => self.open(route::PART_INDEX),
            Source::Uuid => self.uuid(name),
            Source::Load(format) => self.load(format),
            Source::LoadInstant(format) => self.load_instant(format),
            source => self.text(source, name, optional),
        }
    }

    fn cursor(
        &mut self,
        name: &str,
        field: CursorField,
        optional: bool,
    ) -> Result<(), PlanErrorKind> {
        let name = name.to_owned();
        match (self.cursor, field) {
            (CursorKind::None, _) => Err(PlanErrorKind::CursorMissing { name }),
            (CursorKind::Text, CursorField::Time(_)) => Err(PlanErrorKind::CursorNotTime { name }),
            _ => {
                self.granularity = self.granularity.max(field.granularity());
                self.pieces.push(Piece::Cursor {
                    name,
                    field,
                    optional,
                });
                Ok(())
            }
        }
    }

    fn open(&mut self, stand_in: char) -> Result<(), PlanErrorKind> {
        self.push(stand_in.encode_utf8(&mut [0; 4]));
        Ok(())
    }

    fn uuid(&mut self, name: &str) -> Result<(), PlanErrorKind> {
        if !self.values.has_run_id() {
            return Err(PlanErrorKind::RunIdMissing {
                name: name.to_owned(),
            });
        }
        self.differences.note(Source::Uuid);
        self.open(route::UUID)
    }

    fn load(&mut self, format: TimeFormat) -> Result<(), PlanErrorKind> {
        let mut text = String::new();
        format.write(&self.values.load_time, &mut text);
        self.differences.note(Source::Load(format));
        self.push(&text);
        Ok(())
    }

    fn load_instant(&mut self, format: InstantFormat) -> Result<(), PlanErrorKind> {
        let mut text = String::new();
        format.write(&self.values.load_time, &mut text);
        self.differences.note(Source::LoadInstant(format));
        self.push(&text);
        Ok(())
    }

    fn text(&mut self, source: Source, name: &str, optional: bool) -> Result<(), PlanErrorKind> {
        let mut text = String::new();
        escape(self.values.text(source, name), &mut text);
        // Airbyte's slashes vanish by themselves where nothing stands between them.
        self.vanished = text.is_empty() && self.template.syntax() == KeySyntax::Spile;
        if text.is_empty() && !optional {
            return Err(PlanErrorKind::ValueEmpty {
                name: name.to_owned(),
            });
        }
        if !text.is_empty() {
            self.differences.note(source);
        }
        self.push(&text);
        Ok(())
    }

    fn push(&mut self, text: &str) {
        let text = match self.template.syntax() {
            KeySyntax::Airbyte if self.is_after_slash() => text.strip_prefix('/').unwrap_or(text),
            _ => text,
        };
        match self.pieces.last_mut() {
            Some(Piece::Text(last)) => last.push_str(text),
            _ if text.is_empty() => {}
            _ => self.pieces.push(Piece::Text(text.to_owned())),
        }
    }

    /// Whether a further slash would leave a segment empty.
    fn is_after_slash(&self) -> bool {
        match self.pieces.last() {
            Some(Piece::Text(text)) => text.ends_with('/'),
            Some(Piece::Cursor { .. }) => false,
            None => true,
        }
    }

    fn finish(mut self) -> Result<KeyPlan, Vec<PlanError>> {
        if !self.errors.is_empty() {
            return Err(self.errors);
        }
        let plan = KeyPlan {
            template: self.template.source().to_owned(),
            suffix: suffix(&self.values.extension),
            run: run_uuid(&self.values.identity()),
            sample: Sample {
                kind: self.cursor,
                time: self.values.load_time,
            },
            pieces: std::mem::take(&mut self.pieces),
            granularity: self.granularity,
            repeats: self.differences.repeats(),
        };
        match plan.sample_key() {
            Ok(_) => Ok(plan),
            Err(error) => Err(vec![PlanError {
                span: None,
                kind: PlanErrorKind::Key(error),
            }]),
        }
    }
}

fn suffix(extension: &str) -> String {
    let mut suffix = String::new();
    if !extension.is_empty() {
        suffix.push('.');
        escape(extension, &mut suffix);
    }
    suffix
}
