#![doc = include_str!("../README.md")]

pub mod airbyte;
mod cursor;
mod diagnostic;
mod escape;
mod instant;
mod key;
mod key_error;
mod lint;
mod macros;
mod parse;
mod plan;
mod plan_error;
mod planner;
mod reference;
mod repeats;
mod route;
mod segments;
mod span;
mod standard;
#[cfg(test)]
mod strategies;
mod syntax;
mod template;
mod template_error;
mod time;
mod values;

pub use cursor::{CursorKind, CursorValue, Granularity};
pub use escape::escape_segment;
pub use key::{KEY_BYTES_MAX, ObjectKey};
pub use key_error::KeyError;
pub use lint::{KeyLint, KeyWarning};
pub use macros::{Macro, MacroSet, MacroSetError, Scope};
pub use plan::KeyPlan;
pub use plan_error::{PlanError, PlanErrorKind, PlanErrors};
pub use reference::REFERENCE_MD;
pub use repeats::Repeats;
pub use route::RouteKey;
pub use span::Span;
pub use syntax::KeySyntax;
pub use template::{Node, Template};
pub use template_error::{TemplateError, TemplateErrorKind, TemplateErrors};
pub use values::RunValues;
