//! What the setup was told, read: all faults are noted, none ends the reading.

use std::str::FromStr;

use spile_store_s3::access::{AccessError, Grant, KmsKeyArn, Partition, Scope};

use super::args::GrantArgs;
use crate::config::{ConfigFault, ConfigFaults};

/// Reads a text, or notes what is wrong with it.
pub(super) fn read<T>(faults: &mut ConfigFaults, flag: &str, text: &str) -> Option<T>
where
    T: FromStr<Err = AccessError>,
{
    let fault = |error: AccessError| {
        let message = format!("{} can't be used: {}", error.subject, error.reason);
        ConfigFault::new(flag, message).hint(error.hint)
    };
    faults.check(text.parse().map_err(fault))
}

/// Reads a text that may not have been given.
pub(super) fn read_if<T>(faults: &mut ConfigFaults, flag: &str, text: Option<&str>) -> Option<T>
where
    T: FromStr<Err = AccessError>,
{
    text.and_then(|text| read(faults, flag, text))
}

/// Reads a grant. Its partition is named, or is that of whatever has one: `also` has a flag and
/// the partition of its ARN.
pub(super) fn read_grant(
    faults: &mut ConfigFaults,
    args: &GrantArgs,
    also: Option<(&'static str, Partition)>,
) -> Option<Grant> {
    let bucket = read_if(faults, "--bucket", args.bucket.as_deref());
    let prefix = read_if(faults, "--prefix", args.prefix.as_deref());
    let kms_key = read_if(faults, "--kms-key", args.kms_key.as_deref());
    let of_key = kms_key
        .as_ref()
        .map(|key: &KmsKeyArn| ("--kms-key", key.partition()));
    let named = read_if(faults, "--partition", args.partition.as_deref());
    let of_arns = [also, of_key].into_iter().flatten();
    let partition = faults.check(agreed(named, of_arns))?;
    let mut scope = Scope::bucket(bucket?).in_partition(partition);
    if let Some(prefix) = prefix {
        scope = scope.under(prefix);
    }
    let mut grant = Grant::new(scope);
    grant.kms_key = kms_key;
    grant.abort_multipart = args.abort_multipart;
    grant.object_tags = args.object_tags;
    Some(grant)
}

/// The partition that all agree on.
fn agreed(
    named: Option<Partition>,
    of_arns: impl Iterator<Item = (&'static str, Partition)>,
) -> Result<Partition, ConfigFault> {
    let mut agreed = named.map(|partition| ("--partition", partition));
    for (flag, partition) in of_arns {
        let (other, expected) = *agreed.get_or_insert((flag, partition));
        if partition != expected {
            let message = format!("this is in {partition}, but {other} says {expected}");
            let hint = "a role, its bucket and its key are in the same part of AWS";
            return Err(ConfigFault::new(flag, message).hint(hint));
        }
    }
    Ok(agreed.map(|(_, partition)| partition).unwrap_or_default())
}
