//! What narrows a session of a role.

use super::action::Action;
use super::error::AccessError;
use super::grant::{allow, encrypt};
use super::policy::Policy;
use super::scope::Scope;

/// The characters of a session policy, as STS has it.
const SESSION_POLICY_CHARACTERS_MAX: usize = 2048;

impl Policy {
    /// What narrows a session of a role to a scope: it allows there all that Spile can use, since a
    /// session may do only what both this and the role allow.
    ///
    /// # Errors
    ///
    /// A prefix so long that STS wouldn't take the policy: 2,048 characters are its limit.
    pub fn of_session(scope: &Scope) -> Result<Self, AccessError> {
        let actions = [Action::REQUIRED, Action::OPTIONAL].concat();
        let mut statements = allow("SpileSession", &actions, scope);
        statements.push(encrypt("*"));
        let policy = Policy { statements };
        match policy.compact_json().chars().count() {
            0..=SESSION_POLICY_CHARACTERS_MAX => Ok(policy),
            count => {
                let reason = format!("the session policy for it would have {count} characters");
                let hint =
                    "2,048 is the limit: shorten the prefix, or leave the session policy out";
                let prefix = scope.prefix().map(ToString::to_string).unwrap_or_default();
                Err(AccessError::of("the prefix", &prefix, reason, hint))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::super::bucket_name::BucketName;
    use super::*;

    fn bucket() -> Scope {
        Scope::bucket(BucketName::new("acme-landing").unwrap())
    }

    #[test]
    fn a_session_is_narrowed_in_where_and_not_in_what() {
        assert_snapshot!(Policy::of_session(&bucket().under("raw/sales".parse().unwrap())).unwrap().compact_json(), @r#"{"Version":"2012-10-17","Statement":[{"Sid":"SpileSessionObjects","Effect":"Allow","Action":["s3:GetObject","s3:PutObject","s3:DeleteObject","s3:AbortMultipartUpload","s3:PutObjectTagging"],"Resource":"arn:aws:s3:::acme-landing/raw/sales/*"},{"Sid":"SpileSessionList","Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::acme-landing","Condition":{"StringLike":{"s3:prefix":"raw/sales/*"}}},{"Sid":"SpileSessionBucket","Effect":"Allow","Action":["s3:GetBucketLocation","s3:ListBucketMultipartUploads","s3:GetBucketVersioning","s3:GetLifecycleConfiguration"],"Resource":"arn:aws:s3:::acme-landing"},{"Sid":"SpileEncrypt","Effect":"Allow","Action":["kms:GenerateDataKey","kms:Decrypt"],"Resource":"*"}]}"#);
        let whole = Policy::of_session(&bucket()).unwrap();
        assert_eq!(whole.statements.len(), 2);
    }

    #[test]
    fn a_session_policy_has_room_for_most_prefixes() {
        let under = |count| bucket().under("x".repeat(count).parse().unwrap());
        let longest = Policy::of_session(&under(420)).unwrap();
        assert!(longest.compact_json().len() < SESSION_POLICY_CHARACTERS_MAX);
        let error = Policy::of_session(&under(1000)).unwrap_err();
        assert_eq!(
            error.reason,
            "the session policy for it would have 2697 characters"
        );
    }
}
