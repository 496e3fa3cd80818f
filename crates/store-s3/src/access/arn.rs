//! What all ARNs are made of.

use super::error::AccessError;
use super::partition::Partition;

/// An ARN taken apart: `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arn<'a> {
    pub(super) partition: &'a str,
    pub(super) service: &'a str,
    pub(super) region: &'a str,
    pub(super) account: &'a str,
    pub(super) resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Takes a text apart, or says why it is no ARN.
    pub(super) fn split(text: &'a str) -> Result<Self, &'static str> {
        let mut pieces = text.splitn(6, ':');
        let mut piece = || pieces.next().ok_or("it has too few parts for an ARN");
        if piece()? != "arn" {
            return Err("it doesn't begin with `arn:`");
        }
        Ok(Arn {
            partition: piece()?,
            service: piece()?,
            region: piece()?,
            account: piece()?,
            resource: piece()?,
        })
    }

    /// Its partition, or why there is none.
    pub(super) fn partition(&self) -> Result<Partition, String> {
        let parsed = self.partition.parse();
        parsed.map_err(|_: AccessError| format!("there is no partition `{}`", self.partition))
    }
}
