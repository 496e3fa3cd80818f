//! An access key.

use object_store::aws::AwsCredential;

use crate::s3::Secret;

/// An access key of a user, or a temporary one of a session.
#[derive(Clone, Debug)]
pub struct AccessKey {
    /// Its public half.
    pub access_key_id: String,
    /// Its secret half.
    pub secret_access_key: Secret,
    /// Where it is a temporary one.
    pub session_token: Option<Secret>,
}

impl AccessKey {
    /// As `object_store` signs with it.
    pub(crate) fn credential(&self) -> AwsCredential {
        let token = self.session_token.as_ref();
        AwsCredential {
            key_id: self.access_key_id.clone(),
            secret_key: self.secret_access_key.expose().to_owned(),
            token: token.map(|token| token.expose().to_owned()),
        }
    }
}
