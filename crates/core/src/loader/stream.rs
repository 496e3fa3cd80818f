//! A stream of a run, and what its objects are like.

use std::sync::Arc;

use arrow::datatypes::{Schema, SchemaRef};

use crate::bucket::Condition;
use crate::moment::Zone;
use crate::object::{ObjectPlan, PublishWhen};
use crate::router::Router;
use crate::run::PublishMode;
use crate::source::StreamName;
use crate::stream_plan::{StreamPlan, WriteMode};

/// A stream that has begun.
pub(super) struct Stream {
    pub(super) name: StreamName,
    /// The generation of its records, where the source numbers them.
    pub(super) generation: Option<i64>,
    pub(super) plan: StreamPlan,
    /// The declared columns that records are checked against.
    pub(super) refusing: Option<SchemaRef>,
    pub(super) router: Router,
    /// What the next object begins with, once there is any.
    pub(super) schema: SchemaRef,
    pub(super) has_schema: bool,
    /// Whether the source gave the columns their types.
    pub(super) typed: bool,
    /// Whether its records are bad ones of the stream, set aside.
    pub(super) is_quarantine: bool,
}

impl Stream {
    pub(super) fn new(name: StreamName, plan: StreamPlan, zone: Zone, typed: bool) -> Self {
        Self {
            name,
            generation: None,
            router: Router::new(Arc::clone(&plan.keys), plan.cursor.clone(), zone),
            refusing: plan.refusing(),
            plan,
            schema: SchemaRef::new(Schema::empty()),
            has_schema: false,
            typed,
            is_quarantine: false,
        }
    }

    /// What is known of an object of a route when it begins.
    pub(super) fn object_plan(&self, route: usize, publish: PublishMode) -> ObjectPlan {
        let condition = match self.plan.write {
            WriteMode::Append | WriteMode::Replace(_) => Condition::IfAbsent,
            WriteMode::Overwrite => Condition::Replace,
        };
        let publish = match (self.plan.write, publish) {
            (WriteMode::Append, PublishMode::Object) => PublishWhen::Sealed,
            _ => PublishWhen::RunEnds,
        };
        let route = self.router.route_at(route);
        ObjectPlan {
            stream: self.name.clone(),
            is_quarantine: self.is_quarantine,
            generation: self.generation,
            keys: Arc::clone(&self.plan.keys),
            route: route.key.clone(),
            period: route.period.clone(),
            schema: Arc::clone(&self.schema),
            typed: self.typed,
            content_type: self.plan.encoding.content_type().to_owned(),
            condition,
            publish,
        }
    }
}
