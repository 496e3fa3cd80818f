//! A stream of a run, and what its objects are like.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;

use crate::bucket::Condition;
use crate::object::{ObjectPlan, PublishWhen};
use crate::router::Router;
use crate::run::PublishMode;
use crate::source::StreamName;
use crate::stream_plan::{StreamPlan, WriteMode};

/// A stream that has begun.
pub(super) struct Stream {
    pub(super) name: StreamName,
    pub(super) plan: StreamPlan,
    pub(super) router: Router,
    /// What the next object begins with.
    pub(super) schema: SchemaRef,
    /// Whether the source gave the columns their types.
    pub(super) typed: bool,
}

impl Stream {
    /// What is known of an object of a route when it begins.
    pub(super) fn object_plan(&self, route: usize, publish: PublishMode) -> ObjectPlan {
        let condition = match self.plan.write {
            WriteMode::Append | WriteMode::Replace => Condition::IfAbsent,
            WriteMode::Overwrite => Condition::Replace,
        };
        let publish = match (self.plan.write, publish) {
            (WriteMode::Append, PublishMode::Object) => PublishWhen::Sealed,
            _ => PublishWhen::RunEnds,
        };
        let route = self.router.route_at(route);
        ObjectPlan {
            stream: self.name.clone(),
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
