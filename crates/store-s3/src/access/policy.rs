//! Documents of IAM, of types.

use serde::ser::{Serialize, Serializer};

use super::action::Action;
use super::external_id::ExternalId;
use super::tree::Tree;

/// The version of the language; the only one in use.
const VERSION: &str = "2012-10-17";

/// A document of IAM: what is allowed. It serialises as IAM reads it, in the usual order.
///
/// There is no way to deny: what nothing allows is denied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// What is allowed; never empty.
    pub statements: Vec<Statement>,
}

/// Some actions that are allowed together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Its name within the policy: letters and digits.
    pub sid: String,
    /// Who may, by an ARN, in a trust policy. Elsewhere it is whoever the policy belongs to.
    pub principal: Option<String>,
    /// What may be done.
    pub actions: Vec<Action>,
    /// With what, by ARNs. A trust policy is about its own role, and names none.
    pub resources: Vec<String>,
    /// On what condition.
    pub condition: Option<Condition>,
}

/// What has to hold of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Condition {
    /// It comes with this External ID.
    ExternalId(ExternalId),
    /// It lists keys that are like this pattern.
    Prefix(String),
}

impl Policy {
    /// As IAM reads it, for people: JSON over several lines, with one at the end.
    ///
    /// In a trust policy, this shows the External ID.
    pub fn json(&self) -> String {
        self.tree().json() + "\n"
    }

    /// The same on one line: what requests carry, and what their limits count.
    pub fn compact_json(&self) -> String {
        self.tree().compact_json()
    }

    pub(crate) fn tree(&self) -> Tree {
        let statements = self.statements.iter().map(Statement::tree);
        Tree::map([
            ("Version", VERSION.into()),
            ("Statement", Tree::List(statements.collect())),
        ])
    }
}

impl Statement {
    /// As it stands in a policy: JSON over several lines.
    pub fn json(&self) -> String {
        self.tree().json() + "\n"
    }

    fn tree(&self) -> Tree {
        let mut entries = vec![
            ("Sid", self.sid.as_str().into()),
            ("Effect", "Allow".into()),
        ];
        if let Some(arn) = &self.principal {
            entries.push(("Principal", Tree::map([("AWS", arn.as_str().into())])));
        }
        let names = self.actions.iter().map(Action::to_string);
        entries.push(("Action", Tree::one_or_list(names.collect())));
        if !self.resources.is_empty() {
            entries.push(("Resource", Tree::one_or_list(self.resources.clone())));
        }
        if let Some(condition) = &self.condition {
            entries.push(("Condition", condition.tree()));
        }
        Tree::map(entries)
    }
}

impl Condition {
    /// How it compares, as IAM calls it.
    pub fn operator(&self) -> &'static str {
        match self {
            Condition::ExternalId(_) => "StringEquals",
            Condition::Prefix(_) => "StringLike",
        }
    }

    /// What it compares.
    pub fn key(&self) -> &'static str {
        match self {
            Condition::ExternalId(_) => "sts:ExternalId",
            Condition::Prefix(_) => "s3:prefix",
        }
    }

    /// What it compares to. This shows the External ID.
    pub fn expose(&self) -> &str {
        match self {
            Condition::ExternalId(id) => id.expose(),
            Condition::Prefix(pattern) => pattern,
        }
    }

    /// As it stands in a statement: JSON over several lines.
    pub fn json(&self) -> String {
        format!("\"Condition\": {}\n", self.tree().json())
    }

    fn tree(&self) -> Tree {
        let comparison = Tree::map([(self.key(), self.expose().into())]);
        Tree::map([(self.operator(), comparison)])
    }
}

impl Serialize for Policy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.tree().serialize(serializer)
    }
}

impl Serialize for Statement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.tree().serialize(serializer)
    }
}
