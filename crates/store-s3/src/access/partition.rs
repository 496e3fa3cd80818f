//! The parts of AWS that know nothing of each other.

use std::fmt;
use std::str::FromStr;

use super::error::AccessError;

/// A part of AWS with accounts, names and endpoints of its own. Roles can't be taken on across it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Partition {
    /// `aws`: all regions but those of the others.
    #[default]
    Aws,
    /// `aws-cn`: China.
    AwsCn,
    /// `aws-us-gov`: GovCloud of the United States.
    AwsUsGov,
}

impl Partition {
    /// All of them.
    pub const ALL: [Partition; 3] = [Partition::Aws, Partition::AwsCn, Partition::AwsUsGov];

    /// Its name, as it stands in ARNs.
    pub fn name(self) -> &'static str {
        match self {
            Partition::Aws => "aws",
            Partition::AwsCn => "aws-cn",
            Partition::AwsUsGov => "aws-us-gov",
        }
    }

    /// What its hosts end with, without a dot before it: `amazonaws.com`.
    pub fn dns_suffix(self) -> &'static str {
        match self {
            Partition::Aws | Partition::AwsUsGov => "amazonaws.com",
            Partition::AwsCn => "amazonaws.com.cn",
        }
    }

    /// The one that a region is in.
    pub fn of_region(region: &str) -> Partition {
        match region {
            region if region.starts_with("cn-") => Partition::AwsCn,
            region if region.starts_with("us-gov-") => Partition::AwsUsGov,
            _ => Partition::Aws,
        }
    }

    /// The region to ask where none is named.
    pub fn default_region(self) -> &'static str {
        match self {
            Partition::Aws => "us-east-1",
            Partition::AwsCn => "cn-north-1",
            Partition::AwsUsGov => "us-gov-west-1",
        }
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Partition {
    type Err = AccessError;

    fn from_str(text: &str) -> Result<Self, AccessError> {
        let known = Partition::ALL.into_iter().find(|one| one.name() == text);
        known.ok_or_else(|| {
            let hint = "write aws, aws-cn (China) or aws-us-gov (GovCloud)";
            AccessError::of("the partition", text, "there is none of this name", hint)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_its_name() {
        for partition in Partition::ALL {
            assert_eq!(partition.to_string().parse(), Ok(partition));
        }
        let error = "aws_cn".parse::<Partition>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "use the partition `aws_cn`: there is none of this name"
        );
    }

    #[test]
    fn each_has_hosts_and_regions_of_its_own() {
        let host = |partition: Partition| {
            format!(
                "sts.{}.{}",
                partition.default_region(),
                partition.dns_suffix()
            )
        };
        assert_eq!(
            Partition::ALL.map(host),
            [
                "sts.us-east-1.amazonaws.com",
                "sts.cn-north-1.amazonaws.com.cn",
                "sts.us-gov-west-1.amazonaws.com",
            ]
        );
    }
}
